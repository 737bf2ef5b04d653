// NIfTI-1.1 and NIfTI-2: https://nifti.nimh.nih.gov. nifti_header.cpp has the header's bytes,
// nifti_geometry.cpp space, nifti_extension.cpp the rest.
//
//   .nii       [header 348 or 540][4 bytes][extensions]...[pixels at vox_offset; in new files 4096, or a multiple that the extensions need]
//   .nii.gz    the same in one gzip stream; in new files the pixels follow the extensions at once
//   .hdr .img  [header][4 bytes][extensions]   and   [pixels], which may be compressed: .img.gz; the header then may be an .hdr.gz
//
// dim[1..7] is x y z t and three more. The components of a pixel lie together for RGB and RGBA of
// bytes and for complex numbers; those of vectors and of symmetric tensors are the fifth axis,
// dim[5], and so the slowest: one plane each. A tensor's planes are the lower triangle row by row,
// where swr has the upper one. NIfTI-1 counts pixels in 16 bits; for more NIfTI-2 is written.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"
#include "codecs/gzip.h"
#include "formats/format.h"
#include "formats/header_text.h"
#include "formats/nifti_extension.h"
#include "formats/nifti_file.h"
#include "formats/nifti_geometry.h"
#include "formats/nifti_header.h"
#include "storage/file.h"

