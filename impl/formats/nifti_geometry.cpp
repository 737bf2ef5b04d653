#include "formats/nifti_geometry.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "base/error.h"
#include "formats/nifti_forms.h"

namespace swr {
namespace {

// How far the length of a column may differ from pixdim, and a direction from unit length: ITK's
// bound.
constexpr double length_tolerance = 1e-3;
// Directions that span less volume than this are flat.
constexpr double flat_volume = 1e-6;

// Converts a spatial coordinate from RAS to LPS or back; 0 never becomes -0.
double lps(double value, int row) {
  return row < 2 ? 0.0 - value : value;
}

// The spatial part of the direction; axes that the image lacks are those of LPS.
NiftiMatrix spatial_direction(const Image& image) {
  const int n = image.dimensions();
  NiftiMatrix m{};
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column)
      m[row][column] = row < n && column < n ? image.direction[row * n + column] : row == column;
  }
  return m;
}

// The codes of units in xyzt_units: bits 0-2 for space, 3-5 for time.
struct UnitCode {
  int code;
  swr_unit unit;
};
constexpr int space_bits = 0x07, time_bits = 0x38;
constexpr UnitCode space_units[] = {
    {1, SWR_UNIT_METRE}, {2, SWR_UNIT_MILLIMETRE}, {3, SWR_UNIT_MICROMETRE}};
constexpr UnitCode time_units[] = {{8, SWR_UNIT_SECOND},       {16, SWR_UNIT_MILLISECOND},
                                   {24, SWR_UNIT_MICROSECOND}, {32, SWR_UNIT_HERTZ},
                                   {40, SWR_UNIT_PPM},         {48, SWR_UNIT_RADIANS_PER_SECOND}};

swr_unit unit_of(std::span<const UnitCode> codes, int code) {
  for (const UnitCode& entry : codes) {
    if (entry.code == code) return entry.unit;
  }
  return SWR_UNIT_NONE;
}

// 0 if NIfTI has no code for it.
int code_of(std::span<const UnitCode> codes, swr_unit unit) {
  for (const UnitCode& entry : codes) {
    if (entry.unit == unit) return entry.code;
  }
  return 0;
}

void read_units(const NiftiHeader& header, Image& image) {
  for (int axis = 0; axis < std::min(image.dimensions(), 3); ++axis)
    image.units[axis] = unit_of(space_units, header.units & space_bits);
  if (image.dimensions() > 3) image.units[3] = unit_of(time_units, header.units & time_bits);
}

// The length of one step along an axis, in the header's unit. pixdim is used if it nearly agrees
// with the matrix column, since it is the rounder number; else the length of the column.
double step_of(const NiftiHeader& header, const std::optional<NiftiForm>& form, int axis) {
  const std::optional<double> pixdim = nifti_pixdim(header, axis);
  if (!form || axis > 2) return pixdim.value_or(1);
  const double column = column_length(form->matrix, axis);
  return pixdim && std::abs(column / *pixdim - 1) < length_tolerance ? *pixdim : column;
}

// The direction of the axes, reduced to the image's dimensions. Multiplied by the spacing it gives
// the matrix again, even a sheared one. A two-dimensional image that is perpendicular to the plane
// of x and y keeps the default direction.
void read_direction(const NiftiForm& form, const NiftiVector& steps, Image& image) {
  const int n = image.dimensions(), rows = std::min(n, 3);
  Image turned = image;
  for (int axis = 0; axis < rows; ++axis) {
    for (int row = 0; row < rows; ++row)
      turned.direction[row * n + axis] = lps(form.matrix[row][axis], row) / steps[axis];
  }
  if (std::abs(determinant(spatial_direction(turned))) > flat_volume)
    image.direction = turned.direction;
}

