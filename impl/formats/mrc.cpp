// MRC2014 and CCP4 maps, as cryo-electron microscopy has them; mrc_header.cpp has the header's
// bytes.
//
//   .mrc ...     [header 1024][extended header][pixels, x fastest]
//   .mrc.gz ...  the same in one gzip stream
//
// Two axes are a single image, three a volume or a stack of images, four a stack of volumes.
// Lengths are in Angstrom; as in ITK, spacing and origin are these numbers (SWR_UNIT_ANGSTROM).
// A cell of other angles than 90 degrees, or whose axes are permuted, is not read. What the header
// has no field for, such as metadata, is in an extended header of the type "SWR ", as notes
// (notes.h); one of another type stays as it is, and leaves no place for them. mrcfile-validate
// reports types that it does not know, so that there is none where the labels are enough.
//
// Streamed files have no statistics: the values are known when the header is written. The first
// change of a file that has them marks them as unknown.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "formats/file_head.h"
#include "formats/format.h"
#include "formats/header_draft.h"
#include "formats/header_text.h"
#include "formats/mrc_geometry.h"
#include "formats/mrc_header.h"
#include "formats/mrc_writer.h"
#include "formats/notes.h"
#include "storage/file.h"

namespace swr {
namespace {

int64_t pixel_offset(const MrcHeader& header, const std::string& path) {
  const int64_t extended = header.integer(mrc::extended_bytes);
  if (extended < 0)
    fail(SWR_ERROR_CORRUPT, path, ": the extended header has ", extended, " bytes (nsymbt)");
  return mrc_header_bytes + extended;
}

// A cell that swr understands: an orthogonal one along the axes of the pixels.
void check_cell(const MrcHeader& header, const std::string& path) {
  for (int axis = 0; axis < mrc_spatial_axes; ++axis) {
    const int32_t order = header.integer(mrc::axes, axis);
    if (order != 0 && order != axis + 1)
      fail(SWR_ERROR_UNSUPPORTED, path, ": columns, rows and sections are the axes ",
           header.integer(mrc::axes, 0), " ", header.integer(mrc::axes, 1), " ",
           header.integer(mrc::axes, 2), " of the cell (mapc, mapr, maps); swr reads 1 2 3");
    const float angle = header.number(mrc::angles, axis);
    if (angle != 0 && !(std::abs(angle - 90) < 0.01))
      fail(SWR_ERROR_UNSUPPORTED, path, ": an angle of the cell is ", angle,
           " degrees; swr reads cells of 90 degrees");
  }
}

Region region_of(const MrcHeader& header, const std::string& path) {
  Region region;
  const int32_t volumes = header.volumes();
  const bool is_single = header.is_stack() && header.integer(mrc::size, 2) == 1;
  region.dimensions = volumes > 0 ? 4 : is_single ? 2 : 3;
  for (int axis = 0; axis < mrc_spatial_axes; ++axis) {
    const int32_t size = header.integer(mrc::size, axis);
    if (size < 1)
      fail(SWR_ERROR_CORRUPT, path, ": the size of ", axis_text(axis), " is ", size,
           "; a size is at least 1");
    if (axis >= region.dimensions) break;
    region.size[axis] = size;
    region.index[axis] = header.integer(mrc::start, axis);
  }
  if (volumes == 0) return region;
  region.size[2] = header.integer(mrc::grid, 2);
  region.size[mrc_volumes_axis] = volumes;
  return region;
}

void read_metadata(const MrcSource& source, const Metadata& notes, Image& image) {
  int number = 0;
  for (const std::string& label : source.header.all_labels()) {
    ++number;
    if (!label.empty()) image.set_metadata(text(mrc_label_key, number), label);
  }
  for (const auto& [key, value] : notes) {
    if (!is_mrc_note(key)) image.set_metadata(key, value);
  }
}

// What the header has no field for.
void read_place(const Metadata& notes, Image& image) {
  auto first = image.first_pixel_position();
  if (const auto* text = notes.find(start_index_key)) set_start_index(image.region, *text);
  const auto* const volumes = notes.find(mrc_volumes_key);
  const auto words = words_of({volumes ? std::string_view(*volumes) : std::string_view(), 0}, 3);
  if (words.size() == 2 && image.dimensions() > mrc_volumes_axis) {
    const auto spacing = double_of(words[0].text), position = double_of(words[1].text);
    if (spacing && position && *spacing > 0 && std::isfinite(*spacing) &&
        std::isfinite(*position)) {
      image.spacing[mrc_volumes_axis] = *spacing;
      first[mrc_volumes_axis] = *position;
    }
  }
  image.set_origin_from_first_pixel(first);
}

bool recognise(std::string_view head, std::string_view path) {
  const Format* const format = format_by_suffix(path);
  return begins_like_mrc(head, format && format->name == "MRC");
}

Description read(const std::string& path, OpenFiles& files) {
  const FileHead head(files.open(path));
  const MrcHeader header(head.first(mrc_header_bytes), path);
  const int64_t offset = pixel_offset(header, path);
  check_cell(header, path);
  Description file;
  Image& image = file.image;
  image.pixel = header.pixel(path);
  image.region = region_of(header, path);
  if (!bytes_of_axes(image.region.size.data(), image.dimensions(), image.pixel.bytes()))
    fail(SWR_ERROR_CORRUPT, path, ": an image of ", image.region.text(),
         " has more bytes than there can be");
  const int64_t kept = std::min(offset, mrc_header_bytes + most_mrc_extended_bytes);
  std::string extended = offset > mrc_header_bytes ? head.first(kept) : std::string();
  extended.erase(0, mrc_header_bytes);
  auto source = std::make_shared<MrcSource>(header, std::move(extended), head.is_compressed());
  read_mrc_geometry(header, image);
  Metadata notes;
  if (source->has_own_notes()) read_notes(source->extended, notes);
  read_place(notes, image);
  read_metadata(*source, notes, image);
  const Storage storage =
      head.is_compressed() ? Storage(Deflate{.wrapper = Deflate::Wrapper::gzip}) : Storage(Raw{});
  file.layout = mrc_layout(image, storage, offset, path);
  file.layout.big_endian = header.big_endian();
  file.layout.half_floats = header.has_half_floats();
  if (file.layout.half_floats) file.layout.parts[0].bytes /= 2;
  file.header_bytes = offset;
  file.header = std::move(source);
  return file;
}

std::vector<HeaderPatch> patches_between(const MrcSource& source, const MrcHeader& changed) {
  auto patch = patch_between(source.header.bytes(), changed.bytes());
  if (!patch) return {};
  patch->in_stream_prefix = source.compressed;
  return {std::move(*patch)};
}

std::optional<Growth> grow(const std::string&, const Description& file, const Image& grown) {
  const auto& source = dynamic_cast<const MrcSource&>(*file.header);
  const int n = grown.dimensions();
  const int axis = std::min(n, mrc_spatial_axes) - 1;
  const int64_t pixels = grown.region.size[axis];
  const int64_t volumes = n > mrc_volumes_axis ? grown.region.size[mrc_volumes_axis] : 1;
  if (pixels > std::numeric_limits<int32_t>::max() / volumes) return std::nullopt;
  MrcHeader header = source.header;
  header.forget_statistics();
  resize_mrc_axis(header, axis, static_cast<int32_t>(pixels), static_cast<int32_t>(volumes));
  Growth growth{patches_between(source, header)};
  growth.remarks = remarks_on_sections(source);
  return growth;
}

// The statistics are not those of the new values.
std::vector<HeaderPatch> outdate(const Description& file) {
  const auto& source = dynamic_cast<const MrcSource&>(*file.header);
  MrcHeader header = source.header;
  header.forget_statistics();
  return patches_between(source, header);
}

constexpr Suffix suffixes[] = {{".mrc", Compression::never},    {".mrcs", Compression::never},
                               {".map", Compression::never},    {".rec", Compression::never},
                               {".st", Compression::never},     {".ali", Compression::never},
                               {".ccp4", Compression::never},   {".mrc.gz", Compression::always},
                               {".map.gz", Compression::always}};

}  // namespace

extern const Format mrc_format;
const Format mrc_format = {
    .name = "MRC",
    .suffixes = suffixes,
    .other_suffix = Compression::never,
    .capabilities = SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND |
                    SWR_CAN_COMPRESS | SWR_CAN_STREAM_COMPRESSED | SWR_CAN_PASTE_COMPRESSED |
                    SWR_CAN_CONCURRENT | SWR_HOLDS_START_INDEX | SWR_HOLDS_SPACING |
                    SWR_HOLDS_ORIGIN | SWR_HOLDS_METADATA,
    .least_dimensions = 2,
    .most_dimensions = 4,
    .stated_unit = same_unit_in_space<SWR_UNIT_ANGSTROM>,
    .wrapper = Deflate::Wrapper::gzip,
    .recognise = recognise,
    .read = read,
    .plan = write_mrc_header,
    .grow = grow,
    .outdate = outdate,
};

}  // namespace swr