namespace swr {
namespace {

constexpr int most_axes = 7;
constexpr int most_axes_of_vectors = 4;
constexpr int component_axis = 5;  // dim[5]
constexpr int64_t page = 4096;

// Keys in the extension for what the header cannot say.
constexpr std::string_view kind_key = "swr_kind";
constexpr std::string_view dimensions_key = "swr_dimensions";
constexpr std::string_view origin_key = "swr_origin";  // of the axes behind the fourth
// Keys for the header's own texts.
constexpr std::string_view description_key = "descrip";
constexpr std::string_view auxiliary_file_key = "aux_file";
constexpr std::string_view intent_name_key = "intent_name";

struct TypeRow {
  int datatype;
  PixelType pixel;
};
constexpr TypeRow types[] = {
    {nifti_uint8, {SWR_UINT8, 1, SWR_KIND_SCALAR}},
    {nifti_int8, {SWR_INT8, 1, SWR_KIND_SCALAR}},
    {nifti_uint16, {SWR_UINT16, 1, SWR_KIND_SCALAR}},
    {nifti_int16, {SWR_INT16, 1, SWR_KIND_SCALAR}},
    {nifti_uint32, {SWR_UINT32, 1, SWR_KIND_SCALAR}},
    {nifti_int32, {SWR_INT32, 1, SWR_KIND_SCALAR}},
    {nifti_uint64, {SWR_UINT64, 1, SWR_KIND_SCALAR}},
    {nifti_int64, {SWR_INT64, 1, SWR_KIND_SCALAR}},
    {nifti_float32, {SWR_FLOAT32, 1, SWR_KIND_SCALAR}},
    {nifti_float64, {SWR_FLOAT64, 1, SWR_KIND_SCALAR}},
    {nifti_rgb24, {SWR_UINT8, 3, SWR_KIND_RGB}},
    {nifti_rgba32, {SWR_UINT8, 4, SWR_KIND_RGBA}},
    {nifti_complex64, {SWR_FLOAT32, 2, SWR_KIND_COMPLEX}},
    {nifti_complex128, {SWR_FLOAT64, 2, SWR_KIND_COMPLEX}},
};

// n for the n(n+1)/2 components of a symmetric n x n tensor; 0 if they are not so many.
int triangle_rows(int components) {
  int rows = 0, entries = 0;
  while (entries < components && rows < 65536) entries += ++rows;
  return entries == components ? rows : 0;
}

// The plane of each component of a tensor: entry (row, column) of the upper triangle is (column,
// row) of the lower one.
std::vector<int> tensor_planes(int components) {
  const int rows = triangle_rows(components);
  std::vector<int> planes;
  for (int row = 0; row < rows; ++row) {
    for (int column = row; column < rows; ++column)
      planes.push_back(column * (column + 1) / 2 + row);
  }
  return planes;
}

// How an image is spread over the header's dim[].
struct Shape {
  int dimensions = 0;
  PixelType pixel;
  bool planar = false;
  bool tensor = false;
};

PixelType element_type(const NiftiHeader& header, const std::string& path) {
  const auto* const row = std::find_if(std::begin(types), std::end(types), [&](const TypeRow& r) {
    return r.datatype == header.datatype;
  });
  if (row != std::end(types)) return row->pixel;
  switch (header.datatype) {
    case 1: fail(SWR_ERROR_UNSUPPORTED, path, ": pixels of one bit (datatype 1) cannot be read");
    case 1536:
      fail(SWR_ERROR_UNSUPPORTED, path,
           ": floating numbers of 128 bits (datatype 1536) cannot be read");
    case 2048:
      fail(SWR_ERROR_UNSUPPORTED, path,
           ": complex numbers of 256 bits (datatype 2048) cannot be read");
    default:
      fail(SWR_ERROR_CORRUPT, path, ": datatype ", header.datatype, " is not one of NIfTI's");
  }
}

void check_dim(const NiftiHeader& header, const std::string& path) {
  if (header.dim[0] < 1 || header.dim[0] > most_axes)
    fail(SWR_ERROR_CORRUPT, path, ": dim[0] is ", header.dim[0], " and not 1 to 7");
  for (int64_t i = 1; i <= header.dim[0]; ++i) {
    const int64_t size = header.dim[static_cast<size_t>(i)];
    if (size < 1) fail(SWR_ERROR_CORRUPT, path, ": dim[", i, "] is ", size);
  }
}

// Axes of size 1 at the end are dropped as ITK does: those behind the third of a scalar image, all
// but the first of a vector image.
Shape shape_in(const NiftiHeader& header, const std::string& path) {
  check_dim(header, path);
  Shape shape;
  shape.pixel = element_type(header, path);
  const bool vector = header.intent_code == nifti_vector ||
                      header.intent_code == nifti_symmetric_matrix ||
                      header.intent_code == nifti_general_matrix;
  if (!vector || header.dim[0] < component_axis) {
    shape.dimensions = static_cast<int>(header.dim[0]);
    while (shape.dimensions > 3 && header.dim[static_cast<size_t>(shape.dimensions)] == 1)
      --shape.dimensions;
    return shape;
  }
  for (int64_t i = component_axis + 1; i <= header.dim[0]; ++i) {
    if (header.dim[static_cast<size_t>(i)] > 1)
      fail(SWR_ERROR_UNSUPPORTED, path,
           ": an image of vectors with more than four axes cannot be read");
  }
  if (header.dim[component_axis] > INT32_MAX)
    fail(SWR_ERROR_CORRUPT, path, ": dim[5] is ", header.dim[component_axis]);
  const int components = static_cast<int>(header.dim[component_axis]);
  if (components > 1) {
    if (shape.pixel.components > 1)
      fail(SWR_ERROR_UNSUPPORTED, path,
           ": vectors of colours or of complex numbers cannot be read");
    shape.tensor = header.intent_code == nifti_symmetric_matrix && triangle_rows(components) > 0;
    shape.pixel.components = components;
    shape.pixel.kind = shape.tensor ? SWR_KIND_SYMMETRIC_TENSOR : SWR_KIND_VECTOR;
    shape.planar = true;
  }
  shape.dimensions = most_axes_of_vectors;
  while (shape.dimensions > 1 && header.dim[static_cast<size_t>(shape.dimensions)] == 1)
    --shape.dimensions;
  return shape;
}

bool kind_fits(swr_kind kind, int components) {
  switch (kind) {
    case SWR_KIND_SCALAR: return components == 1;
    case SWR_KIND_RGB: return components == 3;
    case SWR_KIND_RGBA: return components == 4;
    case SWR_KIND_COMPLEX: return components == 2;
    case SWR_KIND_SYMMETRIC_TENSOR: return triangle_rows(components) > 0;
    default: return true;
  }
}

// The planes of a tensor lie in another order than those of a vector, so that a note cannot make
// one of the other.
void apply_kind(std::string_view name, Shape& shape) {
  for (int number = SWR_KIND_SCALAR; number <= SWR_KIND_SYMMETRIC_TENSOR; ++number) {
    const auto kind = static_cast<swr_kind>(number);
    const bool reorders = shape.planar && (kind == SWR_KIND_SYMMETRIC_TENSOR) != shape.tensor;
    if (name == swr_kind_name(kind) && kind_fits(kind, shape.pixel.components) && !reorders)
      shape.pixel.kind = kind;
  }
}

// Axes of size 1 that were dropped, or not, though they should have been otherwise.
void apply_dimensions(std::string_view text, const NiftiHeader& header, Shape& shape) {
  int wanted = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), wanted);
  const int most = shape.planar ? most_axes_of_vectors : static_cast<int>(header.dim[0]);
  if (parsed.ec != std::errc{} || wanted < 1 || wanted > most) return;
  for (int i = wanted + 1; i <= most; ++i) {
    if (header.dim[static_cast<size_t>(i)] != 1) return;
  }
  shape.dimensions = wanted;
}

