#include "stores/pyramid_stream.h"

#include <algorithm>
#include <utility>

#include "base/checked.h"
#include "base/parallel.h"

namespace swr {
namespace {

// The slowest axis along which the version before is longer. A slice is what is faster than it.
int slice_axis(const Reducer& reducer, int dimensions) {
  int axis = dimensions - 1;
  while (axis > 0 && reducer.factors()[axis] == 1) --axis;
  return axis;
}

int64_t slice_bytes(const LinearOrder& order, int axis) {
  int64_t bytes = order.pixel_bytes();
  for (int faster = 0; faster < axis; ++faster) bytes = checked_multiply(bytes, order.size[faster]);
  return bytes;
}

// Slices that are made at once where they are short, in bytes.
constexpr int64_t few_bytes = int64_t{1} << 18;

// So many slices from `first` on, of an image that has one pixel along slower axes.
Region slices(const LinearOrder& order, int axis, int64_t first, int64_t count) {
  Region region = whole(order.dimensions, order.size);
  region.index[axis] = first;
  region.size[axis] = count;
  std::fill(region.size.begin() + axis + 1, region.size.begin() + order.dimensions, 1);
  return region;
}

}  // namespace

// Makes the slices of a level from those of the version before it, of which some may have to wait.
class PyramidStream::Slices {
 public:
  Slices(const LinearOrder& larger, const LinearOrder& smaller, const Reducer& reducer, int threads)
      : larger_(larger),
        smaller_(smaller),
        reducer_(reducer),
        threads_(threads),
        axis_(slice_axis(reducer, larger.dimensions)),
        larger_bytes_(slice_bytes(larger, axis_)),
        smaller_bytes_(slice_bytes(smaller, axis_)) {}

  // Calls use(pixels) for slices of the next level, some at a time.
  template <typename Use>
  void take(std::span<const std::byte> pixels, const Use& use) {
    while (!pixels.empty()) {
      const auto needed = static_cast<size_t>(together(next_) * larger_bytes_);
      if (waiting_.empty() && pixels.size() >= needed) {
        const int64_t count = slices_at_once(pixels.size());
        const auto bytes = static_cast<size_t>(count * larger_bytes_);
        use(reduced(pixels.first(bytes), count));
        pixels = pixels.subspan(bytes);
        continue;
      }
      const auto part = pixels.first(std::min(needed - waiting_.size(), pixels.size()));
      waiting_.insert(waiting_.end(), part.begin(), part.end());
      pixels = pixels.subspan(part.size());
      if (waiting_.size() < needed) return;
      use(reduced(waiting_, together(next_)));
      waiting_.clear();
    }
  }

  static int64_t most_at_once(int64_t smaller_bytes, int threads) {
    return std::max<int64_t>(threads, few_bytes / smaller_bytes);
  }

 private:
  int64_t factor() const { return reducer_.factors()[axis_]; }
  // How many of the larger version become one slice, from this one on.
  int64_t together(int64_t first) const { return std::min(factor(), larger_.size[axis_] - first); }

  // How many whole boxes are made together of so many bytes, in slices of the larger version.
  int64_t slices_at_once(size_t bytes) const {
    const int64_t left = larger_.size[axis_] - next_;
    const int64_t slices = std::min(left, static_cast<int64_t>(bytes) / larger_bytes_);
    const int64_t boxes = slices == left ? divide_up(slices, factor()) : slices / factor();
    return std::min(left, std::min(boxes, most_at_once(smaller_bytes_, threads_)) * factor());
  }

  // Of the slices of the larger version from next_ on. Not worth a thread if they are few.
  std::span<const std::byte> reduced(std::span<const std::byte> pixels, int64_t count) {
    const int64_t boxes = divide_up(count, factor());
    made_.resize(static_cast<size_t>(boxes * smaller_bytes_));
    const int threads = std::ssize(pixels) < few_bytes ? 1 : threads_;
    parallel_for(boxes, threads, [&](int64_t box) {
      const int64_t first = next_ + box * factor();
      reducer_.reduce(slices(larger_, axis_, first, together(first)),
                      pixels.data() + box * factor() * larger_bytes_,
                      slices(smaller_, axis_, first / factor(), 1),
                      made_.data() + box * smaller_bytes_);
    });
    next_ = next_ + count == larger_.size[axis_] ? 0 : next_ + count;
    return made_;
  }

