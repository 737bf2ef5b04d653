// GIPL, a format of Guy's Hospital that ITK reads and writes. Numbers are big-endian.
//
//     0  4 u16  sizes; 1 along the axes that the image does not have
//     8  u16    type
//    10  4 f32  spacing
//    26  80     text: the patient
//   106  82     a matrix and flags, on which programs do not agree
//   188  2 f64  least and largest value, or zeros
//   204  4 f64  position of the first pixel
//   236  16     of the application
//   252  u32    0xEFFFE9B0 or 0x2AE389B8
//   256  pixels, x fastest
//
// .gipl.gz is the same in one gzip stream. The number of axes follows from the sizes: two, and as
// many as have more than one pixel after them. Of other images the text ends in "swr_dimensions="
// and the number. There is no direction; lengths are in mm.
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "formats/big_endian_fields.h"
#include "formats/file_head.h"
#include "formats/format.h"
#include "formats/header_draft.h"
#include "formats/header_text.h"

namespace swr {
namespace {

constexpr size_t header_bytes = 256;
constexpr size_t size_field = 0, type_field = 8, spacing_field = 10, text_field = 26;
constexpr size_t extremes_field = 188, position_field = 204, magic_field = 252;
constexpr size_t text_bytes = 80;
constexpr int most_axes = 4;
constexpr int64_t largest_size = std::numeric_limits<uint16_t>::max();
constexpr uint32_t magics[] = {0xEFFFE9B0, 0x2AE389B8};
constexpr std::string_view no_patient = "No Patient Information";
constexpr std::string_view dimensions_note = "swr_dimensions=";

struct TypeCode {
  uint16_t code;
  swr_component component;
};
constexpr TypeCode types[] = {{7, SWR_INT8},     {8, SWR_UINT8},   {15, SWR_INT16},
                              {16, SWR_UINT16},  {31, SWR_UINT32}, {32, SWR_INT32},
                              {64, SWR_FLOAT32}, {65, SWR_FLOAT64}};

// The text without the zeros and blanks at its end.
std::string_view patient_of(const BigEndianFields& fields) {
  const std::string_view field = fields.text(text_field, text_bytes);
  return trimmed(field.substr(0, field.find('\0')));
}

struct GiplSource final : SourceHeader {
  GiplSource(BigEndianFields read, bool is_in_stream)
      : fields(std::move(read)), in_stream(is_in_stream) {}
  std::vector<std::string> own_fields() const override {
    const std::string_view words = patient_of(fields);
    const bool says_nothing =
        words.empty() || words.starts_with(no_patient) || words.starts_with(dimensions_note);
    return says_nothing ? std::vector<std::string>() : std::vector<std::string>{"the patient"};
  }
  const BigEndianFields fields;
  const bool in_stream;
};

bool recognise(std::string_view head, std::string_view) {
  if (head.size() < header_bytes) return false;
  const auto magic = BigEndianFields(head, header_bytes).get<uint32_t>(magic_field);
  return std::ranges::find(magics, magic) != std::end(magics);
}

int64_t size_of_axis(const BigEndianFields& fields, int axis) {
  return std::max<int64_t>(fields.get<uint16_t>(size_field, axis), 1);
}

int dimensions_by_sizes(const BigEndianFields& fields) {
  int n = most_axes;
  while (n > 2 && size_of_axis(fields, n - 1) == 1) --n;
  return n;
}

// A note that the sizes contradict does not count.
int dimensions_of(const BigEndianFields& fields) {
  const std::string_view words = patient_of(fields);
  const int by_sizes = dimensions_by_sizes(fields);
  const size_t note = words.rfind(dimensions_note);
  if (note == std::string_view::npos) return by_sizes;
  const auto n = integer_of(words.substr(note + dimensions_note.size()));
  if (!n || *n < 1 || *n > most_axes) return by_sizes;
  for (int axis = static_cast<int>(*n); axis < most_axes; ++axis) {
    if (size_of_axis(fields, axis) != 1) return by_sizes;
  }
  return static_cast<int>(*n);
}

// Numbers that cannot be leave the default.
void read_geometry(const BigEndianFields& fields, Image& image) {
  image.set_default_geometry();
  image.set_space_unit(SWR_UNIT_MILLIMETRE);
  std::array<double, max_dimensions> first{};
  for (int axis = 0; axis < image.dimensions(); ++axis) {
    const double spacing = std::abs(fields.get<float>(spacing_field, axis));
    if (std::isfinite(spacing) && spacing > 0) image.spacing[axis] = spacing;
    const auto position = fields.get<double>(position_field, axis);
    if (std::isfinite(position)) first[axis] = position;
  }
  image.set_origin_from_first_pixel(first);
}

void read_image(const BigEndianFields& fields, const std::string& path, Image& image) {
  const auto code = fields.get<uint16_t>(type_field);
  const auto* const type = std::ranges::find(types, code, &TypeCode::code);
  if (type == std::end(types)) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": the pixels have GIPL's type ", code,
         "; swr reads the types 7, 8, 15, 16, 31, 32, 64 and 65");
  }
  image.pixel = {type->component, 1, SWR_KIND_SCALAR};
  image.region.dimensions = dimensions_of(fields);
  for (int axis = 0; axis < image.dimensions(); ++axis)
    image.region.size[axis] = size_of_axis(fields, axis);
  if (!bytes_of_axes(image.region.size.data(), image.dimensions(), image.pixel.bytes())) {
    fail(SWR_ERROR_CORRUPT, path, ": an image of ", image.region.text(),
         " has more bytes than there can be");
  }
  read_geometry(fields, image);
}

