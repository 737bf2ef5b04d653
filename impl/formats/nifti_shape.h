// How the axes and components of an image map to NIfTI's dim[] and data types.
#pragma once

#include <string>
#include <string_view>

#include "formats/nifti_header.h"
#include "image/image.h"
#include "image/layout.h"

namespace swr {

inline constexpr int most_nifti_axes = 7;
inline constexpr int most_nifti_axes_of_vectors = 4;
inline constexpr int nifti_component_axis = 5;  // dim[5]

struct NiftiShape {
  int dimensions = 0;
  PixelType pixel;
  bool planar = false;  // the components are the axis dim[5]
  bool tensor = false;
};

// The shape that the header describes. Trailing axes of size 1 are dropped as in ITK: those after
// the third of a scalar image, all but the first of a vector image. SWR_ERROR_CORRUPT,
// SWR_ERROR_UNSUPPORTED.
NiftiShape nifti_shape_of(const NiftiHeader& header, const std::string& path);

// Apply swr's notes about what a header cannot hold. A note that contradicts the header is ignored.
// The number of dimensions restores axes of size 1 that were dropped, or drops more of them.
void apply_nifti_dimensions(std::string_view text, const NiftiHeader& header, NiftiShape& shape);
void apply_nifti_kind(std::string_view name, NiftiShape& shape);

// The shape of the image in a new file. Sets dim[], datatype, the version, and the intent if the
// pixels need one. If the header already describes the same axes and components, its trailing axes
// of size 1 and its intent stay. SWR_ERROR_UNSUPPORTED.
NiftiShape spread_over_nifti(const Image& image, const Image* old, NiftiHeader& header,
                             const std::string& path);

LinearOrder nifti_order(const Image& image, const NiftiShape& shape);

}  // namespace swr
