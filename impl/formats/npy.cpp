// NumPy's .npy: one array (numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
//
//   \x93NUMPY [version: 1 0, 2 0 or 3 0] [length of the text, little-endian: 2 bytes, then 4]
//   {'descr': '<u2', 'fortran_order': False, 'shape': (200, 512, 512), }   blanks, newline
//   [pixels; in new files at a multiple of 4096]
//
// The text is a Python dictionary with exactly these keys. `shape` begins with the slowest axis, or
// with the fastest one if fortran_order is True. An array holds no geometry and no metadata, and it
// does not say whether an axis holds the components of a pixel. In new files a tab after the
// dictionary says that the fastest one does: white space to other programs, which see one axis
// more. The blanks are room for `shape`, which grows in place.
#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"
#include "formats/format.h"
#include "formats/header_draft.h"
#include "formats/header_text.h"
#include "formats/npy_header.h"
#include "storage/file.h"

namespace swr {
namespace {

constexpr int64_t most_components = int64_t{1} << 24;

struct ArrayType {
  char kind;
  int bytes;
  swr_component component;
  int components;
};
constexpr ArrayType types[] = {
    {'u', 1, SWR_UINT8, 1},   {'i', 1, SWR_INT8, 1},    {'u', 2, SWR_UINT16, 1},
    {'i', 2, SWR_INT16, 1},   {'u', 4, SWR_UINT32, 1},  {'i', 4, SWR_INT32, 1},
    {'u', 8, SWR_UINT64, 1},  {'i', 8, SWR_INT64, 1},   {'f', 4, SWR_FLOAT32, 1},
    {'f', 8, SWR_FLOAT64, 1}, {'c', 8, SWR_FLOAT32, 2}, {'c', 16, SWR_FLOAT64, 2},
    {'b', 1, SWR_UINT8, 1},   {'f', 2, SWR_FLOAT32, 1},
};

struct ArraySource final : SourceHeader {
  NpyHeader header;
  std::vector<std::string> own_fields() const override { return {}; }
};

const ArrayType& type_of(std::string_view descr, const std::string& path) {
  for (const ArrayType& type : types) {
    if (descr.size() < 3 || std::string_view("<>|=").find(descr[0]) == std::string_view::npos)
      break;
    if (descr[1] == type.kind && descr.substr(2) == std::to_string(type.bytes)) return type;
  }
  fail(SWR_ERROR_UNSUPPORTED, path, ": the array's type is ", in_quotes(descr),
       ", which no pixel has; types are integers of 8 to 64 bits, float16, float32, float64, "
       "complex64, complex128 and bool");
}

swr_kind kind_read(swr_component component, int components) {
  if (component == SWR_UINT8 && components == 3) return SWR_KIND_RGB;
  if (component == SWR_UINT8 && components == 4) return SWR_KIND_RGBA;
  return default_kind(components);
}

// The sizes of the array, the fastest first.
std::vector<int64_t> sizes_of(const NpyHeader& header, const std::string& path) {
  std::vector<int64_t> sizes;
  for (const HeaderValue& number : header.shape) {
    const auto size = integer_of(number.text);
    if (!size || *size < 0)
      fail(SWR_ERROR_CORRUPT, path, ": the shape has ", in_quotes(number.text),
           ", which is no size");
    if (*size == 0) fail(SWR_ERROR_UNSUPPORTED, path, ": the array is empty: its shape has a 0");
    sizes.push_back(*size);
  }
  if (!header.fortran_order) std::ranges::reverse(sizes);
  return sizes;
}

void read_shape(const NpyHeader& header, const ArrayType& type, const std::string& path,
                Image& image) {
  std::vector<int64_t> sizes = sizes_of(header, path);
  const bool is_complex = type.components == 2;
  image.pixel = {type.component, type.components, is_complex ? SWR_KIND_COMPLEX : SWR_KIND_SCALAR};
  if (header.has_components && !is_complex && sizes.size() > 1 && sizes[0] <= most_components) {
    const auto components = static_cast<int>(sizes[0]);
    image.pixel = {type.component, components, kind_read(type.component, components)};
    sizes.erase(sizes.begin());
  }
  if (sizes.empty() || sizes.size() > max_dimensions) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": the array has ", sizes.size(), " axes; an image has 1 to ",
         max_dimensions);
  }
  image.region.dimensions = static_cast<int>(sizes.size());
  std::ranges::copy(sizes, image.region.size.begin());
  if (!bytes_of_axes(sizes.data(), image.dimensions(), image.pixel.bytes()))
    fail(SWR_ERROR_CORRUPT, path, ": the shape says ", image.region.text(),
         ", which is more bytes than there can be");
  image.set_default_geometry();
}

Layout layout_of(const std::string& path, const Image& image, int64_t begin) {
  Layout layout;
  layout.order = {image.dimensions(), image.region.size, swr_component_bytes(image.pixel.component),
                  image.pixel.components};
  layout.parts = {DataPart{path, begin, 0, image.bytes()}};
  return layout;
}

bool recognise(std::string_view head, std::string_view) {
  return head.starts_with(npy_magic);
}