Layout layout_of(const std::string& path, const Image& image, const Storage& storage) {
  Layout layout;
  layout.order = {image.dimensions(), image.region.size, swr_component_bytes(image.pixel.component),
                  1};
  layout.big_endian = true;
  layout.storage = storage;
  int64_t offset = header_bytes;
  if (auto* const stream = std::get_if<Deflate>(&layout.storage)) {
    stream->prefix = header_bytes;
    offset = 0;
  }
  layout.parts = {DataPart{path, offset, 0, image.bytes()}};
  return layout;
}

Description read(const std::string& path, OpenFiles& files) {
  const FileHead head(files.open(path));
  const std::string bytes = head.first(header_bytes);
  if (!recognise(bytes, path)) {
    fail(SWR_ERROR_CORRUPT, path, ": the first ", header_bytes,
         " bytes are not a header of GIPL, whose last number is 0xEFFFE9B0");
  }
  auto source =
      std::make_shared<GiplSource>(BigEndianFields(bytes, header_bytes), head.is_compressed());
  Description file;
  read_image(source->fields, path, file.image);
  file.layout = layout_of(
      path, file.image,
      head.is_compressed() ? Storage(Deflate{.wrapper = Deflate::Wrapper::gzip}) : Storage(Raw{}));
  file.header_bytes = header_bytes;
  file.header = std::move(source);
  return file;
}

uint16_t code_for(const PixelType& pixel, const std::string& path) {
  const auto* const type = std::ranges::find(types, pixel.component, &TypeCode::component);
  if (type == std::end(types) || pixel.components != 1) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": GIPL cannot hold pixels of ", pixel.text(),
         "; it has one number in each pixel: integers of 8 to 32 bits, float32 and float64");
  }
  return type->code;
}

void check_sizes(const Image& image, const std::string& path) {
  const int n = image.dimensions();
  if (n > most_axes) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": GIPL cannot hold an image of ", n,
         " dimensions; it has 1 to ", most_axes);
  }
  for (int axis = 0; axis < n; ++axis) {
    if (image.region.size[axis] > largest_size) {
      fail(SWR_ERROR_UNSUPPORTED, path, ": GIPL cannot hold an image of ", image.region.text(),
           "; its sizes are at most ", largest_size);
    }
  }
}

float spacing_field_of(double spacing, const std::string& path) {
  const auto value = static_cast<float>(spacing);
  if (!(value > 0) || !std::isfinite(value))
    fail(SWR_ERROR_UNSUPPORTED, path, ": GIPL cannot hold a spacing of ", spacing);
  return value;
}

// Says how many axes there are, if the sizes do not. Text that need not change keeps its bytes, and
// what gives way is told.
void write_words(BigEndianFields& fields, int dimensions, bool is_new,
                 std::vector<Remark>& remarks) {
  const std::string_view field = fields.text(text_field, text_bytes);
  std::string words(patient_of(fields));
  const size_t note = words.rfind(dimensions_note);
  const bool needs_note = dimensions != dimensions_by_sizes(fields);
  if (!is_new && note == std::string::npos && !needs_note) return;
  if (field.find_last_not_of('\0') != field.npos && field.find_last_not_of('\0') > field.find('\0'))
    remarks.push_back({"the field with the patient has bytes after a zero byte, which give way"});
  if (note != std::string::npos) words = trimmed(std::string_view(words).substr(0, note));
  if (words.empty()) words = no_patient;
  if (needs_note) {
    const std::string end = text(" ", dimensions_note, dimensions);
    const size_t room = text_bytes - end.size();
    if (words.size() > room) {
      remarks.push_back({text("the patient has ", words.size(),
                              " bytes; the last ones give way to ", in_quotes(trimmed(end)))});
      words.resize(room);
    }
    words += end;
  }
  fields.set_text(text_field, text_bytes, words);
}

