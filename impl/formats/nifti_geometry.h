// Where a NIfTI image lies in space. NIfTI counts from left to right and from posterior to anterior
// (RAS); swr the other way (LPS).
#pragma once

#include <array>
#include <string>

#include "formats/nifti_header.h"
#include "image/image.h"

namespace swr {

// Sets spacing, direction, units and placement of `image`, whose region is known, from the header's
// forms and units; the result is the first pixel's position.
std::array<double, max_dimensions> read_nifti_geometry(const NiftiHeader& header, Image& image);

// Put the geometry of `image` into the header. SWR_ERROR_UNSUPPORTED, naming `path`, for what NIfTI
// cannot hold. The origin of axes after the fourth is not in the header.
// The first three axes: both forms if the axes are at right angles, else the matrix alone.
void write_nifti_space(const Image& image, NiftiHeader& header, const std::string& path);
// The fourth. Requires: the image has one.
void write_nifti_time(const Image& image, NiftiHeader& header, const std::string& path);
// Another one.
void write_nifti_step(const Image& image, int axis, NiftiHeader& header, const std::string& path);

// Move the first pixel by whole steps along the axes, as a cut image needs it: in both forms, each
// by its own matrix; and in time.
void move_nifti_space(NiftiHeader& header, const Index& steps);
void move_nifti_time(NiftiHeader& header, int64_t steps);

// Which of the forms says where the image lies.
struct NiftiForms {
  enum class Chosen { none, sform, qform };
  Chosen chosen = Chosen::none;
  bool differ = false;  // there are both, and they say different things
};
NiftiForms nifti_forms(const NiftiHeader& header);

}  // namespace swr
