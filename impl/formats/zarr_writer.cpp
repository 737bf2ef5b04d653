#include "formats/zarr_writer.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"
#include "codecs/blosc.h"
#include "codecs/lz4.h"
#include "formats/zarr_change.h"
#include "formats/zarr_chunks.h"
#include "formats/zarr_image.h"
#include "formats/zarr_levels.h"
#include "formats/zarr_shard_shape.h"
#include "stores/overlay.h"

namespace swr {
namespace {

int64_t pixels_of_chunk(const Grid& grid) {
  int64_t pixels = 1;
  for (int axis = 0; axis < grid.dimensions; ++axis) pixels *= grid.chunk[axis];
  return pixels;
}

// Makes chunks shorter along the slower axes until a layer of them (image/grid.h), which has whole
// rows, has no more than `most` pixels, if that can be.
void flatten(Grid& grid, std::span<const int> axes, int64_t most) {
  for (auto axis = axes.rbegin(); axis != axes.rend() && *axis > 0; ++axis) {
    while (grid.layer_pixels() > most && grid.chunk[*axis] > 1) grid.chunk[*axis] /= 2;
  }
}

// Makes chunks longer, the faster axes first, up to `most` pixels, where layers do not grow beyond
// `most_of_layer`.
void widen(Grid& grid, std::span<const int> axes, int64_t most, int64_t most_of_layer) {
  most_of_layer = std::max(most_of_layer, grid.layer_pixels());
  const auto double_along = [&](int axis) {
    Grid wider = grid;
    wider.chunk[axis] = std::min(2 * grid.chunk[axis], grid.size[axis]);
    if (wider.chunk[axis] == grid.chunk[axis] || pixels_of_chunk(wider) > most ||
        wider.layer_pixels() > most_of_layer)
      return false;
    grid = wider;
    return true;
  };
  for (bool grows = true; grows;) {
    grows = false;
    for (const int axis : axes) grows = double_along(axis) || grows;
  }
}

// Near cubes of about `most_bytes`, so that regions in any direction need few chunks, and files are
// not too many: along the three fastest axes, because images of several times or channels are used
// one by one.
Index usual_chunk(const Image& image, int64_t most_bytes, int64_t most_bytes_of_layer) {
  constexpr size_t most_axes = 3;
  Grid grid{image.dimensions(), image.region.size, {}};
  grid.chunk.fill(1);
  std::vector<int> axes;
  for (int axis = 0; axis < grid.dimensions && axes.size() < most_axes; ++axis) {
    if (grid.size[axis] > 1) axes.push_back(axis);
  }
  const int64_t pixel_bytes = image.pixel.bytes();
  const int64_t most = std::max<int64_t>(1, most_bytes / pixel_bytes);
  const int64_t most_of_layer = most_bytes_of_layer / pixel_bytes;
  const auto doublings = static_cast<size_t>(std::bit_width(static_cast<uint64_t>(most)) - 1);
  const int64_t side = int64_t{1} << (axes.empty() ? 0 : doublings / axes.size());
  for (const int axis : axes) grid.chunk[axis] = std::min(side, grid.size[axis]);
  flatten(grid, axes, most_of_layer);
  widen(grid, axes, most, most_of_layer);
  return grid.chunk;
}

// Of the shape that is asked for, or of the usual one. No chunk is larger than the image, except
// along the slowest axis where that is asked for: an image that begins with a few frames grows.
Index chunk_of(const Image& image, const Chunked& chunked, const NewFileRequest& request) {
  constexpr int64_t mebibyte = int64_t{1} << 20;
  Index chunk = chunked.grid.chunk;
  if (chunk[0] == 0) {
    // The shape depends on the image alone, unless there is no room for several copies of a chunk,
    // or of those that become one of a level: layers that are too long for the memory wait on the
    // disk.
    const bool has_levels = request.pyramid.levels != 0;
    const bool is_scarce = request.memory < (has_levels ? 32 : 16) * mebibyte;
    const int64_t beside_encoder = (request.memory - mebibyte) / (has_levels ? 40 : 32);
    chunk = usual_chunk(image, is_scarce ? std::max(beside_encoder, request.memory / 64) : mebibyte,
                        is_scarce ? request.memory / 8 : 32 * mebibyte);
    chunk = chunk_in_zarr_shard(chunk, request.zarr_shard, image.dimensions());
  }
  const int slowest = image.dimensions() - 1;
  for (int axis = 0; axis < slowest; ++axis)
    chunk[axis] = std::clamp<int64_t>(chunk[axis], 1, image.region.size[axis]);
  chunk[slowest] = std::max<int64_t>(chunk[slowest], 1);
  return chunk;
}

std::vector<ZarrCodec> codecs_of(const Chunked& chunked, const PixelType& pixel, int version,
                                 const std::string& path) {
  using Kind = ChunkFilter::Kind;
  switch (chunked.codec) {
    case ChunkCodec::none: return {};
    case ChunkCodec::deflate:
      return {{.kind = version == 2 ? Kind::zlib : Kind::gzip, .level = chunked.level}};
    case ChunkCodec::zstd: return {{.kind = Kind::zstd, .level = chunked.level}};
    case ChunkCodec::lz4:
      if (version == 2) return {{.kind = Kind::sized_lz4, .level = chunked.level}};
      fail(SWR_ERROR_UNSUPPORTED, path,
           ": version 3 of Zarr has LZ4 only within Blosc; use zstd, deflate or blosc");
    case ChunkCodec::blosc: break;
  }
  const BloscSettings blosc{.compressor = has_blosc_compressor("zstd") ? "zstd" : "lz4",
                            .level = chunked.level,
                            .element_bytes = static_cast<int>(pixel.bytes())};
  return {{.kind = Kind::blosc, .blosc = blosc}};
}

// The codecs have lengths of 31 bits.
void refuse_long_chunks(const ZarrArray& array, const std::string& path) {
  constexpr int64_t most_bytes = most_sized_lz4_bytes;
  int64_t bytes = array.pixel.bytes();
  for (const int64_t size : array.chunk) {
    const auto product = try_multiply(bytes, size);
    if (!product || *product > most_bytes) {
      fail(SWR_ERROR_UNSUPPORTED, path, ": the chunks that the option chunk.shape asks for have ",
           "more than ", most_bytes, " bytes");
    }
    bytes = *product;
  }
}

// Of a pixel as the file has it, which is little-endian. A component is 0 unless it is set.
std::vector<std::byte> fill_of(std::vector<std::byte> component, const PixelType& pixel) {
  std::vector<std::byte> fill(static_cast<size_t>(pixel.bytes()));
  if (component.empty()) return fill;
  if (machine_is_big_endian) swap_bytes(component, static_cast<int>(component.size()));
  fill_with(component, 0, fill);
  return fill;
}

// In the order of the array, as its chunks. An array that is written again keeps its shards.
std::optional<ZarrShards> shards_of(const Image& image, const ZarrArray& array, int channel_axis,
                                    const NewFileRequest& request, const ZarrArray* old) {
  if (old && !old->shards) return std::nullopt;
  if (!old && !request.zarr_shard.has_shards()) return std::nullopt;
  ZarrShards shards{.shape = array.chunk};
  if (old) {
    shards = *old->shards;
    for (size_t axis = 0; axis < array.chunk.size(); ++axis)
      shards.shape[axis] = zarr_shard_size(shards.shape[axis], array.chunk[axis]);
    return shards;
  }
  const Grid grid = zarr_grid(array, channel_axis, image.region);
  const Index shard =
      zarr_shard_shape(request.zarr_shard, std::get<Chunked>(request.storage).grid.chunk, grid,
                       image.pixel.bytes(), request.path);
  for_each_image_axis(array.dimensions(), channel_axis,
                      [&](size_t of_array, int axis) { shards.shape[of_array] = shard[axis]; });
  return shards;
}

ZarrArray array_of(const Image& image, const ZarrDraft& draft, const NewFileRequest& request,
                   int version, const ZarrArray* old) {
  const auto& chunked = std::get<Chunked>(request.storage);
  ZarrArray array{.format = version, .shape = draft.shape, .pixel = draft.pixel};
  const Index chunk = chunk_of(image, chunked, request);
  // An array that is written again keeps how its chunks are compressed and named.
  const bool keeps_codecs = old && codec_by_name(old->encoding()) == chunked.codec;
  array.codecs =
      keeps_codecs ? old->codecs : codecs_of(chunked, draft.pixel, version, request.path);
  for (int of_array = 0, axis = image.dimensions(); of_array < std::ssize(draft.shape); ++of_array)
    array.chunk.push_back(of_array == draft.channel_axis ? image.pixel.components : chunk[--axis]);
  array.shards = shards_of(image, array, draft.channel_axis, request, old);
  array.fill = fill_of(request.fill, array.pixel);
  array.keys = old ? old->keys : ZarrKeys{.has_prefix = version == 3, .separator = '/'};
  array.axis_names = draft.axis_names;
  return array;
}

// The metadata of the folder: name and content of each file.
std::vector<std::pair<std::string, std::string>> metadata_of(const ZarrStorage& storage,
                                                             const ZarrDraft& draft,
                                                             const std::string& header) {
  const bool is_new = storage.array.format == 3, has_group = draft.is_multiscale;
  const std::string within = has_group ? text(zarr_level_name, '/') : "";
  std::vector<std::pair<std::string, std::string>> files;
  files.emplace_back(within + std::string(is_new ? zarr_node_name : zarr_array_name), header);
  if (has_group)
    files.emplace_back(is_new ? zarr_node_name : zarr_group_name,
                       zarr_group_text(storage.array.format, draft.attributes));
  if (!is_new && !draft.attributes.object()->empty())
    files.emplace_back(zarr_attributes_name, json_text(draft.attributes));
  return files;
}

// Readers have a limit.
void refuse_long_metadata(const NewFile::Folder& folder) {
  for (const auto& [name, bytes] : folder.files) {
    if (bytes.size() > most_json_bytes) {
      fail(SWR_ERROR_UNSUPPORTED, folder.path, ": ", name, " would have ", bytes.size(),
           " bytes of metadata; swr reads ", most_json_bytes, " at most");
    }
  }
}

ZarrDraftLevels levels_of(const Image& image, const NewFileRequest& request, bool has_group) {
  if (request.pyramid.levels == 0) return {};
  if (!has_group) {
    fail(SWR_ERROR_UNSUPPORTED, request.path,
         ": NGFF has two or three axes of space and one of time, and the image has others: it"
         " cannot have the smaller versions for which the option pyramid.levels asks");
  }
  return {level_sizes(image.region, zarr_halved_axes(image), request.pyramid.levels, request.path),
          request.pyramid.method};
}

// Version 3 if shards are asked for, unless the version is.
int version_of(const NewFileRequest& request) {
  const bool has_shards = request.zarr_shard.has_shards();
  if (request.zarr_version == 2 && has_shards) {
    fail(SWR_ERROR_UNSUPPORTED, request.path, ": version 2 of Zarr, for which the option ",
         "zarr.version asks, has no shards, for which the option zarr.shard asks");
  }
  if (request.zarr_version != 0) return request.zarr_version;
  return has_shards ? 3 : 2;
}

}  // namespace

NewFile plan_zarr_folder(const Image& image, const NewFileRequest& request) {
  const ZarrStorage* const old = request.rewritten ? &zarr_storage(*request.rewritten) : nullptr;
  if (old) refuse_loss_of_zarr(*old, *request.base, request.path);
  const int version = old ? old->array.format : version_of(request);
  const bool has_group = old ? !old->group.empty() : fits_ngff(image);
  const std::string path = old ? old->root() : request.path;
  const ZarrDraftLevels levels = levels_of(image, request, has_group);
  const ZarrDraft draft = draft_zarr_image(image, version, has_group, path, levels);
  auto storage = std::make_shared<ZarrStorage>();
  storage->array = array_of(image, draft, request, version, old ? &old->array : nullptr);
  if (version == 3 && !has_group) storage->array.attributes = draft.attributes;
  refuse_long_chunks(storage->array, request.path);
  storage->channel_axis = draft.channel_axis;
  storage->folder = has_group ? text(path, '/', zarr_level_name) : path;
  storage->group = has_group ? path : "";
  NewFile file;
  file.header = zarr_array_text(storage->array);
  file.remarks = draft.remarks;
  OpenFiles files(File::Mode::read);
  if (const auto larger = find_zarr_multiscale(path, files))
    file.remarks.push_back({zarr_levels_left_stale(*larger)});
  file.folder.emplace(NewFile::Folder{path, metadata_of(*storage, draft, file.header)});
  refuse_long_metadata(*file.folder);
  file.header_path = text(path, '/', file.folder->files.front().first);
  file.layout.order = {image.dimensions(), image.region.size,
                       swr_component_bytes(image.pixel.component), image.pixel.components};
  file.layout.parts = {{.path = file.header_path, .bytes = image.bytes()}};
  Chunked stored = std::get<Chunked>(request.storage);
  stored.grid = zarr_grid(storage->array, draft.channel_axis, image.region);
  file.layout.storage = stored;
  file.layout.own = std::move(storage);
  add_zarr_levels(file, levels.sizes, levels.method, image.pixel.component);
  return file;
}

}  // namespace swr
