// MGH (surfer.nmr.mgh.harvard.edu/fswiki/FsTutorial/MghFormat). Numbers are big-endian.
//
//     0  i32     version: 1, and an intent in the second byte
//     4  4 i32   width, height, depth, frames
//    20  i32     type
//    24  i32     degrees of freedom
//    28  i16     1: the following fields count
//    30  3 f32   spacing
//    42  9 f32   direction of the axes x, y, z: right, anterior, superior of each
//    78  3 f32   position of the centre, at half of each size: right, anterior, superior
//    90  194     unused; notes.h, for what has no field
//
// The centre moves when the image grows. Directions and positions of an Image are left, posterior,
// superior. Without the fields from 30 on, spacing is 1, the slices are coronal and the centre is
// at 0.
#include "formats/mgh_header.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "base/error.h"
#include "formats/header_text.h"
#include "formats/notes.h"

namespace swr {
namespace {

constexpr size_t version_field = 0, size_field = 4, type_field = 20, states_geometry_field = 28;
constexpr size_t spacing_field = 30, direction_field = 42, centre_field = 78, notes_field = 90;
constexpr size_t notes_bytes = mgh_header_bytes - notes_field;
constexpr int32_t version = 1;
constexpr std::string_view dimensions_key = "swr_dimensions";
constexpr std::string_view frames_key = "swr_frames";  // spacing and position of the frames

struct TypeCode {
  int32_t code;
  swr_component component;
};
constexpr TypeCode types[] = {{0, SWR_UINT8}, {1, SWR_INT32}, {3, SWR_FLOAT32}, {4, SWR_INT16}};
constexpr int32_t largest_code = 10;

using Vector = std::array<double, mgh_space_axes>;
using Axes = std::array<Vector, mgh_space_axes>;  // of each axis, its direction

// The position of an image in space, in left, posterior, superior.
struct Space {
  Vector spacing{1, 1, 1};
  Axes axes{};
  Vector centre{};
};

// Converts a coordinate from RAS to LPS or back; 0 never becomes -0.
double lps(double value, int row) {
  return row < 2 ? 0.0 - value : value;
}

bool has_known_version(const BigEndianFields& fields) {
  constexpr int32_t intent = 0xff00;
  return (fields.get<int32_t>(version_field) & ~intent) == version;
}

bool is_axis(const Vector& axis) {
  const double length = std::hypot(axis[0], axis[1], axis[2]);
  return std::isfinite(length) && length > 0;
}

Space coronal_space() {
  Space space;
  space.axes = {Vector{1, 0, 0}, Vector{0, 0, -1}, Vector{0, -1, 0}};
  return space;
}

Space stated_space(const BigEndianFields& fields) {
  Space space;
  for (int axis = 0; axis < mgh_space_axes; ++axis) {
    const double spacing = fields.get<float>(spacing_field, axis);
    if (std::isfinite(spacing) && spacing > 0) space.spacing[axis] = spacing;
    for (int row = 0; row < mgh_space_axes; ++row) {
      const int which = mgh_space_axes * axis + row;
      space.axes[axis][row] = lps(fields.get<float>(direction_field, which), row);
    }
    const double centre = fields.get<float>(centre_field, axis);
    if (std::isfinite(centre)) space.centre[axis] = lps(centre, axis);
  }
  return space;
}

// Directions that cannot be are not stated.
Space space_of(const BigEndianFields& fields) {
  if (fields.get<int16_t>(states_geometry_field) == 0) return coronal_space();
  const Space space = stated_space(fields);
  return std::ranges::all_of(space.axes, is_axis) ? space : coronal_space();
}

// From the first pixel to the centre.
Vector half_extent(const Image& image) {
  const int n = image.dimensions();
  Vector half{};
  for (int row = 0; row < mgh_space_axes; ++row) {
    for (int axis = 0; axis < mgh_space_axes; ++axis) {
      half[row] += image.direction[row * n + axis] * image.spacing[axis] *
                   static_cast<double>(image.region.size[axis]) / 2;
    }
  }
  return half;
}

void read_sizes(const BigEndianFields& fields, const Metadata& notes, const std::string& path,
                Image& image) {
  const int32_t frames = fields.get<int32_t>(size_field, mgh_frames_axis);
  const auto* const dimensions = notes.find(dimensions_key);
  image.region.dimensions = frames > 1 || (dimensions && *dimensions == "4") ? 4 : 3;
  for (int axis = 0; axis <= mgh_frames_axis; ++axis) {
    const auto size = fields.get<int32_t>(size_field, axis);
    if (size < 1) {
      constexpr const char* names[] = {"width", "height", "depth", "number of frames"};
      fail(SWR_ERROR_CORRUPT, path, ": the ", names[axis], " is ", size, "; a size is at least 1");
    }
    if (axis < image.dimensions()) image.region.size[axis] = size;
  }
  if (!bytes_of_axes(image.region.size.data(), image.dimensions(), image.pixel.bytes())) {
    fail(SWR_ERROR_CORRUPT, path, ": an image of ", image.region.text(),
         " has more bytes than there can be");
  }
}

PixelType pixel_type_of(const BigEndianFields& fields, const std::string& path) {
  const auto code = fields.get<int32_t>(type_field);
  const auto* const type = std::ranges::find(types, code, &TypeCode::code);
  if (type == std::end(types)) {
    fail(code < 0 || code > largest_code ? SWR_ERROR_CORRUPT : SWR_ERROR_UNSUPPORTED, path,
         ": the pixels have MGH's type ", code,
         "; swr reads 0 (uint8), 1 (int32), 3 (float32) and 4 (int16)");
  }
  return {type->component, 1, SWR_KIND_SCALAR};
}

void read_space(const BigEndianFields& fields, Image& image) {
  const Space space = space_of(fields);
  const int n = image.dimensions();
  for (int axis = 0; axis < mgh_space_axes; ++axis) {
    image.spacing[axis] = space.spacing[axis];
    for (int row = 0; row < mgh_space_axes; ++row)
      image.direction[row * n + axis] = space.axes[axis][row];
  }
}

void read_position(const BigEndianFields& fields, const Metadata& notes, Image& image) {
  const Space space = space_of(fields);
  const Vector half = half_extent(image);
  std::array<double, max_dimensions> first{};
  for (int row = 0; row < mgh_space_axes; ++row) first[row] = space.centre[row] - half[row];
  const auto* const frames = notes.find(frames_key);
  const auto words = words_of({frames ? std::string_view(*frames) : std::string_view(), 0}, 3);
  if (words.size() == 2 && image.dimensions() > mgh_frames_axis) {
    const auto spacing = double_of(words[0].text), position = double_of(words[1].text);
    if (spacing && position && *spacing != 0 && std::isfinite(*spacing) &&
        std::isfinite(*position)) {
      image.spacing[mgh_frames_axis] = *spacing;
      first[mgh_frames_axis] = *position;
    }
  }
  if (const auto* const index = notes.find(start_index_key)) set_start_index(image.region, *index);
  image.set_origin_from_first_pixel(first);
}

// --- Writing ---

template <typename... Parts>
[[noreturn]] void refuse(const std::string& path, const Parts&... parts) {
  fail(SWR_ERROR_UNSUPPORTED, path, ": MGH cannot hold ", parts...);
}

float float_of(double value, const char* what, const std::string& path) {
  const auto number = static_cast<float>(value);
  if (!std::isfinite(number)) refuse(path, what, " of ", value);
  return number;
}

void check_frames_axis(const Image& image, const std::string& path) {
  for (int axis = 0; axis <= mgh_frames_axis; ++axis) {
    const double straight = axis == mgh_frames_axis ? 1 : 0;
    const double in_row = image.direction[4 * mgh_frames_axis + axis],
                 in_column = image.direction[4 * axis + mgh_frames_axis];
    if (std::abs(in_row - straight) > 1e-6 || std::abs(in_column - straight) > 1e-6)
      refuse(path, "a direction that turns the axis of the frames");
  }
}

void check_image(const Image& image, const std::string& path) {
  const int n = image.dimensions();
  if (n < 3 || n > 4) refuse(path, "an image of ", n, " dimensions; it has 3 or 4");
  for (int axis = 0; axis < n; ++axis) {
    if (image.region.size[axis] > largest_mgh_size)
      refuse(path, "an image of ", image.region.text(), "; its sizes have 31 bits");
    if (axis < mgh_space_axes && !(static_cast<float>(image.spacing[axis]) > 0))
      refuse(path, "a spacing of ", image.spacing[axis]);
  }
  if (n == 4) check_frames_axis(image, path);
}

int32_t code_for(const PixelType& pixel, const std::string& path) {
  const auto* const type = std::ranges::find(types, pixel.component, &TypeCode::component);
  if (type == std::end(types) || pixel.components != 1) {
    refuse(path, "pixels of ", pixel.text(),
           "; it has one number in each pixel: uint8, int16, int32 or float32");
  }
  return type->code;
}

void write_sizes(const Image& image, BigEndianFields& fields) {
  for (int axis = 0; axis <= mgh_frames_axis; ++axis) {
    const int64_t size = axis < image.dimensions() ? image.region.size[axis] : 1;
    fields.set(size_field, axis, static_cast<int32_t>(size));
  }
}

// Whether the fields say already where the image is.
bool states_place_of(const Image& image, const BigEndianFields& fields) {
  constexpr double rounding = 1e-12;
  Image seen = image;
  seen.set_default_geometry();
  read_space(fields, seen);
  read_position(fields, Metadata(), seen);
  const int n = image.dimensions();
  const auto wanted = image.first_pixel_position(), found = seen.first_pixel_position();
  for (int axis = 0; axis < mgh_space_axes; ++axis) {
    const double most = rounding * std::max(std::abs(image.origin[axis]), std::abs(wanted[axis]));
    if (seen.spacing[axis] != image.spacing[axis] ||
        !(std::abs(found[axis] - wanted[axis]) <= most))
      return false;
    for (int row = 0; row < mgh_space_axes; ++row) {
      if (seen.direction[row * n + axis] != image.direction[row * n + axis]) return false;
    }
  }
  return true;
}

void write_centre(const Image& image, const std::string& path, BigEndianFields& fields) {
  const auto first = image.first_pixel_position();
  const Vector half = half_extent(image);
  for (int row = 0; row < mgh_space_axes; ++row) {
    const double centre = lps(first[row] + half[row], row);
    fields.set(centre_field, row, float_of(centre, "an origin", path));
  }
}

void write_space(const Image& image, const std::string& path, BigEndianFields& fields) {
  const int n = image.dimensions();
  fields.set(states_geometry_field, 0, int16_t{1});
  for (int axis = 0; axis < mgh_space_axes; ++axis) {
    fields.set(spacing_field, axis, float_of(image.spacing[axis], "a spacing", path));
    for (int row = 0; row < mgh_space_axes; ++row) {
      const double entry = lps(image.direction[row * n + axis], row);
      fields.set(direction_field, mgh_space_axes * axis + row,
                 float_of(entry, "a direction", path));
    }
  }
  write_centre(image, path, fields);
}

void write_notes(const Image& image, BigEndianFields& fields) {
  const int n = image.dimensions();
  const auto first = image.first_pixel_position();
  Metadata notes, old;
  if (n == 4 && image.region.size[mgh_frames_axis] == 1) notes.set(dimensions_key, "4");
  if (n == 4 && (image.spacing[mgh_frames_axis] != 1 || first[mgh_frames_axis] != 0)) {
    notes.set(frames_key, text(double_text(image.spacing[mgh_frames_axis]), " ",
                               double_text(first[mgh_frames_axis])));
  }
  const auto index = image.region.index.begin();
  if (std::any_of(index, index + n, [](int64_t i) { return i != 0; }))
    notes.set(start_index_key, start_index_text(image.region));
  const bool had_notes = read_notes(fields.text(notes_field, notes_bytes), old);
  if (notes.size() > 0 || had_notes) {
    fields.set_text(notes_field, notes_bytes, notes.size() > 0 ? notes_text(notes) : std::string());
  }
}

}  // namespace

bool begins_like_mgh(std::string_view head, bool has_suffix) {
  if (head.size() < mgh_header_bytes) return false;
  const BigEndianFields fields(head, mgh_header_bytes);
  const auto code = fields.get<int32_t>(type_field);
  if (!has_known_version(fields)) return false;
  if (has_suffix) return true;
  if (code < 0 || code > largest_code) return false;
  for (int axis = 0; axis <= mgh_frames_axis; ++axis) {
    if (fields.get<int32_t>(size_field, axis) < 1) return false;
  }
  if (fields.get<int16_t>(states_geometry_field) != 1) return false;
  const Space space = stated_space(fields);
  for (int axis = 0; axis < mgh_space_axes; ++axis) {
    const Vector& a = space.axes[axis];
    if (!(fields.get<float>(spacing_field, axis) > 0) ||
        !(std::abs(std::hypot(a[0], a[1], a[2]) - 1) < 1e-3))
      return false;
  }
  return true;
}

void read_mgh_image(const BigEndianFields& fields, const std::string& path, Image& image) {
  if (!has_known_version(fields)) {
    fail(SWR_ERROR_CORRUPT, path, ": the version is ", fields.get<int32_t>(version_field),
         "; that of MGH is 1");
  }
  Metadata notes;
  read_notes(fields.text(notes_field, notes_bytes), notes);
  image.pixel = pixel_type_of(fields, path);
  read_sizes(fields, notes, path, image);
  image.set_default_geometry();
  image.set_space_unit(SWR_UNIT_MILLIMETRE);
  read_space(fields, image);
  read_position(fields, notes, image);
}

void write_mgh_image(const Image& image, const std::string& path, BigEndianFields& fields) {
  check_storable(image, path);
  check_image(image, path);
  const bool is_new = fields.get<int32_t>(version_field) == 0;
  if (is_new) fields.set(version_field, 0, version);
  fields.set(type_field, 0, code_for(image.pixel, path));
  write_sizes(image, fields);
  if (is_new || !states_place_of(image, fields)) write_space(image, path, fields);
  write_notes(image, fields);
}

void resize_mgh_image(const Image& grown, const std::string& path, BigEndianFields& fields) {
  write_sizes(grown, fields);
  if (grown.dimensions() > mgh_space_axes) return;
  if (fields.get<int16_t>(states_geometry_field) == 0) {
    write_space(grown, path, fields);
  } else {
    write_centre(grown, path, fields);
  }
}

}  // namespace swr
