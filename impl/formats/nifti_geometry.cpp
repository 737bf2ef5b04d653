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

std::optional<Form> sform_of(const NiftiHeader& header) {
  if (header.sform_code <= 0) return std::nullopt;
  Form form;
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column)
      form.matrix[row][column] = header.sform[static_cast<size_t>(4 * row + column)];
    form.offset[row] = header.sform[static_cast<size_t>(4 * row + 3)];
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
  form.matrix =
      rotation_of_quaternion(header.quaternion[0], header.quaternion[1], header.quaternion[2]);
  form.offset = header.quaternion_offset;
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

// Millimetres in the header's unit of length, and seconds in its unit of time; 1 if it says none.
double millimetres(const NiftiHeader& header) {
  switch (header.units & 0x07) {
    case 1: return 1e3;
    case 3: return 1e-3;
    default: return 1;
  }
}

double seconds(const NiftiHeader& header) {
  switch (header.units & 0x38) {
    case 16: return 1e-3;
    case 24: return 1e-6;
    default: return 1;
  }
}

// The direction of one axis, cut to the image's dimensions. It keeps the matrix' length where that
// is nearly pixdim's, so that matrix and spacing together give back the positions that the file
// says; else it has length 1.
void read_column(const Form& form, int axis, double length_in_header, Image& image) {
  const int n = image.dimensions(), rows = std::min(n, 3);
  double length = 0;
  for (int row = 0; row < rows; ++row) length = std::hypot(length, form.matrix[row][axis]);
  if (length == 0) return;  // the axis stands upright on a flat image; the caller notices
  if (std::abs(length / length_in_header - 1) < length_tolerance) length = length_in_header;
  for (int row = 0; row < rows; ++row)
    image.direction[row * n + axis] = lps(form.matrix[row][axis], row) / length;
}

void set_identity(Image& image) {
  const int n = image.dimensions();
  image.direction = {};
  for (int axis = 0; axis < n; ++axis) image.direction[axis * n + axis] = 1;
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
  for (int column = 0; column < 3; ++column) {
    // A little less than what read_column() accepts, for the rounding in between.
    if (!(std::abs(column_length(direction, column) - 1) < 0.99 * length_tolerance)) {
      fail(SWR_ERROR_UNSUPPORTED, path, ": NIfTI cannot hold the direction of axis ", column + 1,
           ", whose length is ", column_length(direction, column), " and not 1");
    }
  }
  if (!(std::abs(determinant(direction)) > 1e-6))
    fail(SWR_ERROR_UNSUPPORTED, path, ": NIfTI cannot hold a direction that is flat");
}

void check_number(double value, const NiftiHeader& header, std::string_view what,
                  const std::string& path) {
  const double largest = header.version == 1 ? double{std::numeric_limits<float>::max()}
                                             : std::numeric_limits<double>::max();
  if (!(std::abs(value) <= largest))
    fail(SWR_ERROR_UNSUPPORTED, path, ": NIfTI cannot hold the ", what, " ", value);
}

}  // namespace

std::array<double, max_dimensions> read_nifti_geometry(const NiftiHeader& header, Image& image) {
  const int n = image.dimensions();
  const std::optional<Form> form = form_of(header);
  const double to_mm = millimetres(header), to_seconds = seconds(header);
  std::array<double, max_dimensions> first{};
  set_identity(image);
  for (int axis = 0; axis < n; ++axis) {
    const double unit = axis < 3 ? to_mm : axis == 3 ? to_seconds : 1;
    const double length_in_form = form && axis < 3 ? column_length(form->matrix, axis) : 1;
    const double length = pixdim_of(header, axis).value_or(length_in_form);
    image.spacing[axis] = length * unit;
    if (!(image.spacing[axis] > 0 && std::isfinite(image.spacing[axis]))) image.spacing[axis] = 1;
    if (form && axis < 3) {
      read_column(*form, axis, length, image);
      first[axis] = lps(form->offset[axis], axis) * to_mm;
    }
  }
  // A flat image that stands upright has no direction of its own in the plane.
  const double volume = determinant(spatial_direction(image));
  if (!(std::abs(volume) > 1e-6)) set_identity(image);
  if (n > 3 && std::isfinite(header.time_offset)) first[3] = header.time_offset * to_seconds;
  return first;
}

void write_nifti_geometry(const Image& image, NiftiHeader& header, const std::string& path) {
  const int n = image.dimensions();
  const std::array<double, max_dimensions> first = image.first_pixel_position();
  Matrix direction = spatial_direction(image);
  check_direction(image, direction, path);
  for (int axis = 0; axis < n; ++axis) {
    check_number(image.spacing[axis], header, "spacing", path);
    check_number(first[axis], header, "origin", path);
    const bool positive =
        header.version == 1 ? static_cast<float>(image.spacing[axis]) > 0 : image.spacing[axis] > 0;
    if (!positive)
      fail(SWR_ERROR_UNSUPPORTED, path, ": NIfTI cannot hold the spacing ", image.spacing[axis]);
    header.pixdim[static_cast<size_t>(axis) + 1] = image.spacing[axis];
  }
  Vector offset;
  for (int row = 0; row < 3; ++row) {
    for (double& entry : direction[row]) entry = lps(entry, row);
    offset[row] = lps(first[row], row);
  }
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column) {
      header.sform[static_cast<size_t>(4 * row + column)] =
          direction[row][column] * (column < n ? image.spacing[column] : 1);
    }
    header.sform[static_cast<size_t>(4 * row + 3)] = offset[row];
  }
  for (const double entry : header.sform)
    check_number(entry, header, "direction times spacing", path);
  header.sform_code = 1;
  header.qform_code = orthonormal(direction) ? 1 : 0;
  header.pixdim[0] = determinant(direction) < 0 ? -1 : 1;
  if (header.qform_code > 0) {
    Matrix rotation = nearest_rotation(direction);
    if (header.pixdim[0] < 0) {
      for (auto& row : rotation) row[2] = -row[2];
    }
    header.quaternion = quaternion_of(rotation);
    header.quaternion_offset = offset;
  }
  if (n > 3) header.time_offset = first[3];
  header.units = n > 3 ? 2 | 8 : 2;  // mm, and seconds
}

}  // namespace swr
