// Zarr, versions 2 and 3 (zarr-specs.readthedocs.io): a folder with an array, or with a group whose
// attributes are those of OME-NGFF and which has the array below it.
//
//   x.zarr/.zattrs         the image in space (formats/zarr_image.h)
//         /.zgroup
//         /0/.zarray       shape, type, codecs; version 3 has one file, zarr.json, for all of these
//         /0/2/0/1         the pixels of a chunk (formats/zarr_chunks.h)
//
// The metadata of the array is what this library calls the header.
#include <array>
#include <utility>

#include "base/error.h"
#include "formats/format.h"
#include "formats/zarr_change.h"
#include "formats/zarr_changed_shards.h"
#include "formats/zarr_chunks.h"
#include "formats/zarr_folder.h"
#include "formats/zarr_image.h"
#include "formats/zarr_levels.h"
#include "formats/zarr_node.h"
#include "formats/zarr_pixels.h"
#include "formats/zarr_sink.h"
#include "formats/zarr_writer.h"

namespace swr {
namespace {

class ZarrSource final : public SourceHeader {
 public:
  explicit ZarrSource(std::vector<std::string> own_fields) : own_fields_(std::move(own_fields)) {}
  std::vector<std::string> own_fields() const override { return own_fields_; }

 private:
  std::vector<std::string> own_fields_;
};

// The metadata of a group has the same beginning as that of an array.
bool recognise(std::string_view head, std::string_view) {
  const size_t begin = head.find_first_not_of(" \t\r\n");
  return begin != head.npos && head[begin] == '{' && head.find("\"zarr_format\"") != head.npos;
}

std::string header_of(const std::string& path, OpenFiles& files) {
  if (!files.is_folder(path)) return path;
  const auto node = find_zarr_node(path, files);
  return node ? node->array_path : path;
}

// What an array has that is written like this one.
Chunked chunked(const ZarrArray& array, const ZarrImage& image, const Region& region) {
  Chunked chunked{.grid = zarr_grid(array, image.channel_axis, region)};
  chunked.codec = codec_by_name(array.encoding()).value_or(ChunkCodec::none);
  for (const ZarrCodec& codec : array.codecs) {
    const bool is_blosc = codec.kind == ChunkFilter::Kind::blosc;
    if (codec.kind != ChunkFilter::Kind::crc32c)
      chunked.level = is_blosc ? codec.blosc.level : codec.level;
  }
  return chunked;
}

// An array that is one of several resolutions of an image: where changes of all of them have their
// journal, and what a change of this one leaves as it is.
void read_multiscale(const ZarrNode& node, OpenFiles& files, Description& file) {
  if (node.ngff && node.ngff->levels.size() > 1 && node.level == 0) {
    file.journal_path = node.group_path;
    if (file.layout.pyramid) return;
    file.left_stale = text("the smaller levels of the image ", node.group_folder,
                           " stay as they are, and show the old pixels: make them again with the"
                           " program that made them");
    return;
  }
  const auto image = find_zarr_multiscale(node.folder, files);
  if (!image) return;
  file.journal_path = image->path;
  file.left_stale = zarr_levels_left_stale(*image);
}

Description read(const std::string& path, OpenFiles& files) {
  const auto node = find_zarr_node(path, files);
  if (!node) fail(SWR_ERROR_FORMAT, path, ": a folder without a Zarr array or group");
  auto storage = std::make_shared<ZarrStorage>();
  storage->array = read_zarr_array(node->array, node->array_path);
  const ZarrImage image = read_zarr_image(storage->array, node->ngff ? &*node->ngff : nullptr,
                                          node->level, node->attributes, node->array_path);
  storage->channel_axis = image.channel_axis;
  storage->folder = node->folder;
  storage->group = node->group_folder;
  Description file;
  file.image = image.image;
  file.layout.order = {file.image.dimensions(), file.image.region.size,
                       swr_component_bytes(file.image.pixel.component),
                       file.image.pixel.components};
  file.layout.big_endian = storage->array.big_endian;
  file.layout.parts = {{.path = node->array_path, .bytes = file.image.bytes()}};
  file.read_only = storage->array.read_only();
  file.layout.storage = chunked(storage->array, image, file.image.region);
  file.layout.own = storage;
  file.layout.pyramid = read_zarr_levels(*node, file.layout, file.image.pixel.component, files);
  read_multiscale(*node, files, file);
  storage->journal = file.journal_path;
  if (node->array_path != path) file.header_path = node->array_path;
  file.header = std::make_shared<ZarrSource>(zarr_own_attributes(node->attributes));
  return file;
}

constexpr std::array codecs{ChunkCodec::zstd, ChunkCodec::deflate, ChunkCodec::lz4,
                            ChunkCodec::blosc};
constexpr ChunkAbilities chunk_abilities{
    .codecs = codecs, .preparations = {}, .have_pyramids = true};

constexpr Suffix suffixes[] = {{".zarr"}};

}  // namespace

extern const Format zarr_format;
const Format zarr_format = {
    .name = "Zarr",
    .suffixes = suffixes,
    .capabilities = SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND |
                    SWR_CAN_COMPRESS | SWR_CAN_STREAM_COMPRESSED | SWR_CAN_PASTE_COMPRESSED |
                    SWR_CAN_CONCURRENT | holds_everything,
    .least_dimensions = 1,
    .most_dimensions = max_dimensions,
    .wrapper = Deflate::Wrapper::zlib,
    .grows_along_any_axis = true,
    .chunks = &chunk_abilities,
    .recognise = recognise,
    .read = read,
    .plan = plan_zarr_folder,
    .grow = grow_zarr,
    .form = form_of_zarr_pixels,
    .reader = read_zarr_pixels,
    .sink = new_zarr_pixels,
    .change = change_zarr_pixels,
    .forecast = forecast_zarr_change,
    .header_of = header_of,
    .refuse_other_folder = refuse_other_than_zarr,
    .headers_in_folder = zarr_headers_in,
};

}  // namespace swr