// The position of a line or a plane in three-dimensional space.
void read_placement(const NiftiForm& form, const NiftiVector& steps, double to_mm, Image& image) {
  Placement place;
  for (int axis = 0; axis < 3; ++axis) {
    for (int row = 0; row < 3; ++row)
      place.direction[3 * row + axis] = lps(form.matrix[row][axis], row) / steps[axis];
    place.spacing[axis] = steps[axis] * to_mm;
  }
  for (int row = 0; row < 3; ++row) {
    place.origin[row] = lps(form.offset[row], row) * to_mm;
    for (int axis = 0; axis < image.dimensions(); ++axis) {
      place.origin[row] -= place.direction[3 * row + axis] * place.spacing[axis] *
                           static_cast<double>(image.region.index[axis]);
    }
  }
  image.placement = place;
}

// The position of an image in space, in millimetres and LPS; always with three axes.
struct Space {
  NiftiMatrix direction{};
  NiftiVector spacing{1, 1, 1};
  NiftiVector first{};  // the first pixel's position
};

Space space_of(const Image& image) {
  Space space;
  if (!image.placement) {
    const std::array<double, max_dimensions> first = image.first_pixel_position();
    space.direction = spatial_direction(image);
    std::copy_n(image.spacing.begin(), std::min(image.dimensions(), 3), space.spacing.begin());
    std::copy_n(first.begin(), 3, space.first.begin());
    return space;
  }
  const Placement& place = *image.placement;
  space.spacing = place.spacing;
  for (int row = 0; row < 3; ++row) {
    std::copy_n(place.direction.begin() + 3 * row, 3, space.direction[row].begin());
    space.first[row] = place.origin[row];
    for (int axis = 0; axis < image.dimensions(); ++axis) {
      space.first[row] += space.direction[row][axis] * space.spacing[axis] *
                          static_cast<double>(image.region.index[axis]);
    }
  }
  return space;
}

void check_direction(const Image& image, const NiftiMatrix& direction, const std::string& path) {
  const int n = image.dimensions();
  for (int row = 0; row < n; ++row) {
    for (int column = 0; column < n; ++column) {
      const double entry = image.direction[row * n + column];
      if (std::max(row, column) > 2 && !(std::abs(entry - (row == column ? 1 : 0)) <= 1e-6)) {
        fail(SWR_ERROR_UNSUPPORTED, path, ": NIfTI cannot hold a direction that turns ",
             axis_text(std::max(row, column)), "; only the three fastest axes can turn");
      }
    }
  }
  if (!(std::abs(determinant(direction)) > flat_volume))
    fail(SWR_ERROR_UNSUPPORTED, path, ": NIfTI cannot hold a direction that is flat");
}

void check_number(double value, const NiftiHeader& header, std::string_view what,
                  const std::string& path) {
  const double largest = header.version == 1 ? double{std::numeric_limits<float>::max()}
                                             : std::numeric_limits<double>::max();
  if (!(std::abs(value) <= largest))
    fail(SWR_ERROR_UNSUPPORTED, path, ": NIfTI cannot hold the ", what, " ", value);
}

// The unit of lengths in the header, which has only one for all three axes.
swr_unit space_unit(const Image& image) {
  const auto axes = static_cast<size_t>(std::min(image.dimensions(), 3));
  const swr_unit unit = image.units[0];
  const bool is_one = std::all_of(image.units.begin(), image.units.begin() + axes,
                                  [&](swr_unit other) { return other == unit; });
  return is_one && code_of(space_units, unit) > 0 ? unit : SWR_UNIT_MILLIMETRE;
}

void write_forms(const Space& space, NiftiHeader& header, const std::string& path) {
  NiftiMatrix direction = space.direction;
  NiftiVector offset;
  for (int row = 0; row < 3; ++row) {
    for (double& entry : direction[row]) entry = lps(entry, row);
    offset[row] = lps(space.first[row], row);
  }
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column) {
      header.sform[static_cast<size_t>(4 * row + column)] =
          direction[row][column] * space.spacing[column];
    }
    header.sform[static_cast<size_t>(4 * row + 3)] = offset[row];
  }
  for (const double entry : header.sform)
    check_number(entry, header, "direction times spacing", path);
  header.sform_code = 1;
  for (int column = 0; column < 3; ++column) {
    const double length = column_length(direction, column);
    for (auto& row : direction) row[column] /= length;
  }
  header.qform_code = is_orthonormal(direction) ? 1 : 0;
  header.pixdim[0] = determinant(direction) < 0 ? -1 : 1;
  header.quaternion = header.quaternion_offset = {};
  if (header.qform_code == 0) return;
  NiftiMatrix rotation = nearest_rotation(direction);
  if (header.pixdim[0] < 0) {
    for (auto& row : rotation) row[2] = -row[2];
  }
  header.quaternion = quaternion_of(rotation);
  header.quaternion_offset = offset;
}