void read_origin_of_far_axes(std::string_view text, int dimensions,
                             std::array<double, max_dimensions>& first) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int axis = 4; axis < dimensions; ++axis) {
    while (at != end && *at == ' ') ++at;
    double value;
    const auto parsed = std::from_chars(at, end, value);
    if (parsed.ec != std::errc{} || !std::isfinite(value)) return;
    first[axis] = value;
    at = parsed.ptr;
  }
}

LinearOrder order_of(const Image& image, const Shape& shape) {
  LinearOrder order;
  order.dimensions = image.dimensions();
  order.size = image.region.size;
  order.component_bytes = swr_component_bytes(image.pixel.component);
  order.components = image.pixel.components;
  order.planar = shape.planar;
  if (shape.tensor) order.planes = tensor_planes(image.pixel.components);
  return order;
}

void read_metadata(const NiftiHeader& header, const Metadata& entries, Image& image) {
  const auto keep = [&](std::string_view key, std::string_view text) {
    const std::string_view words = trimmed(text);  // some writers fill a field up with blanks
    if (!words.empty()) image.set_metadata(key, words);
  };
  keep(description_key, header.description);
  keep(auxiliary_file_key, header.auxiliary_file);
  keep(intent_name_key, header.intent_name);
  for (const auto& [key, value] : entries) {
    if (key != start_index_key && key != kind_key && key != dimensions_key && key != origin_key)
      image.set_metadata(key, value);
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
                 int64_t bytes) {
  const int64_t offset = nifti_pixel_offset(head, header_path);
  DataPart part;
  part.path = head.header.pair ? nifti_data_path(path, header_path) : header_path;
  part.bytes = bytes;
  Layout layout;
  const bool compressed = head.header.pair ? has_suffix(part.path, ".gz") : head.compressed;
  if (compressed) layout.storage = Deflate{.wrapper = Deflate::Wrapper::gzip, .prefix = offset};
  layout.big_endian = head.header.big_endian;
  part.offset = compressed ? 0 : offset;
  int64_t end;
  if (__builtin_add_overflow(offset, bytes, &end))
    fail(SWR_ERROR_CORRUPT, header_path,
         ": the pixels would end behind the largest position in a file");
  layout.parts = {part};
  return layout;
}

bool recognise(std::string_view head, std::string_view path_view) {
  const std::string path(path_view);
  try {
    if (is_nifti_data_path(path)) {
      const std::string header_path = nifti_header_path(path);
      if (!file_exists(header_path)) return false;
      if (has_suffix(header_path, ".gz")) return read_nifti_head(header_path).header.pair;
      return begins_like_nifti(read_head(header_path, nifti_longest_header), false);
    }
  } catch (const Error&) {
    return false;
  }
  const bool known_suffix = has_suffix(path, ".nii") || has_suffix(path, ".nii.gz") ||
                            has_suffix(path, ".hdr") || has_suffix(path, ".hdr.gz");
  return begins_like_nifti(head, !known_suffix);
}

Description read(const std::string& path) {
  const std::string header_path = nifti_header_path(path);
  const NiftiHead head = read_nifti_head(header_path);
  const NiftiHeader& header = head.header;
  const Metadata entries = read_nifti_extensions(head.extensions, header.big_endian);
  Shape shape = shape_in(header, header_path);
  if (const auto* text = entries.find(dimensions_key)) apply_dimensions(*text, header, shape);
  if (const auto* text = entries.find(kind_key)) apply_kind(*text, shape);

  Description file;
  if (header_path != path) file.header_path = header_path;
  Image& image = file.image;
  image.pixel = shape.pixel;
  image.region.dimensions = shape.dimensions;
  std::copy_n(header.dim.begin() + 1, shape.dimensions, image.region.size.begin());
  const int64_t bytes = checked_bytes(image, header_path);
  std::array<double, max_dimensions> first = read_nifti_geometry(header, image);
  if (const auto* text = entries.find(origin_key))
    read_origin_of_far_axes(*text, shape.dimensions, first);
  if (const auto* text = entries.find(start_index_key)) set_start_index(image.region, *text);
  image.set_origin_from_first_pixel(first);
  read_metadata(header, entries, image);
  file.layout = layout_of(path, header_path, head, bytes);
  file.header_bytes = header.bytes();
  file.layout.order = order_of(image, shape);
  if (std::isfinite(header.slope) && header.slope != 0) {
    file.slope = header.slope;
    file.intercept = std::isfinite(header.intercept) ? header.intercept : 0;
  }
  return file;
}

// Whether a header of NIfTI-1, which has floats, holds the number as it is.
bool is_float(double value) {
  return std::abs(value) <= std::numeric_limits<float>::max() &&
         static_cast<double>(static_cast<float>(value)) == value;
}

// The shape that a new file gives the image, with what the header alone says of it: datatype,
// intent and dim[].
Shape spread(const Image& image, NiftiHeader& header, const std::string& path) {
  Shape shape{image.dimensions(), image.pixel, false, false};
  const bool row_of_own = std::any_of(std::begin(types), std::end(types), [&](const TypeRow& r) {
    return r.pixel == image.pixel || (r.pixel.components == 1 && image.pixel.components == 1 &&
                                      r.pixel.component == image.pixel.component);
  });
  shape.planar = !row_of_own;
  shape.tensor = shape.planar && image.pixel.kind == SWR_KIND_SYMMETRIC_TENSOR;
  const int most = shape.planar ? most_axes_of_vectors : most_axes;
  if (image.dimensions() < 1 || image.dimensions() > most) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": NIfTI holds images of ", image.pixel.text(),
         " with up to ", most, " dimensions, not ", image.dimensions());
  }
  if (!kind_fits(image.pixel.kind, image.pixel.components)) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": ", image.pixel.components, " components are no ",
         swr_kind_name(image.pixel.kind));
  }
  for (const TypeRow& row : types) {
    const bool same =
        shape.planar ? row.pixel.components == 1 && row.pixel.component == image.pixel.component
                     : row.pixel.components == image.pixel.components &&
                           row.pixel.component == image.pixel.component;
    if (!same) continue;
    header.datatype = row.datatype;
    header.bits_per_pixel = static_cast<int>(8 * row.pixel.bytes());
  }
  if (header.datatype == 0)
    fail(SWR_ERROR_UNSUPPORTED, path, ": NIfTI cannot hold pixels of ", image.pixel.text());
  header.dim.fill(1);
  header.dim[0] = image.dimensions();
  std::copy_n(image.region.size.begin(), image.dimensions(), header.dim.begin() + 1);
  if (shape.planar) {
    header.dim[0] = component_axis;
    header.dim[component_axis] = image.pixel.components;
    header.intent_code = shape.tensor ? nifti_symmetric_matrix : nifti_vector;
    if (shape.tensor) header.intent_parameter[0] = triangle_rows(image.pixel.components);
  }
  const bool is_large = std::any_of(header.dim.begin(), header.dim.end(),
                                    [](int64_t size) { return size > nifti1_largest_size; });
  const bool fits_floats = is_float(header.slope) && is_float(header.intercept);
  header.version = is_large || !fits_floats ? 2 : 1;
  return shape;
}

