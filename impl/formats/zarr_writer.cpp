#include "formats/zarr_writer.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/checked.h"
#include "base/error.h"
#include "codecs/blosc.h"
#include "codecs/lz4.h"
#include "formats/zarr_chunks.h"
#include "formats/zarr_image.h"

namespace swr {
namespace {

constexpr int format_version = 2;
constexpr std::string_view level_name = "0";

// Near cubes of about a mebibyte, so that regions in any direction need few chunks, and files are
// not too many. Further axes than three have one pixel.
Index usual_chunk(const Image& image) {
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

// Of the shape that is asked for, or of the usual one. No chunk is larger than the image.
Index chunk_of(const Image& image, const Chunked& chunked) {
  if (chunked.grid.chunk[0] == 0) return usual_chunk(image);
  Index chunk = chunked.grid.chunk;
  for (int axis = 0; axis < image.dimensions(); ++axis)
    chunk[axis] = std::clamp<int64_t>(chunk[axis], 1, image.region.size[axis]);
  return chunk;
}

std::vector<ZarrCodec> codecs_of(const Chunked& chunked, const PixelType& pixel) {
  using Kind = ChunkFilter::Kind;
  switch (chunked.codec) {
    case ChunkCodec::none: return {};
    case ChunkCodec::deflate: return {{.kind = Kind::zlib, .level = chunked.level}};
    case ChunkCodec::zstd: return {{.kind = Kind::zstd, .level = chunked.level}};
    case ChunkCodec::lz4: return {{.kind = Kind::sized_lz4, .level = chunked.level}};
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

ZarrArray array_of(const Image& image, const ZarrDraft& draft, const Chunked& chunked) {
  ZarrArray array{.format = format_version, .shape = draft.shape, .pixel = draft.pixel};
  const Index chunk = chunk_of(image, chunked);
  array.codecs = codecs_of(chunked, draft.pixel);
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
  const auto& chunked = std::get<Chunked>(request.storage);
  storage->array = array_of(image, draft, chunked);
  refuse_long_chunks(storage->array, request.path);
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
  Chunked stored = chunked;
  stored.grid = zarr_grid(storage->array, draft.channel_axis, image.region);
  file.layout.storage = stored;
  file.layout.own = std::move(storage);
  return file;
}

}  // namespace swr
