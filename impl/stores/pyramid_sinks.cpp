#include "stores/pyramid_sinks.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/checked.h"
#include "image/copy.h"
#include "stores/chunked_reader.h"

namespace swr {
namespace {

// Reads chunks that a sink has placed, or that were in its file before.
class SinkReader final : public ChunkedReader {
 public:
  SinkReader(ChunkSink& sink, int64_t pixel_bytes)
      : ChunkedReader(sink.grid(), pixel_bytes), sink_(sink) {}

 private:
  std::vector<std::byte> pixels_of(int64_t chunk, const Region& box) const override {
    std::vector<std::byte> pixels(static_cast<size_t>(box.pixels() * pixel_bytes()));
    sink_.read(chunk, pixels);
    return pixels;
  }

  ChunkSink& sink_;
};

// Boxes that are alike become one: neighbours of the image are the same pixels of a level.
std::vector<Region> touched_by(const Reducer& reducer, std::span<const Region> boxes) {
  std::vector<Region> touched;
  for (const Region& box : boxes) {
    const Region each = reducer.touched_by(box);
    if (!each.empty()) touched.push_back(each);
  }
  const auto key = [](const Region& box) { return std::pair(box.index, box.size); };
  std::ranges::sort(touched, {}, key);
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  return touched;
}

Region bounds_of(std::span<const Region> boxes) {
  Region bounds = boxes.front();
  for (const Region& box : boxes) {
    for (int axis = 0; axis < box.dimensions; ++axis) {
      const int64_t end =
          std::max(bounds.index[axis] + bounds.size[axis], box.index[axis] + box.size[axis]);
      bounds.index[axis] = std::min(bounds.index[axis], box.index[axis]);
      bounds.size[axis] = end - bounds.index[axis];
    }
  }
  return bounds;
}

// What changes of a level.
class LevelUpdate {
 public:
  LevelUpdate(ChunkSink& larger, ChunkSink& level, const Reducer& reducer, int64_t pixel_bytes,
              std::span<const Region> boxes)
      : larger_(larger, pixel_bytes),
        level_(level),
        reducer_(reducer),
        pixel_bytes_(pixel_bytes),
        boxes_(boxes) {}

  void run(const EncodeChunks& encode_chunks) {
    std::set<int64_t> touched, covered;
    for (const Region& box : boxes_) {
      for (const int64_t chunk : level_.grid().chunks_of(box)) {
        touched.insert(chunk);
        if (box.contains(level_.grid().box(chunk))) covered.insert(chunk);
      }
    }
    for (const int64_t chunk : covered) touched.erase(chunk);
    const auto compose = [this](int64_t chunk, std::span<std::byte> pixels) {
      make(level_.grid().box(chunk), pixels);
    };
    if (!covered.empty()) encode_chunks(level_, covered, ChunkBase::none, compose);
    if (!touched.empty()) encode_chunks(level_, touched, ChunkBase::placed, compose);
  }

 private:
  void make(const Region& chunk, std::span<std::byte> pixels) {
    std::vector<Region> parts;
    for (const Region& box : boxes_) {
      const Region part = box.intersection(chunk);
      if (!part.empty()) parts.push_back(part);
    }
    const Region bounds = bounds_of(parts), source = reducer_.source_of(bounds);
    std::vector<std::byte> from(static_cast<size_t>(source.pixels() * pixel_bytes_));
    std::vector<std::byte> made(static_cast<size_t>(bounds.pixels() * pixel_bytes_));
    larger_.read(source, from);
    reducer_.reduce(source, from.data(), bounds, made.data());
    for (const Region& part : parts)
      copy_region(part, pixel_bytes_, made.data(), bounds, pixels.data(), chunk);
  }

  SinkReader larger_;
  ChunkSink& level_;
  const Reducer& reducer_;
  const int64_t pixel_bytes_;
  const std::span<const Region> boxes_;
};

int64_t bytes_of_chunk(const Layout& layout) {
  return checked_multiply(layout.grid().chunk_pixels(), layout.order.pixel_bytes());
}

}  // namespace

PyramidSinks::PyramidSinks(const Layout& image, std::vector<std::unique_ptr<ChunkSink>> sinks)
    : image_(image), sinks_(std::move(sinks)) {
  for (size_t level = 0; level < sinks_.size(); ++level)
    reducers_.emplace_back(*image.pyramid, image.big_endian, larger_order(image, level),
                           image.pyramid->levels[level].order);
}

const LinearOrder& PyramidSinks::order(int level) const {
  return image_.pyramid->levels[static_cast<size_t>(level)].order;
}

void PyramidSinks::update(ChunkSink& image, std::span<const Region> boxes,
                          const EncodeChunks& encode_chunks) {
  ChunkSink* larger = &image;
  std::vector<Region> changed(boxes.begin(), boxes.end());
  for (size_t level = 0; level < sinks_.size(); ++level) {
    changed = touched_by(reducers_[level], changed);
    LevelUpdate(*larger, *sinks_[level], reducers_[level], image_.order.pixel_bytes(), changed)
        .run(encode_chunks);
    larger = sinks_[level].get();
  }
}

bool PyramidSinks::empty_is(std::span<const std::byte> pixel) const {
  return std::ranges::all_of(sinks_, [](const auto& sink) { return sink->absent_is_fill(); }) &&
         std::ranges::all_of(reducers_,
                             [&](const Reducer& reducer) { return reducer.keeps(pixel); });
}

void PyramidSinks::finish() {
  for (const auto& sink : sinks_) sink->finish();
}

int64_t PyramidSinks::bytes_of_update(const Layout& image) {
  int64_t most = 0, larger_chunk = bytes_of_chunk(image);
  for (size_t level = 0; level < image.pyramid->levels.size(); ++level) {
    const Layout& layout = image.pyramid->levels[level];
    const Reducer reducer(*image.pyramid, false, larger_order(image, level), layout.order);
    const int64_t chunk = bytes_of_chunk(layout);
    int64_t source = chunk;
    for (int axis = 0; axis < layout.order.dimensions; ++axis)
      source = checked_multiply(source, reducer.factors()[axis]);
    most = std::max(most, checked_add(source, chunk + 2 * larger_chunk));
    larger_chunk = chunk;
  }
  return most;
}

}  // namespace swr
