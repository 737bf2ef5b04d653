#include "stores/pyramid_stream.h"

#include <algorithm>
#include <utility>

#include "base/checked.h"

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

// So many slices from `first` on, of an image that has one pixel along slower axes.
Region slices(const LinearOrder& order, int axis, int64_t first, int64_t count) {
  Region region = whole(order.dimensions, order.size);
  region.index[axis] = first;
  region.size[axis] = count;
  std::fill(region.size.begin() + axis + 1, region.size.begin() + order.dimensions, 1);
  return region;
}

// Whether each layer is made of whole boxes of the larger version, or ends where the image does.
bool has_whole_boxes(const Grid& grid, const Reducer& reducer) {
  const int axis = slice_axis(reducer, grid.dimensions);
  const Region layer = grid.layer_at(0);
  for (int faster = 0; faster < axis; ++faster) {
    if (layer.size[faster] < grid.size[faster]) return false;
  }
  return layer.size[axis] == grid.size[axis] || layer.size[axis] % reducer.factors()[axis] == 0;
}

}  // namespace

// Collects the slices of a version until they make one of the next level.
class PyramidStream::Slices {
 public:
  Slices(const LinearOrder& larger, const LinearOrder& smaller, const Reducer& reducer)
      : larger_(larger),
        smaller_(smaller),
        reducer_(reducer),
        axis_(slice_axis(reducer, larger.dimensions)),
        slice_bytes_(slice_bytes(larger, axis_)) {}

  // Calls use(pixels) for each slice of the next level.
  template <typename Use>
  void take(std::span<const std::byte> pixels, const Use& use) {
    while (!pixels.empty()) {
      const int64_t count = together();
      const auto room = static_cast<size_t>(count * slice_bytes_) - waiting_.size();
      const auto part = pixels.first(std::min(room, pixels.size()));
      waiting_.insert(waiting_.end(), part.begin(), part.end());
      pixels = pixels.subspan(part.size());
      if (part.size() < room) return;
      use(slice(count));
      waiting_.clear();
      next_ = next_ + count == larger_.size[axis_] ? 0 : next_ + count;
    }
  }

 private:
  // How many of the larger version become the next slice.
  int64_t together() const {
    return std::min(reducer_.factors()[axis_], larger_.size[axis_] - next_);
  }

  std::span<const std::byte> slice(int64_t count) {
    const Region to = slices(smaller_, axis_, next_ / reducer_.factors()[axis_], 1);
    made_.resize(static_cast<size_t>(to.pixels() * smaller_.pixel_bytes()));
    reducer_.reduce(slices(larger_, axis_, next_, count), waiting_.data(), to, made_.data());
    return made_;
  }

  const LinearOrder& larger_;
  const LinearOrder& smaller_;
  const Reducer& reducer_;
  const int axis_;
  const int64_t slice_bytes_;
  int64_t next_ = 0;  // the first slice that waits
  std::vector<std::byte> waiting_, made_;
};

// Collects the pixels of a level until they are a layer of its chunks.
class PyramidStream::Level {
 public:
  Level(ChunkSink& sink, const LinearOrder& order, int threads)
      : stream_(sink, order.pixel_bytes(), threads) {}

  void take(std::span<const std::byte> pixels) {
    while (!pixels.empty()) {
      const int64_t layer_bytes = stream_.next_break(offset_, 0) - offset_;
      const auto room = static_cast<size_t>(layer_bytes) - layer_.size();
      const auto part = pixels.first(std::min(room, pixels.size()));
      layer_.insert(layer_.end(), part.begin(), part.end());
      pixels = pixels.subspan(part.size());
      if (part.size() < room) return;
      stream_.place(stream_.encode(offset_, layer_));
      offset_ += layer_bytes;
      layer_.clear();
    }
  }

  std::unique_ptr<Slices> next{};  // for the level after this one; null for the last one

 private:
  ChunkStream stream_;
  int64_t offset_ = 0;  // of the layer that waits
  std::vector<std::byte> layer_;
};

PyramidStream::PyramidStream(const Layout& image, PyramidSinks& sinks, int threads)
    : image_(image),
      sinks_(sinks),
      reduces_layers_(has_whole_boxes(image.grid(), sinks.reducer(0))) {
  for (int level = 0; level < sinks.levels(); ++level) {
    levels_.push_back(std::make_unique<Level>(sinks.sink(level), sinks.order(level), threads));
  }
  first_ = std::make_unique<Slices>(image.order, sinks.order(0), sinks.reducer(0));
  for (int level = 1; level < sinks.levels(); ++level) {
    levels_[static_cast<size_t>(level - 1)]->next =
        std::make_unique<Slices>(sinks.order(level - 1), sinks.order(level), sinks.reducer(level));
  }
}

PyramidStream::~PyramidStream() = default;

std::vector<std::byte> PyramidStream::prepare(const Region& layer,
                                              std::span<const std::byte> pixels) const {
  if (!reduces_layers_) return {pixels.begin(), pixels.end()};
  const Reducer& reducer = sinks_.reducer(0);
  const Region to = reducer.touched_by(layer);
  std::vector<std::byte> reduced(static_cast<size_t>(to.pixels() * image_.order.pixel_bytes()));
  reducer.reduce(layer, pixels.data(), to, reduced.data());
  return reduced;
}

void PyramidStream::take(std::span<const std::byte> prepared) {
  if (reduces_layers_) return put(0, prepared);
  first_->take(prepared, [this](std::span<const std::byte> slice) { put(0, slice); });
}

void PyramidStream::put(size_t level, std::span<const std::byte> pixels) {
  Level& each = *levels_[level];
  each.take(pixels);
  if (!each.next) return;
  each.next->take(pixels,
                  [this, level](std::span<const std::byte> slice) { put(level + 1, slice); });
}

int64_t PyramidStream::waiting_bytes(const Layout& image) {
  int64_t bytes = 0;
  for (size_t level = 0; level < image.pyramid->levels.size(); ++level) {
    const Layout& layout = image.pyramid->levels[level];
    const LinearOrder& before = larger_order(image, level);
    const Reducer reducer(*image.pyramid, image.big_endian, before, layout.order);
    const int axis = slice_axis(reducer, before.dimensions);
    const int64_t waiting = checked_multiply(slice_bytes(before, axis), reducer.factors()[axis]);
    const int64_t layer = ChunkStream::block_bytes(layout.grid(), layout.order.pixel_bytes());
    // The layer, and its chunks.
    bytes = checked_add(bytes, checked_add(waiting, checked_multiply(layer, 2)));
  }
  return bytes;
}

}  // namespace swr
