#include "formats/zarr_levels.h"

#include <algorithm>

#include "base/checked.h"
#include "base/error.h"
#include "formats/zarr_chunks.h"
#include "formats/zarr_image.h"
#include "formats/zarr_metadata.h"
#include "formats/zarr_shard_shape.h"

namespace swr {
namespace {

// The size of the image in an array of this shape.
Index size_of(const ZarrShape& shape, int channel_axis) {
  Index size{};
  for_each_image_axis(static_cast<int>(shape.size()), channel_axis,
                      [&](size_t of_array, int axis) { size[axis] = shape[of_array]; });
  return size;
}

Layout level_layout(const Layout& image, std::shared_ptr<const ZarrStorage> storage,
                    const std::string& header) {
  Layout layout = image;
  layout.pyramid.reset();
  layout.order.size = size_of(storage->array.shape, storage->channel_axis);
  Chunked& chunked = std::get<Chunked>(layout.storage);
  chunked.grid = zarr_grid(storage->array, storage->channel_axis,
                           whole(layout.order.dimensions, layout.order.size));
  layout.parts = {{.path = header, .bytes = layout.order.bytes()}};
  layout.own = std::move(storage);
  return layout;
}

// How swr has made the levels; nothing if it has not.
std::optional<PyramidMethod> method_of(const Json& attributes) {
  const Json* const swr = attributes.find(zarr_swr_attribute);
  const Json* const name = swr ? swr->find(zarr_pyramid_attribute) : nullptr;
  return name && name->string() ? pyramid_method_by_name(*name->string()) : std::nullopt;
}

// Whether arrays have pixels of one kind.
bool are_alike(const ZarrArray& a, const ZarrArray& b) {
  return a.pixel == b.pixel && a.big_endian == b.big_endian && a.shape.size() == b.shape.size() &&
         a.format == b.format;
}

// Of how many pixels a level has one: 1 or 2 along each axis, rounded up, as swr makes levels;
// nothing if it is none of these, or no smaller: it may be the image itself.
std::optional<Index> halvings_between(int dimensions, const Index& larger, const Index& smaller) {
  auto factors = factors_between(dimensions, larger, smaller);
  bool is_smaller = false;
  for (int axis = 0; factors && axis < dimensions; ++axis) {
    const int64_t factor = (*factors)[axis];
    is_smaller = is_smaller || factor > 1;
    if (factor > 2 || divide_up(larger[axis], factor) != smaller[axis]) return std::nullopt;
  }
  return is_smaller ? factors : std::nullopt;
}

}  // namespace

std::string zarr_levels_left_stale(const ZarrMultiscale& image) {
  return text("the other levels of the image ", image.folder,
              " stay as they are, and do not show the new pixels: ",
              method_of(image.attributes) ? "write to the image, which changes all of them"
                                          : "make them again");
}

std::shared_ptr<const Pyramid> read_zarr_levels(const ZarrNode& node, const Layout& image,
                                                swr_component component, OpenFiles& files) {
  const auto method = method_of(node.attributes);
  if (!method || !node.ngff || node.level != 0 || node.ngff->method != name_of(*method))
    return nullptr;
  auto pyramid = std::make_shared<Pyramid>();
  pyramid->method = *method;
  pyramid->component = component;
  const ZarrStorage& of_image = zarr_storage(image);
  Index larger = image.order.size;
  for (size_t level = 1; level < node.ngff->levels.size(); ++level) {
    const std::string folder = text(node.group_folder, '/', node.ngff->levels[level].path);
    const auto found = find_zarr_node(folder, files);
    if (!found)
      fail(SWR_ERROR_CORRUPT, folder, ": there is no array, which is a level of the image");
    auto storage = std::make_shared<ZarrStorage>();
    storage->array = read_zarr_array(found->array, found->array_path);
    storage->channel_axis = of_image.channel_axis;
    storage->folder = found->folder;
    storage->journal = node.group_path;
    if (!are_alike(storage->array, of_image.array) ||
        !halvings_between(image.order.dimensions, larger,
                          size_of(storage->array.shape, storage->channel_axis)))
      return nullptr;
    pyramid->levels.push_back(level_layout(image, std::move(storage), found->array_path));
    larger = pyramid->levels.back().order.size;
  }
  return pyramid->levels.empty() ? nullptr : pyramid;
}

Layout resized_zarr_layout(const Layout& old, const Index& size) {
  Layout layout = old;
  layout.order.size = size;
  std::get<Chunked>(layout.storage).grid.size = size;
  auto storage = std::make_shared<ZarrStorage>(zarr_storage(old));
  ZarrArray& array = storage->array;
  for_each_image_axis(array.dimensions(), storage->channel_axis,
                      [&](size_t of_array, int axis) { array.shape[of_array] = size[axis]; });
  layout.own = std::move(storage);
  return layout;
}

std::shared_ptr<const Pyramid> grown_zarr_levels(const Layout& image, const Index& size) {
  auto grown = std::make_shared<Pyramid>(*image.pyramid);
  const int dimensions = image.order.dimensions;
  Index larger = size;
  for (size_t level = 0; level < grown->levels.size(); ++level) {
    const Layout& old = image.pyramid->levels[level];
    const Index factors =
        halvings_between(dimensions, larger_order(image, level).size, old.order.size).value();
    for (int axis = 0; axis < dimensions; ++axis)
      larger[axis] = divide_up(larger[axis], factors[axis]);
    grown->levels[level] = resized_zarr_layout(old, larger);
  }
  return grown;
}

void add_zarr_levels(NewFile& file, const std::vector<Index>& sizes, PyramidMethod method,
                     swr_component component) {
  if (sizes.empty()) return;
  auto pyramid = std::make_shared<Pyramid>();
  pyramid->method = method;
  pyramid->component = component;
  const ZarrStorage& of_image = zarr_storage(file.layout);
  const int slowest = file.layout.order.dimensions - 1;
  for (size_t level = 1; level <= sizes.size(); ++level) {
    auto storage = std::make_shared<ZarrStorage>(of_image);
    ZarrArray& array = storage->array;
    for_each_image_axis(array.dimensions(), storage->channel_axis, [&](size_t of_array, int axis) {
      array.shape[of_array] = sizes[level - 1][axis];
      // The level grows with the image along the slowest axis.
      if (axis != slowest)
        array.chunk[of_array] = std::min(array.chunk[of_array], array.shape[of_array]);
      if (array.shards) {
        int64_t& shard = array.shards->shape[of_array];
        shard = zarr_shard_size(shard, array.chunk[of_array]);
      }
    });
    storage->folder = text(file.folder->path, '/', level);
    const std::string name = text(level, '/', array.format == 3 ? zarr_node_name : zarr_array_name);
    file.folder->files.emplace_back(name, zarr_array_text(array));
    pyramid->levels.push_back(
        level_layout(file.layout, std::move(storage), text(file.folder->path, '/', name)));
  }
  file.layout.pyramid = std::move(pyramid);
}

}  // namespace swr