void write_step(NiftiHeader& header, int axis, double step, const std::string& path) {
  check_number(step, header, "spacing", path);
  const bool positive = header.version == 1 ? static_cast<float>(step) > 0 : step > 0;
  if (!positive) fail(SWR_ERROR_UNSUPPORTED, path, ": NIfTI cannot hold the spacing ", step);
  header.pixdim[static_cast<size_t>(axis) + 1] = step;
}

}  // namespace

std::array<double, max_dimensions> read_nifti_geometry(const NiftiHeader& header, Image& image) {
  const int n = image.dimensions();
  const std::optional<NiftiForm> form = chosen_nifti_form(header);
  std::array<double, max_dimensions> first{};
  image.set_default_geometry();
  read_units(header, image);
  for (int axis = 0; axis < n; ++axis) {
    const double spacing = step_of(header, form, axis) * size_of(image.units[axis]);
    if (spacing > 0 && std::isfinite(spacing)) image.spacing[axis] = spacing;
  }
  if (form) {
    const NiftiVector steps = {step_of(header, form, 0), step_of(header, form, 1),
                               step_of(header, form, 2)};
    const double to_mm = size_of(image.units[0]);
    read_direction(*form, steps, image);
    for (int row = 0; row < std::min(n, 3); ++row) first[row] = lps(form->offset[row], row) * to_mm;
    if (n < 3) read_placement(*form, steps, to_mm, image);
  } else {
    // Without a form, the pixel with index zero is at 0: the first pixel moves with the start
    // index.
    for (int axis = 0; axis < std::min(n, 3); ++axis)
      first[axis] = image.spacing[axis] * static_cast<double>(image.region.index[axis]);
  }
  if (n > 3) first[3] = finite_or_zero(header.time_offset) * size_of(image.units[3]);
  return first;
}

swr_unit nifti_unit(const Image& image, const Image* /*old*/, int axis) {
  if (axis < 3) return space_unit(image);
  const swr_unit unit = image.units[static_cast<size_t>(axis)];
  return axis == 3 && code_of(time_units, unit) > 0 ? unit : SWR_UNIT_NONE;
}

void write_nifti_space(const Image& image, NiftiHeader& header, const std::string& path) {
  const swr_unit unit = space_unit(image);
  const double to_mm = size_of(unit);
  Space space = space_of(image);
  check_direction(image, space.direction, path);
  for (int axis = 0; axis < 3; ++axis) {
    space.spacing[axis] /= to_mm;
    space.first[axis] /= to_mm;
    check_number(space.first[axis], header, "origin", path);
    // The length that step_of() will compute.
    const double length = column_length(space.direction, axis);
    const bool is_unit = std::abs(length - 1) < 0.99 * length_tolerance;
    write_step(header, axis, space.spacing[axis] * (is_unit ? 1 : length), path);
  }
  write_forms(space, header, path);
  header.units = (header.units & ~space_bits) | code_of(space_units, unit);
}

void write_nifti_time(const Image& image, NiftiHeader& header, const std::string& path) {
  const swr_unit unit = image.units[3] == SWR_UNIT_NONE ? SWR_UNIT_SECOND : image.units[3];
  const int code = code_of(time_units, unit);
  const double size = code > 0 ? size_of(unit) : 1;
  const double first = image.first_pixel_position()[3] / size;
  check_number(first, header, "origin", path);
  header.time_offset = first;
  write_step(header, 3, image.spacing[3] / size, path);
  header.units = (header.units & ~time_bits) | code;
}

void write_nifti_step(const Image& image, int axis, NiftiHeader& header, const std::string& path) {
  check_number(image.first_pixel_position()[axis], header, "origin", path);
  write_step(header, axis, image.spacing[axis], path);
}

}  // namespace swr