// What is said of the old values is not true of others.
void forget_extremes(BigEndianFields& fields) {
  fields.set(extremes_field, 0, 0.0);
  fields.set(extremes_field, 1, 0.0);
}

const GiplSource* source_of(const Description* file) {
  return file ? dynamic_cast<const GiplSource*>(file->header.get()) : nullptr;
}

BigEndianFields fields_for(const Image& image, const NewFileRequest& request,
                           std::vector<Remark>& remarks) {
  const GiplSource* const source = source_of(request.base);
  BigEndianFields fields = source ? source->fields : BigEndianFields("", header_bytes);
  if (!source) fields.set(magic_field, 0, magics[0]);
  fields.set(type_field, 0, code_for(image.pixel, request.path));
  // A number that says what is so already stays, and so do those of axes that the image does not
  // have.
  const int n = image.dimensions();
  const bool has_old_axes = source && request.base->image.dimensions() == n;
  const Image& old = has_old_axes ? request.base->image : image;
  const auto first = image.first_pixel_position(), old_first = old.first_pixel_position();
  for (int axis = 0; axis < most_axes; ++axis) {
    const bool exists = axis < n;
    const int64_t size = exists ? image.region.size[axis] : 1;
    if (!source || size_of_axis(fields, axis) != size)
      fields.set(size_field, axis, static_cast<uint16_t>(size));
    if (!has_old_axes || (exists && image.spacing[axis] != old.spacing[axis])) {
      fields.set(spacing_field, axis,
                 exists ? spacing_field_of(image.spacing[axis], request.path) : 1.0F);
    }
    if (!has_old_axes || (exists && first[axis] != old_first[axis]))
      fields.set(position_field, axis, exists ? first[axis] : 0.0);
  }
  forget_extremes(fields);
  write_words(fields, n, !source, remarks);
  return fields;
}

NewFile plan(const Image& image, const NewFileRequest& request) {
  check_storable(image, request.path);
  check_sizes(image, request.path);
  NewFile file;
  file.layout = layout_of(request.path, image, request.storage);
  (request.is_compressed() ? file.stream_prefix : file.header) =
      fields_for(image, request, file.remarks).bytes();
  return file;
}

std::vector<HeaderPatch> patches_to(const BigEndianFields& changed, const GiplSource& source) {
  auto patch = patch_between(source.fields.bytes(), changed.bytes());
  if (!patch) return {};
  patch->in_stream_prefix = source.in_stream;
  return {std::move(*patch)};
}

std::optional<Growth> grow(const std::string&, const Description& file, const Image& grown) {
  const int axis = grown.dimensions() - 1;
  const int64_t size = grown.region.size[axis];
  if (size > largest_size) return std::nullopt;
  const GiplSource& source = *source_of(&file);
  BigEndianFields fields = source.fields;
  fields.set(size_field, axis, static_cast<uint16_t>(size));
  forget_extremes(fields);
  return Growth{patches_to(fields, source)};
}

std::vector<HeaderPatch> outdate(const Description& file) {
  const GiplSource& source = *source_of(&file);
  BigEndianFields fields = source.fields;
  forget_extremes(fields);
  return patches_to(fields, source);
}

constexpr Suffix suffixes[] = {{".gipl", Compression::never}, {".gipl.gz", Compression::always}};

}  // namespace

extern const Format gipl_format;
const Format gipl_format = {
    .name = "GIPL",
    .suffixes = suffixes,
    .other_suffix = Compression::never,
    .capabilities = SWR_CAN_READ | SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND |
                    SWR_CAN_COMPRESS | SWR_CAN_STREAM_COMPRESSED | SWR_CAN_PASTE_COMPRESSED |
                    SWR_CAN_CONCURRENT | SWR_HOLDS_SPACING | SWR_HOLDS_ORIGIN,
    .least_dimensions = 1,
    .most_dimensions = most_axes,
    .stated_unit = same_unit_in_space<SWR_UNIT_MILLIMETRE>,
    .wrapper = Deflate::Wrapper::gzip,
    .recognise = recognise,
    .read = read,
    .plan = plan,
    .grow = grow,
    .outdate = outdate,
};

}  // namespace swr