Description read(const std::string& path, OpenFiles& files) {
  auto source = std::make_shared<ArraySource>();
  NpyHeader& header = source->header;
  read_npy_header(*files.open(path), header);
  const ArrayType& type = type_of(header.descr, path);
  Description file;
  read_shape(header, type, path, file.image);
  file.layout = layout_of(path, file.image, header.pixels_begin());
  const char order = header.descr[0];
  file.layout.big_endian = order == '>' || (order == '=' && machine_is_big_endian);
  file.layout.half_floats = type.kind == 'f' && type.bytes == 2;
  if (file.layout.half_floats) file.layout.parts[0].bytes /= 2;
  int64_t end;
  if (add_overflows(header.pixels_begin(), file.image.bytes(), end))
    fail(SWR_ERROR_CORRUPT, path, ": the pixels would end after the largest position in a file");
  if (type.kind == 'b') file.read_only = "its values are truth values; copy it to another file";
  file.header_bytes = header.pixels_begin();
  file.header = std::move(source);
  return file;
}

std::string descr_of(const ArrayType& type) {
  return (type.bytes == 1 ? "|" : "<") + std::string(1, type.kind) + std::to_string(type.bytes);
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string list;
  for (const int64_t size : shape) list += (list.empty() ? "" : ", ") + std::to_string(size);
  return "(" + list + (shape.size() == 1 ? ",)" : ")");
}

bool is_complex_type(const PixelType& pixel) {
  const bool is_float = pixel.component == SWR_FLOAT32 || pixel.component == SWR_FLOAT64;
  return pixel.kind == SWR_KIND_COMPLEX && is_float;
}

const ArrayType& type_for(const PixelType& pixel) {
  const int components = is_complex_type(pixel) ? 2 : 1;
  return *std::ranges::find_if(types, [&](const ArrayType& type) {
    return type.component == pixel.component && type.components == components;
  });
}

bool stores_components(const PixelType& pixel) {
  return pixel.components > 1 && !is_complex_type(pixel);
}

std::string dictionary_of(const Image& image, bool fortran_order) {
  const auto size = image.region.size.begin();
  std::vector<int64_t> shape(size, size + image.dimensions());
  if (stores_components(image.pixel)) shape.insert(shape.begin(), image.pixel.components);
  if (!fortran_order) std::ranges::reverse(shape);
  std::string dictionary = text("{'descr': '", descr_of(type_for(image.pixel)),
                                "', 'fortran_order': ", fortran_order ? "True" : "False",
                                ", 'shape': ", shape_text(shape), ", }");
  if (stores_components(image.pixel)) dictionary += npy_components_note;
  return dictionary;
}

// Of version 1.0, which every reader knows.
std::string new_header(const Image& image, bool fortran_order) {
  constexpr size_t text_begin = npy_version_end + 2;
  std::string text = dictionary_of(image, fortran_order);
  const auto bytes = static_cast<size_t>(round_up(
      static_cast<int64_t>(text_begin + text.size()) + number_field_width + 1, data_alignment));
  text.resize(bytes - text_begin - 1, ' ');
  text += '\n';
  std::string header(npy_magic);
  header +=
      {'\x01', '\x00', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return header + text;
}

const ArraySource* source_of(const NewFileRequest& request) {
  return request.base ? dynamic_cast<const ArraySource*>(request.base->header.get()) : nullptr;
}

NewFile plan(const Image& image, const NewFileRequest& request) {
  const std::string& path = request.path;
  check_storable(image, path);
  const PixelType& pixel = image.pixel;
  NewFile file;
  // A shape that begins with the fastest axis goes on doing so.
  const ArraySource* const source = source_of(request);
  file.header = new_header(image, source && source->header.fortran_order);
  file.layout = layout_of(path, image, std::ssize(file.header));
  file.layout.storage = request.storage;
  const swr_kind read_as = kind_read(pixel.component, pixel.components);
  if (!is_complex_type(pixel) && pixel.kind != read_as) {
    file.remarks.push_back({text("NumPy arrays cannot hold that pixels are ", pixel.text(),
                                 "; they are read as ", swr_kind_name(read_as))});
  }
  return file;
}

// The text of the header with another size of the slowest axis. What it gets longer is taken from
// its last blanks; nothing if there are too few.
std::optional<std::string> resized(const NpyHeader& header, int64_t size) {
  const HeaderValue& old = header.shape[header.slowest()];
  const std::string digits = std::to_string(size);
  std::string text = header.text;
  if (digits.size() < old.text.size() || !text.ends_with('\n')) return std::nullopt;
  const size_t longer = digits.size() - old.text.size();
  const size_t blanks = text.size() - 1 - (text.find_last_not_of(' ', text.size() - 2) + 1);
  if (longer > blanks) return std::nullopt;
  text.erase(text.size() - 1 - longer, longer);
  return text.replace(old.offset, old.text.size(), digits);
}

std::optional<Growth> grow(const std::string&, const Description& file, const Image& grown) {
  const auto& source = dynamic_cast<const ArraySource&>(*file.header);
  const NpyHeader& header = source.header;
  const auto text = resized(header, grown.region.size[grown.dimensions() - 1]);
  if (!text) return std::nullopt;
  Growth growth;
  if (auto patch = patch_between(header.text, *text)) {
    patch->offset += header.text_begin;
    growth.patches.push_back(std::move(*patch));
  }
  return growth;
}

constexpr Suffix suffixes[] = {{".npy", Compression::never}};

}  // namespace

extern const Format npy_format;
const Format npy_format = {
    .name = "NumPy",
    .suffixes = suffixes,
    .other_suffix = Compression::never,
    .capabilities =
        SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND | SWR_CAN_CONCURRENT,
    .least_dimensions = 1,
    .most_dimensions = max_dimensions,
    .wrapper = Deflate::Wrapper::zlib,
    .recognise = recognise,
    .read = read,
    .plan = plan,
    .grow = grow,
};

}  // namespace swr
