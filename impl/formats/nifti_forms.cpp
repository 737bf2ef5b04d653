#include "formats/nifti_forms.h"

#include <algorithm>
#include <cmath>

namespace swr {
namespace {

// How far the columns of a matrix may be from orthonormal: ITK's bound.
constexpr double orthonormal_tolerance = 1e-4;

bool has_orthogonal_columns(NiftiMatrix m) {
  for (int column = 0; column < 3; ++column) {
    const double length = column_length(m, column);
    for (auto& row : m) row[column] /= length;
  }
  return is_orthonormal(m);
}

bool is_usable(const NiftiForm& form) {
  for (int row = 0; row < 3; ++row) {
    if (!std::isfinite(form.offset[row])) return false;
    for (const double entry : form.matrix[row]) {
      if (!std::isfinite(entry)) return false;
    }
  }
  const double volume = determinant(form.matrix);
  return std::isfinite(volume) && volume != 0;
}

std::optional<NiftiForm> sform_of(const NiftiHeader& header) {
  if (header.sform_code <= 0) return std::nullopt;
  NiftiForm form;
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column)
      form.matrix[row][column] =
          finite_or_zero(header.sform[static_cast<size_t>(4 * row + column)]);
    form.offset[row] = finite_or_zero(header.sform[static_cast<size_t>(4 * row + 3)]);
  }
  return is_usable(form) ? std::optional(form) : std::nullopt;
}

NiftiMatrix rotation_of_quaternion(double b, double c, double d) {
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

std::optional<NiftiForm> qform_of(const NiftiHeader& header) {
  if (header.qform_code <= 0) return std::nullopt;
  NiftiForm form;
  const auto& [b, c, d] = header.quaternion;
  form.matrix = rotation_of_quaternion(finite_or_zero(b), finite_or_zero(c), finite_or_zero(d));
  for (int row = 0; row < 3; ++row)
    form.offset[row] = finite_or_zero(header.quaternion_offset[row]);
  for (int axis = 0; axis < 3; ++axis) {
    const double sign = axis == 2 && header.pixdim[0] < 0 ? -1 : 1;
    for (auto& row : form.matrix) row[axis] *= sign * nifti_pixdim(header, axis).value_or(1);
  }
  return is_usable(form) ? std::optional(form) : std::nullopt;
}

bool are_similar(const NiftiForm& a, const NiftiForm& b) {
  for (int row = 0; row < 3; ++row) {
    if (!(std::abs(a.offset[row] - b.offset[row]) <= orthonormal_tolerance)) return false;
    for (int column = 0; column < 3; ++column) {
      if (!(std::abs(a.matrix[row][column] - b.matrix[row][column]) <= orthonormal_tolerance))
        return false;
    }
  }
  return true;
}

// The vector from the first pixel to the one `steps` further along the axes.
NiftiVector displacement(const NiftiMatrix& matrix, const Index& steps) {
  NiftiVector sum{};
  for (int row = 0; row < 3; ++row) {
    for (int axis = 0; axis < 3; ++axis)
      sum[row] += matrix[row][axis] * static_cast<double>(steps[axis]);
  }
  return sum;
}

}  // namespace

double determinant(const NiftiMatrix& m) {
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
         m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

double column_length(const NiftiMatrix& m, int column) {
  return std::sqrt(m[0][column] * m[0][column] + m[1][column] * m[1][column] +
                   m[2][column] * m[2][column]);
}

bool is_orthonormal(const NiftiMatrix& m) {
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      const double product = m[0][a] * m[0][b] + m[1][a] * m[1][b] + m[2][a] * m[2][b];
      if (!(std::abs(product - (a == b ? 1 : 0)) <= orthonormal_tolerance)) return false;
    }
  }
  return true;
}

double finite_or_zero(double value) {
  return std::isfinite(value) ? value : 0;
}

std::optional<double> nifti_pixdim(const NiftiHeader& header, int axis) {
  const double length = std::abs(header.pixdim[static_cast<size_t>(axis) + 1]);
  if (!std::isfinite(length) || length == 0) return std::nullopt;
  return length;
}

std::optional<NiftiForm> chosen_nifti_form(const NiftiHeader& header) {
  const std::optional<NiftiForm> matrix = sform_of(header), rotation = qform_of(header);
  constexpr int scanner = 1;
  if (!matrix || !rotation) return matrix ? matrix : rotation;
  const bool choose_matrix = has_orthogonal_columns(matrix->matrix) &&
                             (header.sform_code == scanner || are_similar(*matrix, *rotation));
  return choose_matrix ? matrix : rotation;
}

NiftiMatrix nearest_rotation(NiftiMatrix m) {
  for (int pass = 0; pass < 4; ++pass) {
    NiftiMatrix next{};
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

NiftiVector quaternion_of(const NiftiMatrix& r) {
  // Four times the squares of the four numbers. The largest is computed first: the others are
  // divided by it.
  const double a = 1 + r[0][0] + r[1][1] + r[2][2], b = 1 + r[0][0] - r[1][1] - r[2][2];
  const double c = 1 + r[1][1] - r[0][0] - r[2][2], d = 1 + r[2][2] - r[0][0] - r[1][1];
  const double largest = std::max({a, b, c, d});
  const double twice = std::sqrt(largest), scale = 0.5 / twice;
  double w = scale * (r[2][1] - r[1][2]);  // a, unless a is the largest
  NiftiVector v;
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

void move_nifti_space(NiftiHeader& header, const Index& steps) {
  if (steps[0] == 0 && steps[1] == 0 && steps[2] == 0) return;
  if (const auto form = sform_of(header)) {
    const NiftiVector moved = displacement(form->matrix, steps);
    for (int row = 0; row < 3; ++row) header.sform[static_cast<size_t>(4 * row + 3)] += moved[row];
  }
  if (const auto form = qform_of(header)) {
    const NiftiVector moved = displacement(form->matrix, steps);
    for (int row = 0; row < 3; ++row) header.quaternion_offset[row] += moved[row];
  }
}

void move_nifti_time(NiftiHeader& header, int64_t steps) {
  if (steps == 0) return;
  const double step = nifti_pixdim(header, 3).value_or(1);
  header.time_offset = finite_or_zero(header.time_offset) + step * static_cast<double>(steps);
}

NiftiForms nifti_forms(const NiftiHeader& header) {
  const auto matrix = sform_of(header), rotation = qform_of(header),
             chosen = chosen_nifti_form(header);
  NiftiForms forms;
  if (!chosen) return forms;
  forms.chosen = matrix && chosen->matrix == matrix->matrix && chosen->offset == matrix->offset
                     ? NiftiForms::Chosen::sform
                     : NiftiForms::Chosen::qform;
  forms.differ = matrix && rotation && !are_similar(*matrix, *rotation);
  return forms;
}

}  // namespace swr
