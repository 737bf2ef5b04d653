// How an image is spread over NIfTI's dim[], with its pixel type: what is an axis, and what a
// component.
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
  bool planar = false;  // components are the axis dim[5]
  bool tensor = false;
};

// What the header says. Axes of size 1 at the end are dropped as ITK does: those after the third of
// a scalar image, all but the first of a vector image. SWR_ERROR_CORRUPT, SWR_ERROR_UNSUPPORTED.
NiftiShape nifti_shape_of(const NiftiHeader& header, const std::string& path);

// Notes that a header cannot hold; what contradicts the header changes nothing. Axes of size 1 that
// were dropped, or not, though they should have been otherwise:
void apply_nifti_dimensions(std::string_view text, const NiftiHeader& header, NiftiShape& shape);
void apply_nifti_kind(std::string_view name, NiftiShape& shape);

// The shape that a new file gives the image. Sets dim[], datatype, the version, and the intent where
// the pixels need one. Of a header that says the same of axes and components already, axes of size 1
// at the end and the intent stay. SWR_ERROR_UNSUPPORTED.
NiftiShape spread_over_nifti(const Image& image, const Image* old, NiftiHeader& header,
                             const std::string& path);

LinearOrder nifti_order(const Image& image, const NiftiShape& shape);

}  // namespace swr
