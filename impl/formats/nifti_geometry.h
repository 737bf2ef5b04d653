// The position of a NIfTI image in space. NIfTI counts from left to right and from posterior to
// anterior (RAS), swr the other way (LPS).
#pragma once

#include <array>
#include <string>

#include "formats/nifti_header.h"
#include "image/image.h"

namespace swr {

// Sets spacing, direction, units and placement of `image` from the header's forms and units, and
// returns the first pixel's position. Requires: the image's region is set.
std::array<double, max_dimensions> read_nifti_geometry(const NiftiHeader& header, Image& image);

// The unit in which the header states this axis (Format::stated_unit).
swr_unit nifti_unit(const Image& image, const Image* old, int axis);

// Write the geometry of `image` to the header. SWR_ERROR_UNSUPPORTED, naming `path`, for what NIfTI
// cannot hold. The origin of axes after the fourth is not in the header. The first three axes get
// both forms if they are at right angles, else the matrix alone.
void write_nifti_space(const Image& image, NiftiHeader& header, const std::string& path);
// The fourth axis. Requires: the image has one.
void write_nifti_time(const Image& image, NiftiHeader& header, const std::string& path);
// An axis after the fourth.
void write_nifti_step(const Image& image, int axis, NiftiHeader& header, const std::string& path);

}  // namespace swr
