#include "formats/zarr_writer.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/checked.h"
#include "base/error.h"
#include "formats/zarr_chunks.h"
#include "formats/zarr_image.h"

namespace swr {
namespace {

constexpr int format_version = 2;
constexpr std::string_view level_name = "0";

// Near cubes of about a mebibyte, so that regions in any direction need few chunks, and files are
// not too many. Further axes than three have one pixel.
Index chunk_of(const Image& image) {
  constexpr int64_t side = 64, most_bytes = int64_t{1} << 20;
  Index chunk{};
  chunk.fill(1);
  int64_t bytes = image.pixel.bytes();
  const int axes = std::min(image.dimensions(), 3);
  for (int axis = 0; axis < axes; ++axis) {
    chunk[axis] = std::min(side, image.region.size[axis]);
    bytes *= chunk[axis];
  }
  for (bool grows = true; grows;) {
    grows = false;
    for (int axis = 0; axis < std::min(axes, 2); ++axis) {
      if (chunk[axis] >= image.region.size[axis] || 2 * bytes > most_bytes) continue;
      chunk[axis] *= 2;
      bytes *= 2;
      grows = true;
    }
  }
  return chunk;
}

ZarrArray array_of(const Image& image, const ZarrDraft& draft) {
  ZarrArray array{.format = format_version, .shape = draft.shape, .pixel = draft.pixel};
  const Index chunk = chunk_of(image);
  for (int of_array = 0, axis = image.dimensions(); of_array < std::ssize(draft.shape); ++of_array)
    array.chunk.push_back(of_array == draft.channel_axis ? image.pixel.components : chunk[--axis]);
  array.fill.resize(static_cast<size_t>(array.pixel.bytes()));
  array.keys = {.has_prefix = false, .separator = '/'};
  array.axis_names = draft.axis_names;
  return array;
}

}  // namespace

NewFile plan_zarr_folder(const Image& image, const NewFileRequest& request) {
  const bool has_group = fits_ngff(image);
  const ZarrDraft draft = draft_zarr_image(image, format_version, has_group, request.path);
  auto storage = std::make_shared<ZarrStorage>();
  storage->array = array_of(image, draft);
  storage->channel_axis = draft.channel_axis;
  storage->folder = has_group ? text(request.path, '/', level_name) : request.path;
  const std::string within = has_group ? text(level_name, '/') : "";
  NewFile file;
  file.header = zarr_array_text(storage->array);
  file.header_path = text(storage->folder, '/', zarr_array_name);
  file.remarks = draft.remarks;
  auto& files = file.folder.emplace(NewFile::Folder{request.path}).files;
  files.emplace_back(within + std::string(zarr_array_name), file.header);
  if (has_group) files.emplace_back(zarr_group_name, zarr_group_text(format_version, {}));
  if (!draft.attributes.object()->empty())
    files.emplace_back(zarr_attributes_name, json_text(draft.attributes));
  file.layout.order = {image.dimensions(), image.region.size,
                       swr_component_bytes(image.pixel.component), image.pixel.components};
  file.layout.parts = {{.path = file.header_path, .bytes = image.bytes()}};
  file.layout.storage =
      Chunked{zarr_grid(storage->array, draft.channel_axis, image.region), storage};
  return file;
}

}  // namespace swr
