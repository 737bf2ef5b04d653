// NIfTI-1.1 and NIfTI-2: https://nifti.nimh.nih.gov. nifti_header.cpp has the bytes of the header,
// nifti_shape.cpp axes and pixel types, nifti_forms.cpp and nifti_geometry.cpp the position in
// space, nifti_extension.cpp what follows the header, nifti_writer.cpp new headers.
//
//   .nii       [header 348 or 540][4 bytes][extensions]...[pixels at vox_offset]
//   .nii.gz    the same in one gzip stream
//   .hdr .img  [header][4 bytes][extensions]   and   [pixels]; or .hdr.gz and .img.gz
//
// A pair without the magic is of Analyze 7.5, which is read only. Its sizes, type and pixdim (mm)
// are where NIfTI's are. It has no place in space: nothing says which side is left. SPM stores an
// origin and a factor of the values in spare fields. ITK reads neither, nor does swr; nibabel reads
// both, in every file.
//
// In new files vox_offset is 4096, or the next multiple after the extensions; in a new .nii.gz the
// pixels follow the extensions immediately. dim[1..7] are the sizes of x y z t and three more axes.
// The components of a pixel are consecutive for RGB and RGBA of bytes and for complex numbers.
// Those of vectors and symmetric tensors are the fifth axis, dim[5], which is the slowest: one
// plane for each component. The planes of a tensor are its lower triangle row by row, where swr has
// the upper one. Sizes have 16 bits in NIfTI-1; larger images are written as NIfTI-2.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"
#include "base/numbers.h"
#include "codecs/gzip.h"
#include "formats/format.h"
#include "formats/header_text.h"
#include "formats/nifti_file.h"
#include "formats/nifti_forms.h"
#include "formats/nifti_geometry.h"
#include "formats/nifti_shape.h"
#include "formats/nifti_writer.h"
#include "storage/file.h"

