#include "formats/zarr_chunks.h"

#include <algorithm>

#include "base/checked.h"
#include "stores/overlay.h"

namespace swr {

// The axes of the image are the other ones, in reverse order.
int ZarrChunks::image_axis(int of_array) const {
  const int after = array_.dimensions() - 1 - of_array;
  return after - (storage_.channel_axis > of_array ? 1 : 0);
}

ZarrChunks::ZarrChunks(const Layout& layout)
    : layout_(layout),
      storage_(zarr_storage(layout)),
      array_(storage_.array),
      element_bytes_(array_.pixel.bytes()) {
  const int rank = array_.dimensions();
  axes_.resize(static_cast<size_t>(rank));
  raw_bytes_ = element_bytes_;
  for (int i = rank - 1; i >= 0; --i) {
    const auto at = static_cast<size_t>(i);
    const int of_array = array_.axis_order.empty() ? i : array_.axis_order[at];
    axes_[at] = {of_array, raw_bytes_};
    raw_bytes_ = checked_multiply(raw_bytes_, array_.chunk[static_cast<size_t>(of_array)]);
  }
  if (storage_.channel_axis < 0) return;
  channels_ = array_.chunk[static_cast<size_t>(storage_.channel_axis)];
  columns_ = static_cast<int>(divide_up(layout.order.components, channels_));
}

ZarrChunks::Stored ZarrChunks::place_of(int64_t chunk, int column) const {
  const Index place = grid().place_of(chunk);
  ZarrShape numbers(array_.shape.size());
  Stored stored;
  for (int axis = 0; axis < array_.dimensions(); ++axis) {
    const auto at = static_cast<size_t>(axis);
    numbers[at] =
        axis == storage_.channel_axis ? column : place[static_cast<size_t>(image_axis(axis))];
    const int64_t in_file = array_.file_shape()[at] / array_.chunk[at];
    stored.in_shard = stored.in_shard * in_file + numbers[at] % in_file;
    numbers[at] /= in_file;
  }
  stored.key = zarr_key(array_.keys, numbers);
  return stored;
}

std::vector<int64_t> ZarrChunks::chunks_in(std::span<const int64_t> file) const {
  Region box = whole(grid().dimensions, grid().size);
  for (int axis = 0; axis < array_.dimensions(); ++axis) {
    const auto at = static_cast<size_t>(axis);
    const int64_t extent = array_.shape[at], step = array_.file_shape()[at];
    if (file[at] >= divide_up(extent, step)) return {};
    if (axis == storage_.channel_axis) continue;
    const int of_image = image_axis(axis);
    box.index[of_image] = file[at] * step;
    box.size[of_image] = std::min(step, extent - box.index[of_image]);
  }
  return grid().chunks_of(box);
}

int64_t ZarrChunks::count_in(std::span<const int64_t> file) const {
  int64_t count = 1;
  for (size_t at = 0; at < file.size(); ++at) {
    const int64_t begin = file[at] * array_.file_shape()[at];
    const int64_t pixels = std::min(array_.file_shape()[at], array_.shape[at] - begin);
    count *= pixels > 0 ? divide_up(pixels, array_.chunk[at]) : 0;
  }
  return count;
}

ZarrChunks::Way ZarrChunks::way_of(int column, const Region& box) const {
  Way way;
  const int64_t components = layout_.order.components;
  way.pixels = column * channels_ * element_bytes_;
  Index steps{};
  int64_t step = layout_.order.pixel_bytes();
  for (int axis = 0; axis < box.dimensions; ++axis) {
    steps[axis] = step;
    step *= box.size[axis];
  }
  for (const Axis& axis : axes_) {
    if (axis.of_array == storage_.channel_axis) {
      way.axes.push_back(
          {std::min(channels_, components - column * channels_), axis.step, element_bytes_});
    } else {
      const int of_image = image_axis(axis.of_array);
      way.axes.push_back({box.size[of_image], axis.step, steps[of_image]});
    }
  }
  return way;
}

bool ZarrChunks::are_packed(const Region& box) const {
  if (columns_ != 1 || box.pixels() * layout_.order.pixel_bytes() != raw_bytes_) return false;
  return std::ranges::all_of(way_of(0, box).axes, [](const StridedAxis& axis) {
    return axis.count == 1 || axis.from == axis.to;
  });
}

void ZarrChunks::unpack(std::span<const std::byte> raw, int column, const Region& box,
                        std::span<std::byte> pixels) const {
  const Way way = way_of(column, box);
  copy_strided(way.axes, element_bytes_, raw.data(), pixels.data() + way.pixels);
}

void ZarrChunks::pack(std::span<const std::byte> pixels, int column, const Region& box,
                      std::span<std::byte> raw) const {
  Way way = way_of(column, box);
  for (StridedAxis& axis : way.axes) std::swap(axis.from, axis.to);
  copy_strided(way.axes, element_bytes_, pixels.data() + way.pixels, raw.data());
}

std::vector<std::byte> ZarrChunks::filled() const {
  std::vector<std::byte> raw(static_cast<size_t>(raw_bytes_));
  if (!array_.fill.empty()) fill_with(array_.fill, 0, raw);
  return raw;
}

Index zarr_file_shape(const ZarrArray& array, int channel_axis) {
  Index shape{};
  for_each_image_axis(array.dimensions(), channel_axis, [&](size_t of_array, int axis) {
    shape[axis] = array.file_shape()[of_array];
  });
  return shape;
}

Grid zarr_grid(const ZarrArray& array, int channel_axis, const Region& image) {
  Grid grid{.dimensions = image.dimensions, .size = image.size};
  for_each_image_axis(array.dimensions(), channel_axis,
                      [&](size_t of_array, int axis) { grid.chunk[axis] = array.chunk[of_array]; });
  return grid;
}

}  // namespace swr