// Puts a text into its field of the header, if it has that key and fits.
bool take_field(const std::string& key, const std::string& value, NiftiHeader& header) {
  const auto take = [&](std::string& field, size_t room) {
    if (value.empty() || value.size() > room) return false;
    field = value;
    return true;
  };
  if (key == description_key) return take(header.description, nifti_description_room);
  if (key == auxiliary_file_key) return take(header.auxiliary_file, nifti_auxiliary_file_room);
  if (key == intent_name_key) return take(header.intent_name, nifti_intent_name_room);
  return false;
}

// What goes into the extension: the metadata, and what a reader of the bare header would take
// otherwise.
Metadata entries_for(const Image& image, NiftiHeader& header, const std::string& path) {
  Metadata entries;
  const Shape seen = shape_in(header, path);
  const auto& index = image.region.index;
  if (std::any_of(index.begin(), index.begin() + image.dimensions(),
                  [](int64_t i) { return i != 0; })) {
    entries.set(start_index_key, start_index_text(image.region));
  }
  if (seen.pixel.kind != image.pixel.kind) entries.set(kind_key, swr_kind_name(image.pixel.kind));
  if (seen.dimensions != image.dimensions())
    entries.set(dimensions_key, std::to_string(image.dimensions()));
  const auto first = image.first_pixel_position();
  if (std::any_of(first.begin() + 4, first.end(), [](double position) { return position != 0; })) {
    std::string text;
    for (int axis = 4; axis < image.dimensions(); ++axis)
      text += swr::text(axis > 4 ? " " : "", first[axis]);
    entries.set(origin_key, text);
  }
  for (const auto& [key, value] : image.metadata) {
    if (key == start_index_key || key == kind_key || key == dimensions_key || key == origin_key) {
      fail(SWR_ERROR_UNSUPPORTED, path, ": the metadata key ", key,
           " is kept for what the library itself stores");
    }
    if (key.empty())
      fail(SWR_ERROR_UNSUPPORTED, path, ": NIfTI cannot hold metadata with an empty key");
    if (!take_field(key, value, header)) entries.set(key, value);
  }
  return entries;
}

