#include "image/image.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/checked.h"
#include "base/error.h"

namespace swr {
namespace {

using Position = std::array<double, max_dimensions>;

// The tolerance for equal lengths: geometry is converted to decimal text and, in some formats, to
// float32.
constexpr double relative_tolerance = 1e-6;
constexpr double float32_rounding = 0x1p-22;
// The tolerance for a number that was multiplied and divided again.
constexpr double double_rounding = 0x1p-48;

bool close(double a, double b, double tolerance) {
  return a == b || std::abs(a - b) <= tolerance;
}

// The part along `first_axis` and later axes of the vector from the origin to the first pixel.
Position start_offset(const Image& image, int first_axis = 0) {
  const int n = image.dimensions();
  Position offset{};
  for (int row = 0; row < n; ++row) {
    for (int axis = first_axis; axis < n; ++axis) {
      if (image.region.index[axis] == 0) continue;
      offset[row] += image.direction[row * n + axis] * image.spacing[axis] *
                     static_cast<double>(image.region.index[axis]);
    }
  }
  return offset;
}

// The position of an image in space.
Placement place_of(const Image& image) {
  if (image.placement) return *image.placement;
  const int n = image.dimensions();
  Placement place;
  for (int axis = 0; axis < 3; ++axis) {
    place.spacing[axis] = axis < n ? image.spacing[axis] : 1;
    place.origin[axis] = axis < n ? image.origin[axis] : 0;
    for (int row = 0; row < 3; ++row) {
      const bool is_own = row < n && axis < n;
      place.direction[3 * row + axis] = is_own        ? image.direction[row * n + axis]
                                        : row == axis ? 1
                                                      : 0;
    }
  }
  return place;
}

// The position of the plane or line that is left of an image without its later axes.
Placement place_of_part(const Image& image, int kept_axes) {
  Placement place = place_of(image);
  for (int axis = kept_axes; axis < std::min(image.dimensions(), 3); ++axis) {
    for (int row = 0; row < 3; ++row) {
      place.origin[row] += place.direction[3 * row + axis] * place.spacing[axis] *
                           static_cast<double>(image.region.index[axis]);
    }
  }
  return place;
}

// Whether the projection of a plane or a line to its own coordinates is degenerate: it has no area
// or length there.
bool is_flat(const Image& image) {
  const auto& d = image.direction;
  return std::abs(image.dimensions() == 1 ? d[0] : d[0] * d[3] - d[1] * d[2]) < 1e-6;
}

template <typename Values>
std::string list(const Values& values, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += (i > 0 ? " " : "") + text(values[i]);
  return out;
}

std::string both(std::string_view what, const std::string& in_file, const std::string& in_writer) {
  return text("the ", what, " is ", in_file, " in the file and ", in_writer, " in the writer");
}

bool same_spacing(const Image& a, const Image& b) {
  for (int axis = 0; axis < a.dimensions(); ++axis) {
    if (!close(a.spacing[axis], b.spacing[axis], relative_tolerance * std::abs(a.spacing[axis])))
      return false;
  }
  return true;
}

bool same_origin(const Image& a, const Image& b) {
  const Position a_first = a.first_pixel_position(), b_first = b.first_pixel_position();
  double least_spacing = HUGE_VAL;
  for (int axis = 0; axis < a.dimensions(); ++axis)
    least_spacing = std::min(least_spacing, std::abs(a.spacing[axis]));
  for (int row = 0; row < a.dimensions(); ++row) {
    const double largest = std::max({std::abs(a.origin[row]), std::abs(b.origin[row]),
                                     std::abs(a_first[row]), std::abs(b_first[row])});
    if (!close(a.origin[row], b.origin[row],
               relative_tolerance * least_spacing + float32_rounding * largest))
      return false;
  }
  return true;
}

bool same_direction(const Image& a, const Image& b) {
  for (int i = 0; i < a.dimensions() * a.dimensions(); ++i) {
    if (!close(a.direction[i], b.direction[i], relative_tolerance)) return false;
  }
  return true;
}

}  // namespace

bool same_scale(const ValueScale& a, const ValueScale& b) {
  return close(a.slope, b.slope, float32_rounding * std::abs(a.slope)) &&
         close(a.intercept, b.intercept, float32_rounding * std::abs(a.intercept));
}

int64_t Image::bytes() const {
  return checked_multiply(region.pixels(), pixel.bytes());
}

void Image::set_space_unit(swr_unit unit) {
  std::fill_n(units.begin(), std::min(dimensions(), 3), unit);
}

void Image::set_default_geometry() {
  const int n = dimensions();
  spacing = {};
  origin = {};
  direction = {};
  units = {};
  placement.reset();
  for (int axis = 0; axis < n; ++axis) {
    spacing[axis] = 1;
    direction[axis * n + axis] = 1;
  }
}

void Image::set_region(const Region& to) {
  const Image before = *this;
  region = to;
  const int n = dimensions(), m = before.dimensions();
  if (n == m) return;
  set_default_geometry();
  const Position moved = start_offset(before, n);
  for (int axis = 0; axis < std::min(n, m); ++axis) {
    spacing[axis] = before.spacing[axis];
    origin[axis] = before.origin[axis] + moved[axis];
    units[axis] = before.units[axis];
    for (int row = 0; row < std::min(n, m); ++row)
      direction[row * n + axis] = before.direction[row * m + axis];
  }
  if (before.placement && n > m) set_space(*before.placement);
  if (n > m || n > 2) return;
  placement = place_of_part(before, n);
  if (!is_flat(*this)) return;
  direction = {};
  for (int axis = 0; axis < n; ++axis) direction[axis * n + axis] = 1;
}

// For a stack of planes: the axes that a plane lacks come from its placement.
void Image::set_space(const Placement& place) {
  const int n = dimensions();
  if (n < 3) {
    placement = place;
    return;
  }
  for (int axis = 0; axis < 3; ++axis) {
    spacing[axis] = place.spacing[axis];
    origin[axis] = place.origin[axis];
    units[axis] = units[0];
    for (int row = 0; row < 3; ++row) direction[row * n + axis] = place.direction[3 * row + axis];
  }
}

bool Image::is_out_of_plane() const {
  if (!placement) return false;
  const int n = dimensions();
  double height = 0;
  for (int row = n; row < 3; ++row) {
    height += std::abs(placement->origin[row]);
    for (int axis = 0; axis < n; ++axis) height += std::abs(placement->direction[3 * row + axis]);
  }
  return height > 0;
}

std::array<double, max_dimensions> Image::first_pixel_position() const {
  const Position offset = start_offset(*this);
  Position position{};
  for (int row = 0; row < dimensions(); ++row) position[row] = origin[row] + offset[row];
  return position;
}

void Image::set_origin_from_first_pixel(const std::array<double, max_dimensions>& position) {
  const Position offset = start_offset(*this);
  origin = {};
  for (int row = 0; row < dimensions(); ++row) origin[row] = position[row] - offset[row];
}

MetadataChange metadata_change(const Metadata& from, const Metadata& to) {
  MetadataChange change;
  for (const auto& [key, value] : from) {
    if (!to.find(key)) change.removed.push_back(key);
  }
  for (const auto& [key, value] : to) {
    const std::string* const before = from.find(key);
    if (!before || *before != value) change.set.set(key, value);
  }
  return change;
}

std::string start_index_text(const Region& region) {
  return list(region.index, region.dimensions);
}

bool set_start_index(Region& region, std::string_view text) {
  Index index{};
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto skip_blanks = [&] {
    while (at != end && (*at == ' ' || *at == '\t')) ++at;
  };
  for (int axis = 0; axis < region.dimensions; ++axis) {
    skip_blanks();
    const auto parsed = std::from_chars(at, end, index[axis]);
    if (parsed.ec != std::errc{} ||
        (parsed.ptr != end && *parsed.ptr != ' ' && *parsed.ptr != '\t'))
      return false;
    at = parsed.ptr;
    int64_t past;
    if (add_overflows(index[axis], region.size[axis], past)) return false;
  }
  skip_blanks();
  if (at != end) return false;
  region.index = index;
  return true;
}

bool has_spacing_of(const Image& a, const Image& b) {
  for (int axis = 0; axis < a.dimensions(); ++axis) {
    if (!close(a.spacing[axis], b.spacing[axis], double_rounding * b.spacing[axis])) return false;
  }
  return true;
}

bool has_direction_of(const Image& a, const Image& b) {
  for (int i = 0; i < a.dimensions() * a.dimensions(); ++i) {
    if (!close(a.direction[i], b.direction[i], double_rounding)) return false;
  }
  return true;
}

// Converting from the origin to the first pixel and back adds a rounding error that grows with the
// start index.
bool has_first_pixel_of(const Image& a, const Image& b) {
  const Position a_first = a.first_pixel_position(), b_first = b.first_pixel_position();
  for (int row = 0; row < a.dimensions(); ++row) {
    const double largest = std::max({std::abs(a.origin[row]), std::abs(b.origin[row]),
                                     std::abs(a_first[row]), std::abs(b_first[row])});
    if (!close(a_first[row], b_first[row], double_rounding * largest)) return false;
  }
  return true;
}

std::string difference(const Image& file, const Image& writer, bool compare_size) {
  const int n = file.dimensions();
  if (n != writer.dimensions())
    return both("number of dimensions", text(n), text(writer.dimensions()));
  if (compare_size && !std::equal(file.region.size.begin(), file.region.size.begin() + n,
                                  writer.region.size.begin())) {
    return both("size", list(file.region.size, n), list(writer.region.size, n));
  }
  if (compare_size && !std::equal(file.region.index.begin(), file.region.index.begin() + n,
                                  writer.region.index.begin())) {
    return both("start index", list(file.region.index, n), list(writer.region.index, n));
  }
  if (file.pixel.component != writer.pixel.component) {
    return both("component type", swr_component_name(file.pixel.component),
                swr_component_name(writer.pixel.component));
  }
  if (file.pixel.components != writer.pixel.components) {
    return both("number of components", text(file.pixel.components), text(writer.pixel.components));
  }
  if (!same_spacing(file, writer))
    return both("spacing", list(file.spacing, n), list(writer.spacing, n));
  if (!same_origin(file, writer))
    return both("origin", list(file.origin, n), list(writer.origin, n));
  if (!same_direction(file, writer))
    return both("direction", list(file.direction, n * n), list(writer.direction, n * n));
  return {};
}

}  // namespace swr
