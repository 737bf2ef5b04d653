// Two ways to say where the pixels lie, both from pixel indices i j k to x y z in RAS:
//   sform   x = srow_x[0] i + srow_x[1] j + srow_x[2] k + srow_x[3], and so on
//   qform   a rotation, as the unit quaternion (a b c d) with a >= 0 left out; then pixdim[1..3] along its columns, the third turned round if
//           pixdim[0] < 0; then qoffset
// The geometry is float32 in NIfTI-1: it comes back to about 6e-8 of its values.
#include "formats/nifti_geometry.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "base/error.h"

namespace swr {
namespace {

using Matrix = std::array<std::array<double, 3>, 3>;  // [row][column]
using Vector = std::array<double, 3>;

// How far the columns of a matrix may be from orthonormal and still count as it: ITK's bound.
constexpr double orthonormal_tolerance = 1e-4;
// How far the length of a column may be from pixdim without being a contradiction: ITK's bound. So
// much a direction may differ from unit length.
constexpr double length_tolerance = 1e-3;
// Three directions of less volume are taken for flat.
constexpr double flat_volume = 1e-6;

struct Form {
  Matrix matrix{};
  Vector offset{};
};

double determinant(const Matrix& m) {
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
         m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

double column_length(const Matrix& m, int column) {
  return std::sqrt(m[0][column] * m[0][column] + m[1][column] * m[1][column] +
                   m[2][column] * m[2][column]);
}

bool orthonormal(const Matrix& m) {
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      const double product = m[0][a] * m[0][b] + m[1][a] * m[1][b] + m[2][a] * m[2][b];
      if (!(std::abs(product - (a == b ? 1 : 0)) <= orthonormal_tolerance)) return false;
    }
  }
  return true;
}

bool orthogonal_columns(Matrix m) {
  for (int column = 0; column < 3; ++column) {
    const double length = column_length(m, column);
    for (auto& row : m) row[column] /= length;
  }
  return orthonormal(m);
}

bool usable(const Form& form) {
  for (int row = 0; row < 3; ++row) {
    if (!std::isfinite(form.offset[row])) return false;
    for (const double entry : form.matrix[row]) {
      if (!std::isfinite(entry)) return false;
    }
  }
  const double volume = determinant(form.matrix);
  return std::isfinite(volume) && volume != 0;
}

// What pixdim says, or nothing if it is no length. A negative one is taken for a sign that somebody
// put there.
std::optional<double> pixdim_of(const NiftiHeader& header, int axis) {
  const double length = std::abs(header.pixdim[static_cast<size_t>(axis) + 1]);
  if (!std::isfinite(length) || length == 0) return std::nullopt;
  return length;
}

// Numbers that are none count as 0, as in the library that comes with the specification.
double finite(double value) {
  return std::isfinite(value) ? value : 0;
}

std::optional<Form> sform_of(const NiftiHeader& header) {
  if (header.sform_code <= 0) return std::nullopt;
  Form form;
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column)
      form.matrix[row][column] = finite(header.sform[static_cast<size_t>(4 * row + column)]);
    form.offset[row] = finite(header.sform[static_cast<size_t>(4 * row + 3)]);
  }
  return usable(form) ? std::optional(form) : std::nullopt;
}

Matrix rotation_of_quaternion(double b, double c, double d) {
  const double squares = b * b + c * c + d * d;
  double a = 1 - squares;
  if (a < 1e-7) {
    // Half a turn, or a quaternion that is too long.
    const double scale = 1 / std::sqrt(squares);
    b *= scale, c *= scale, d *= scale;
    a = 0;
  } else {
    a = std::sqrt(a);
  }
  return {{{a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)},
           {2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)},
           {2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - c * c - b * b}}};
}

std::optional<Form> qform_of(const NiftiHeader& header) {
  if (header.qform_code <= 0) return std::nullopt;
  Form form;
  const auto& [b, c, d] = header.quaternion;
  form.matrix = rotation_of_quaternion(finite(b), finite(c), finite(d));
  for (int row = 0; row < 3; ++row) form.offset[row] = finite(header.quaternion_offset[row]);
  for (int axis = 0; axis < 3; ++axis) {
    const double sign = axis == 2 && header.pixdim[0] < 0 ? -1 : 1;
    for (auto& row : form.matrix) row[axis] *= sign * pixdim_of(header, axis).value_or(1);
  }
  return usable(form) ? std::optional(form) : std::nullopt;
}

bool similar(const Form& a, const Form& b) {
  for (int row = 0; row < 3; ++row) {
    if (!(std::abs(a.offset[row] - b.offset[row]) <= orthonormal_tolerance)) return false;
    for (int column = 0; column < 3; ++column) {
      if (!(std::abs(a.matrix[row][column] - b.matrix[row][column]) <= orthonormal_tolerance))
        return false;
    }
  }
  return true;
}