// Where the files of a new image go.
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

// Of a plain and a compressed file of one name readers take the plain one: for the header of this
// pair, or for that of another one.
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
  NiftiHeader header;
  header.pair = names.data != names.header;
  header.slope = request.slope;
  header.intercept = request.intercept;
  const Shape shape = spread(image, header, request.path);
  write_nifti_geometry(image, header, request.path);
  const Metadata entries = entries_for(image, header, request.path);

  const int64_t header_bytes = header.bytes() + 4;
  const bool aligned = !header.pair && !compressed;
  std::string extension = make_nifti_extension(entries, aligned ? page - header_bytes : 0);
  int64_t end = header_bytes + static_cast<int64_t>(extension.size());
  // An extension reaches up to the pixels: some readers take zeros between them for another one.
  if (aligned && !extension.empty() && end % page != 0) {
    extension = make_nifti_extension(entries, round_up(end, page) - header_bytes);
    end = header_bytes + static_cast<int64_t>(extension.size());
  }
  if (static_cast<int64_t>(extension.size()) > nifti_extension_limit) {
    fail(SWR_ERROR_UNSUPPORTED, request.path,
         ": the metadata is longer than the 64 MiB that are read back");
  }
  const int64_t offset = header.pair ? 0 : aligned ? round_up(end, page) : round_up(end, 16);
  header.vox_offset = static_cast<double>(offset);
  header.extended = !extension.empty();
  const std::string bytes = nifti_header_bytes(header) + extension;

  NewFile file;
  file.layout.storage = request.storage;
  if (names.header != request.path) file.header_path = names.header;
  if (header.pair) file.conflicting = conflicting_files(names);
  if (compressed && !header.pair) {
    file.stream_prefix = bytes;
    std::get<Deflate>(file.layout.storage).prefix = offset;
  } else {
    file.header = header.pair && has_suffix(names.header, ".gz") ? gzip_of(bytes) : bytes;
  }
  file.layout.order = order_of(image, shape);
  DataPart part;
  part.path = names.data;
  part.offset = compressed ? 0 : offset;
  part.bytes = image.bytes();
  file.layout.parts = {part};
  return file;
}

std::optional<Growth> grow(const std::string& path, const Description& file, const Image& grown) {
  // One plane would run into the next.
  if (file.layout.order.planar && file.layout.order.components > 1) return std::nullopt;
  const NiftiHead head = read_nifti_head(nifti_header_path(path));
  const NiftiHeader& header = head.header;
  if (header.pair && head.compressed) return std::nullopt;
  const int axis = grown.dimensions() - 1;
  const int64_t size = grown.region.size[axis];
  if (axis >= header.dim[0] || (header.version == 1 && size > nifti1_largest_size))
    return std::nullopt;
  HeaderPatch patch;
  patch.offset = header.size_field(axis);
  patch.in_stream_prefix = head.compressed;
  patch.bytes.resize(header.version == 1 ? sizeof(int16_t) : sizeof(int64_t));
  auto* const to = reinterpret_cast<std::byte*>(patch.bytes.data());
  if (header.version == 1) {
    store(to, static_cast<int16_t>(size), header.big_endian);
  } else {
    store(to, size, header.big_endian);
  }
  return Growth{{patch}};
}

constexpr Suffix suffixes[] = {{".nii", Compression::never},    {".nii.gz", Compression::always},
                               {".hdr", Compression::possible}, {".hdr.gz", Compression::always},
                               {".img", Compression::never},    {".img.gz", Compression::always}};
constexpr uint32_t capabilities = SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND |
                                  SWR_CAN_COMPRESS | SWR_CAN_STREAM_COMPRESSED |
                                  SWR_CAN_PASTE_COMPRESSED | SWR_CAN_CONCURRENT;

}  // namespace

extern const Format nifti_format;
const Format nifti_format = {
    .name = "NIfTI",
    .suffixes = suffixes,
    .other_suffix = Compression::never,
    .capabilities = capabilities,
    .least_dimensions = 1,
    .most_dimensions = most_axes,
    .wrapper = Deflate::Wrapper::gzip,
    .recognise = recognise,
    .read = read,
    .plan = plan,
    .grow = grow,
};

}  // namespace swr