namespace swr {
namespace {

void read_origin_of_far_axes(std::string_view text, int dimensions,
                             std::array<double, max_dimensions>& first) {
  for (int axis = 4; axis < dimensions; ++axis) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const auto word = text.substr(0, text.find(' '));
    double value;
    if (parse_real(word, value) != Parsed::ok || !std::isfinite(value)) return;
    first[axis] = value;
    text.remove_prefix(word.size());
  }
}

void read_metadata(const NiftiHeader& header, const Metadata& entries, Image& image) {
  const auto keep = [&](std::string_view key, std::string_view text) {
    const std::string_view words = trimmed(text);  // some writers pad a field with blanks
    if (!words.empty()) image.set_metadata(key, words);
  };
  keep(nifti_description_key, header.description);
  keep(nifti_auxiliary_file_key, header.auxiliary_file);
  keep(nifti_intent_name_key, header.intent_name);
  for (const auto& [key, value] : entries) {
    if (!is_nifti_note(key)) image.set_metadata(key, value);
  }
}

int64_t checked_bytes(const Image& image, const std::string& path) {
  std::optional<int64_t> bytes = image.pixel.bytes();
  for (int axis = 0; axis < image.dimensions() && bytes; ++axis)
    bytes = try_multiply(*bytes, image.region.size[axis]);
  if (!bytes)
    fail(SWR_ERROR_CORRUPT, path, ": dim[] says ", image.region.text(),
         ", which is more bytes than there can be");
  return *bytes;
}

Layout layout_of(const std::string& path, const std::string& header_path, const NiftiHead& head,
                 int64_t bytes, OpenFiles& files) {
  const int64_t offset = nifti_pixel_offset(head, header_path);
  DataPart part;
  part.path = head.header.pair ? nifti_data_path(path, header_path, files) : header_path;
  part.bytes = bytes;
  Layout layout;
  const bool compressed = head.header.pair ? has_suffix(part.path, ".gz") : head.compressed;
  if (compressed) layout.storage = Deflate{.wrapper = Deflate::Wrapper::gzip, .prefix = offset};
  layout.big_endian = head.header.big_endian;
  part.offset = compressed ? 0 : offset;
  int64_t end;
  if (add_overflows(offset, bytes, end))
    fail(SWR_ERROR_CORRUPT, header_path,
         ": the pixels would end after the largest position in a file");
  layout.parts = {part};
  return layout;
}

bool recognise(std::string_view head, std::string_view path_view) {
  const std::string path(path_view);
  const bool known_suffix = is_nifti_data_path(path) || has_suffix(path, ".nii") ||
                            has_suffix(path, ".nii.gz") || has_suffix(path, ".hdr") ||
                            has_suffix(path, ".hdr.gz");
  return begins_like_nifti(head, !known_suffix);
}

ValueScale scale_of(const NiftiHeader& header) {
  const bool of_colours = header.datatype == nifti_rgb24 || header.datatype == nifti_rgba32;
  if (!std::isfinite(header.slope) || header.slope == 0 || of_colours) return {};
  return {header.slope, std::isfinite(header.intercept) ? header.intercept : 0, true};
}

Description read(const std::string& path, OpenFiles& files) {
  const std::string header_path = nifti_header_path(path, files);
  const NiftiHead head = read_nifti_head(header_path, *files.open(header_path));
  const NiftiHeader& header = head.header;
  NiftiExtensions extensions = read_nifti_extensions(head.extensions, header.big_endian);
  const Metadata& entries = extensions.entries;
  NiftiShape shape = nifti_shape_of(header, header_path);
  if (const auto* text = entries.find(nifti_dimensions_key))
    apply_nifti_dimensions(*text, header, shape);
  if (const auto* text = entries.find(nifti_kind_key)) apply_nifti_kind(*text, shape);

  Description file;
  if (header_path != path) file.header_path = header_path;
  if (header.analyze) {
    file.read_only =
        "its header is of Analyze 7.5, which does not state the image's orientation; copy the "
        "image to a .nii file";
  }
  Image& image = file.image;
  image.pixel = shape.pixel;
  image.region.dimensions = shape.dimensions;
  std::copy_n(header.dim.begin() + 1, shape.dimensions, image.region.size.begin());
  const int64_t bytes = checked_bytes(image, header_path);
  if (const auto* text = entries.find(start_index_key)) set_start_index(image.region, *text);
  std::array<double, max_dimensions> first = read_nifti_geometry(header, image);
  if (const auto* text = entries.find(nifti_origin_key))
    read_origin_of_far_axes(*text, shape.dimensions, first);
  image.set_origin_from_first_pixel(first);
  read_metadata(header, entries, image);
  file.layout = layout_of(path, header_path, head, bytes, files);
  file.header_bytes = header.bytes();
  file.layout.order = nifti_order(image, shape);
  image.scale = scale_of(header);
  file.header = std::make_shared<NiftiSource>(header, std::move(extensions), head.compressed);
  return file;
}

// The paths of a new image's files.
struct Names {
  std::string header, data;
};

Names names_for(const NewFileRequest& request) {
  const std::string& path = request.path;
  const std::string_view data_suffix = request.is_compressed() ? ".img.gz" : ".img";
  if (request.rewritten) {
    const std::string& old = request.rewritten->parts[0].path;
    const bool keeps = old == path || request.rewritten->is_compressed() == request.is_compressed();
    return {path, keeps ? old : with_nifti_suffix(old, data_suffix)};
  }
  if (is_nifti_data_path(path)) return {with_nifti_suffix(path, ".hdr"), path};
  if (has_suffix(path, ".hdr") || has_suffix(path, ".hdr.gz"))
    return {path, with_nifti_suffix(path, data_suffix)};
  return {path, path};
}

// If a plain and a compressed file of the same name exist, readers take the plain one, although it
// belongs to another image.
std::vector<std::string> conflicting_files(const Names& names) {
  std::vector<std::string> files;
  for (const std::string& path : {names.header, names.data}) {
    if (has_suffix(path, ".gz")) files.push_back(path.substr(0, path.size() - 3));
  }
  if (!has_suffix(names.header, ".gz") && !has_suffix(names.data, ".gz"))
    files.push_back(with_nifti_suffix(names.header, ".hdr.gz"));
  return files;
}

NewFile plan(const Image& image, const NewFileRequest& request) {
  const Names names = names_for(request);
  const bool compressed = request.is_compressed();
  const bool pair = names.data != names.header;
  NewNiftiHeader header = write_nifti_header(image, request, {pair, !pair && !compressed});
  NewFile file;
  file.layout.storage = request.storage;
  if (names.header != request.path) file.header_path = names.header;
  if (pair) file.conflicting = conflicting_files(names);
  if (compressed && !pair) {
    file.stream_prefix = std::move(header.bytes);
    std::get<Deflate>(file.layout.storage).prefix = header.offset;
  } else {
    file.header = pair && has_suffix(names.header, ".gz") ? gzip_of(header.bytes) : header.bytes;
  }
  file.remarks = std::move(header.remarks);
  file.layout.order = nifti_order(image, header.shape);
  DataPart part;
  part.path = names.data;
  part.offset = compressed ? 0 : header.offset;
  part.bytes = image.bytes();
  file.layout.parts = {part};
  return file;
}

std::optional<Growth> grow(const std::string&, const Description& file, const Image& grown) {
  // Each plane would have to move.
  if (!file.layout.order.interleaved()) return std::nullopt;
  const auto& source = dynamic_cast<const NiftiSource&>(*file.header);
  const NiftiHeader& header = source.header;
  if (header.pair && source.compressed) return std::nullopt;
  const int axis = grown.dimensions() - 1;
  const int64_t size = grown.region.size[axis];
  if (axis >= header.dim[0] || (header.version == 1 && size > nifti1_largest_size))
    return std::nullopt;
  HeaderPatch patch;
  patch.offset = header.size_field(axis);
  patch.in_stream_prefix = source.compressed;
  patch.bytes.resize(header.version == 1 ? sizeof(int16_t) : sizeof(int64_t));
  auto* const to = reinterpret_cast<std::byte*>(patch.bytes.data());
  if (header.version == 1) {
    store(to, static_cast<int16_t>(size), header.big_endian);
  } else {
    store(to, size, header.big_endian);
  }
  return Growth{{patch}, remarks_on_size(source)};
}

constexpr Suffix suffixes[] = {{".nii", Compression::never},    {".nii.gz", Compression::always},
                               {".hdr", Compression::possible}, {".hdr.gz", Compression::always},
                               {".img", Compression::never},    {".img.gz", Compression::always}};
constexpr uint32_t capabilities = SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND |
                                  SWR_CAN_COMPRESS | SWR_CAN_STREAM_COMPRESSED |
                                  SWR_CAN_PASTE_COMPRESSED | SWR_CAN_CONCURRENT | holds_everything;

}  // namespace

extern const Format nifti_format;
const Format nifti_format = {
    .name = "NIfTI",
    .suffixes = suffixes,
    .other_suffix = Compression::never,
    .capabilities = capabilities,
    .least_dimensions = 1,
    .most_dimensions = most_nifti_axes,
    .stated_unit = nifti_unit,
    .wrapper = Deflate::Wrapper::gzip,
    .recognise = recognise,
    .read = read,
    .plan = plan,
    .grow = grow,
    .header_of = nifti_header_path,
};

}  // namespace swr