// The matrix, where it has no shear and there is no quaternion, or the matrix is the scanner's, or
// both say the same; else the quaternion: ITK's choice. A sheared matrix with no quaternion beside
// it, which ITK refuses, is taken as it is.
std::optional<Form> form_of(const NiftiHeader& header) {
  const std::optional<Form> matrix = sform_of(header), rotation = qform_of(header);
  constexpr int scanner = 1;
  if (!matrix || !rotation) return matrix ? matrix : rotation;
  const bool choose_matrix = orthogonal_columns(matrix->matrix) &&
                             (header.sform_code == scanner || similar(*matrix, *rotation));
  return choose_matrix ? matrix : rotation;
}

// A coordinate on one of the first three axes of space, from RAS to LPS or back; 0 stays 0, without
// a sign.
double lps(double value, int row) {
  return row < 2 ? 0.0 - value : value;
}

// The part of the direction that is in space; axes that the image does not have are as in LPS.
Matrix spatial_direction(const Image& image) {
  const int n = image.dimensions();
  Matrix m{};
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column)
      m[row][column] = row < n && column < n ? image.direction[row * n + column] : row == column;
  }
  return m;
}

// The codes of units in xyzt_units: bits 0-2 say that of space, 3-5 that of time.
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

// The length of one step along an axis, in the header's unit. Where pixdim is nearly the matrix'
// column it counts, since it is the rounder number; else the matrix does.
double step_of(const NiftiHeader& header, const std::optional<Form>& form, int axis) {
  const std::optional<double> pixdim = pixdim_of(header, axis);
  if (!form || axis > 2) return pixdim.value_or(1);
  const double column = column_length(form->matrix, axis);
  return pixdim && std::abs(column / *pixdim - 1) < length_tolerance ? *pixdim : column;
}

// The direction of the axes, cut to the image's dimensions: with the spacing it gives back the
// matrix, also where that is sheared. A flat image that stands upright has no direction of its own
// in the plane.
void read_direction(const Form& form, const Vector& steps, Image& image) {
  const int n = image.dimensions(), rows = std::min(n, 3);
  Image turned = image;
  for (int axis = 0; axis < rows; ++axis) {
    for (int row = 0; row < rows; ++row)
      turned.direction[row * n + axis] = lps(form.matrix[row][axis], row) / steps[axis];
  }
  if (std::abs(determinant(spatial_direction(turned))) > flat_volume)
    image.direction = turned.direction;
}

