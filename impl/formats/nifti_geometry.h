// Where a NIfTI image lies in space. NIfTI counts from left to right and from posterior to anterior
// (RAS); swr the other way (LPS).
#pragma once

#include <array>
#include <string>

#include "formats/nifti_header.h"
#include "image/image.h"

namespace swr {

// Sets the spacing and the direction of `image`, whose region is known, from the header's forms and
// units; the result is the first pixel's position.
std::array<double, max_dimensions> read_nifti_geometry(const NiftiHeader& header, Image& image);

// Puts the geometry of `image` into the header: both forms if the direction is orthonormal, else
// the matrix alone. The origin of axes behind the fourth is not in the header.
// SWR_ERROR_UNSUPPORTED, naming `path`, for what NIfTI cannot hold.
void write_nifti_geometry(const Image& image, NiftiHeader& header, const std::string& path);

}  // namespace swr
