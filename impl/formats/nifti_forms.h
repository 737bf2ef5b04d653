// The two forms in which a NIfTI header says where the pixels are, both from pixel indices i j k to
// x y z in RAS:
//
//   sform   x = srow_x[0] i + srow_x[1] j + srow_x[2] k + srow_x[3], and so on
//   qform   a rotation, as the unit quaternion (a b c d) with a >= 0 left out;
//           then pixdim[1..3] along its columns, the third negated if pixdim[0] < 0;
//           then qoffset
//
// They are float32 in NIfTI-1: values come back with a relative error of about 6e-8.
#pragma once

#include <array>
#include <optional>

#include "formats/nifti_header.h"
#include "image/image.h"

namespace swr {

using NiftiMatrix = std::array<std::array<double, 3>, 3>;  // [row][column]
using NiftiVector = std::array<double, 3>;

struct NiftiForm {
  NiftiMatrix matrix{};
  NiftiVector offset{};
};

// The form that counts. It is ITK's choice: the matrix, if it has no shear, and there is no
// quaternion, or the matrix is that of the scanner, or both say the same; else the quaternion. A
// sheared matrix without a quaternion, which ITK refuses, counts too. Nothing if neither is usable.
std::optional<NiftiForm> chosen_nifti_form(const NiftiHeader& header);

// Which of the forms gives the position of the image.
struct NiftiForms {
  enum class Chosen { none, sform, qform };
  Chosen chosen = Chosen::none;
  bool differ = false;  // both exist, and they contradict each other
};
NiftiForms nifti_forms(const NiftiHeader& header);

// The length that pixdim states for an axis; nothing if it is no length. The sign of a negative one
// is ignored.
std::optional<double> nifti_pixdim(const NiftiHeader& header, int axis);
// NaN and infinity count as 0, as in the library that comes with the specification.
double finite_or_zero(double value);

// Move the first pixel by whole steps along the axes, as a crop needs it: in both forms, each by
// its own matrix, and in time.
void move_nifti_space(NiftiHeader& header, const Index& steps);
void move_nifti_time(NiftiHeader& header, int64_t steps);

double determinant(const NiftiMatrix& m);
double column_length(const NiftiMatrix& m, int column);
// Within ITK's tolerance.
bool is_orthonormal(const NiftiMatrix& m);
// The orthonormal matrix nearest to one that nearly is orthonormal: Newton's iteration for the
// polar decomposition.
NiftiMatrix nearest_rotation(NiftiMatrix m);
// b, c and d of the unit quaternion, with a >= 0, of a rotation.
NiftiVector quaternion_of(const NiftiMatrix& rotation);

}  // namespace swr