  const LinearOrder& larger_;
  const LinearOrder& smaller_;
  const Reducer& reducer_;
  const int threads_;
  const int axis_;
  const int64_t larger_bytes_, smaller_bytes_;  // of a slice
  int64_t next_ = 0;                            // the first slice that is not made into a next one
  std::vector<std::byte> waiting_, made_;
};

// Collects the pixels of a level until they are a layer of its chunks.
class PyramidStream::Level {
 public:
  Level(ChunkSink& sink, const LinearOrder& order, int threads)
      : stream_(sink, order.pixel_bytes(), nullptr), threads_(threads) {}

  void take(std::span<const std::byte> pixels) {
    while (!pixels.empty()) {
      const int64_t layer_bytes = stream_.next_break(offset_, 0) - offset_;
      const auto room = static_cast<size_t>(layer_bytes) - layer_.size();
      layer_.reserve(static_cast<size_t>(layer_bytes));
      const auto part = pixels.first(std::min(room, pixels.size()));
      layer_.insert(layer_.end(), part.begin(), part.end());
      pixels = pixels.subspan(part.size());
      if (part.size() < room) return;
      stream_.put(offset_, layer_, threads_);
      offset_ += layer_bytes;
      layer_.clear();
    }
  }

  std::unique_ptr<Slices> next{};  // for the level after this one; null for the last one

 private:
  ChunkStream stream_;
  const int threads_;
  int64_t offset_ = 0;  // of the layer that waits
  std::vector<std::byte> layer_;
};

PyramidStream::PyramidStream(const Layout& image, PyramidSinks& sinks, int threads) {
  const auto slices_for = [&](int level) {
    const LinearOrder& larger = level == 0 ? image.order : sinks.order(level - 1);
    return std::make_unique<Slices>(larger, sinks.order(level), sinks.reducer(level), threads);
  };
  first_ = slices_for(0);
  for (int level = 0; level < sinks.levels(); ++level) {
    levels_.push_back(std::make_unique<Level>(sinks.sink(level), sinks.order(level), threads));
    if (level > 0) levels_[static_cast<size_t>(level - 1)]->next = slices_for(level);
  }
}

PyramidStream::~PyramidStream() = default;

void PyramidStream::take(std::span<const std::byte> layer) {
  first_->take(layer, [this](std::span<const std::byte> slices) { put(0, slices); });
}

void PyramidStream::put(size_t level, std::span<const std::byte> pixels) {
  Level& each = *levels_[level];
  each.take(pixels);
  if (!each.next) return;
  each.next->take(pixels,
                  [this, level](std::span<const std::byte> slices) { put(level + 1, slices); });
}

PyramidStream::Need PyramidStream::need_of(const Layout& image) {
  Need need;
  for (size_t level = 0; level < image.pyramid->levels.size(); ++level) {
    const Layout& layout = image.pyramid->levels[level];
    const LinearOrder& before = larger_order(image, level);
    const Reducer reducer(*image.pyramid, image.big_endian, before, layout.order);
    const int axis = slice_axis(reducer, before.dimensions);
    const int64_t waiting = checked_multiply(slice_bytes(before, axis), reducer.factors()[axis]);
    const int64_t layer = ChunkStream::block_bytes(layout.grid(), layout.order.pixel_bytes());
    const int64_t chunk =
        checked_multiply(layout.grid().chunk_pixels(), layout.order.pixel_bytes());
    need.bytes = checked_add(need.bytes, checked_add(waiting, checked_add(layer, few_bytes)));
    // A slice that is made on each thread, and a chunk there, raw and encoded.
    need.bytes_of_thread =
        std::max(need.bytes_of_thread,
                 checked_add(slice_bytes(layout.order, axis), checked_multiply(chunk, 2)));
  }
  return need;
}

}  // namespace swr