// What a flat image cannot say of its place in space.
void read_placement(const Form& form, const Vector& steps, double to_mm, Image& image) {
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

// The orthonormal matrix next to one that nearly is: Newton's iteration for the polar
// decomposition.
Matrix nearest_rotation(Matrix m) {
  for (int pass = 0; pass < 4; ++pass) {
    Matrix next{};
    for (int row = 0; row < 3; ++row) {
      for (int column = 0; column < 3; ++column) {
        next[row][column] = 1.5 * m[row][column];
        for (int i = 0; i < 3; ++i) {
          const double product =
              m[0][i] * m[0][column] + m[1][i] * m[1][column] + m[2][i] * m[2][column];
          next[row][column] -= 0.5 * m[row][i] * product;
        }
      }
    }
    m = next;
  }
  return m;
}

// b c d of the unit quaternion, with a >= 0, of a rotation. The largest of the four is found first,
// to divide by it.
Vector quaternion_of(const Matrix& r) {
  const double a = 1 + r[0][0] + r[1][1] + r[2][2], b = 1 + r[0][0] - r[1][1] - r[2][2];
  const double c = 1 + r[1][1] - r[0][0] - r[2][2],
               d = 1 + r[2][2] - r[0][0] - r[1][1];  // four times the squares
  const double largest = std::max({a, b, c, d});
  const double twice = std::sqrt(largest), scale = 0.5 / twice;
  double w = scale * (r[2][1] - r[1][2]);  // a, unless a is the largest
  Vector v;
  if (largest == a) {
    return {scale * (r[2][1] - r[1][2]), scale * (r[0][2] - r[2][0]), scale * (r[1][0] - r[0][1])};
  } else if (largest == b) {
    v = {0.5 * twice, scale * (r[0][1] + r[1][0]), scale * (r[0][2] + r[2][0])};
  } else if (largest == c) {
    v = {scale * (r[0][1] + r[1][0]), 0.5 * twice, scale * (r[1][2] + r[2][1])};
    w = scale * (r[0][2] - r[2][0]);
  } else {
    v = {scale * (r[0][2] + r[2][0]), scale * (r[1][2] + r[2][1]), 0.5 * twice};
    w = scale * (r[1][0] - r[0][1]);
  }
  if (w < 0) {
    for (double& part : v) part = -part;
  }
  return v;
}

// Where an image lies in space, in millimetres and LPS: three axes, whether it has so many or not.
struct Space {
  Matrix direction{};
  Vector spacing{1, 1, 1};
  Vector first{};  // the first pixel's position
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

void check_direction(const Image& image, const Matrix& direction, const std::string& path) {
  const int n = image.dimensions();
  for (int row = 0; row < n; ++row) {
    for (int column = 0; column < n; ++column) {
      const double entry = image.direction[row * n + column];
      if (std::max(row, column) > 2 && !(std::abs(entry - (row == column ? 1 : 0)) <= 1e-6)) {
        fail(SWR_ERROR_UNSUPPORTED, path, ": NIfTI cannot hold a direction that turns axis ",
             std::max(row, column) + 1, "; only the first three can turn");
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

// The unit that the header states lengths in. There is one for all three axes.
swr_unit space_unit(const Image& image) {
  const auto axes = static_cast<size_t>(std::min(image.dimensions(), 3));
  const swr_unit unit = image.units[0];
  const bool is_one = std::all_of(image.units.begin(), image.units.begin() + axes,
                                  [&](swr_unit other) { return other == unit; });
  return is_one && code_of(space_units, unit) > 0 ? unit : SWR_UNIT_MILLIMETRE;
}

void write_forms(const Space& space, NiftiHeader& header, const std::string& path) {
  Matrix direction = space.direction;
  Vector offset;
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
  header.qform_code = orthonormal(direction) ? 1 : 0;
  header.pixdim[0] = determinant(direction) < 0 ? -1 : 1;
  header.quaternion = header.quaternion_offset = {};
  if (header.qform_code == 0) return;
  Matrix rotation = nearest_rotation(direction);
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

// How far the first pixel moves with a form, if it is cut off by `steps`.
Vector way(const Matrix& matrix, const Index& steps) {
  Vector way{};
  for (int row = 0; row < 3; ++row) {
    for (int axis = 0; axis < 3; ++axis)
      way[row] += matrix[row][axis] * static_cast<double>(steps[axis]);
  }
  return way;
}

}  // namespace

std::array<double, max_dimensions> read_nifti_geometry(const NiftiHeader& header, Image& image) {
  const int n = image.dimensions();
  const std::optional<Form> form = form_of(header);
  std::array<double, max_dimensions> first{};
  image.set_default_geometry();
  read_units(header, image);
  for (int axis = 0; axis < n; ++axis) {
    const double spacing = step_of(header, form, axis) * size_of(image.units[axis]);
    if (spacing > 0 && std::isfinite(spacing)) image.spacing[axis] = spacing;
  }
  if (form) {
    const Vector steps = {step_of(header, form, 0), step_of(header, form, 1),
                          step_of(header, form, 2)};
    const double to_mm = size_of(image.units[0]);
    read_direction(*form, steps, image);
    for (int row = 0; row < std::min(n, 3); ++row) first[row] = lps(form->offset[row], row) * to_mm;
    if (n < 3) read_placement(*form, steps, to_mm, image);
  } else {
    // A header that does not say where the image lies does not move when its start index does:
    // index zero is at 0.
    for (int axis = 0; axis < std::min(n, 3); ++axis)
      first[axis] = image.spacing[axis] * static_cast<double>(image.region.index[axis]);
  }
  if (n > 3) first[3] = finite(header.time_offset) * size_of(image.units[3]);
  return first;
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
    // The length that step_of() finds.
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

void move_nifti_space(NiftiHeader& header, const Index& steps) {
  if (steps[0] == 0 && steps[1] == 0 && steps[2] == 0) return;
  if (const auto form = sform_of(header)) {
    const Vector moved = way(form->matrix, steps);
    for (int row = 0; row < 3; ++row) header.sform[static_cast<size_t>(4 * row + 3)] += moved[row];
  }
  if (const auto form = qform_of(header)) {
    const Vector moved = way(form->matrix, steps);
    for (int row = 0; row < 3; ++row) header.quaternion_offset[row] += moved[row];
  }
}

void move_nifti_time(NiftiHeader& header, int64_t steps) {
  if (steps == 0) return;
  const double step = pixdim_of(header, 3).value_or(1);
  header.time_offset = finite(header.time_offset) + step * static_cast<double>(steps);
}

NiftiForms nifti_forms(const NiftiHeader& header) {
  const auto matrix = sform_of(header), rotation = qform_of(header), chosen = form_of(header);
  NiftiForms forms;
  if (!chosen) return forms;
  forms.chosen = matrix && chosen->matrix == matrix->matrix && chosen->offset == matrix->offset
                     ? NiftiForms::Chosen::sform
                     : NiftiForms::Chosen::qform;
  forms.differ = matrix && rotation && !similar(*matrix, *rotation);
  return forms;
}

}  // namespace swr
