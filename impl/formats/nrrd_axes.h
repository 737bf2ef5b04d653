// What the fields of a NRRD header say of an image: which axis has the components, and where the
// others lie in space.
#pragma once

#include "formats/nrrd_header.h"
#include "image/image.h"

namespace swr {

struct NrrdAxes {
  int count = 0;
  Index sizes{};                  // of all axes, as in the header
  int component_axis = -1;        // the first, or the last; -1: pixels are scalar
  Image image;                    // region (start index 0), pixel, geometry; no metadata
  std::string measurement_frame;  // in LPS, as "(1,0,0) (0,1,0) (0,0,1)"; empty if there is none

  bool planar() const { return component_axis > 0; }
};

// `header` is asked for the start index and the kind that its key/value pairs may hold.
NrrdAxes read_nrrd_axes(NrrdHeader& header);

// "short" and its like.
const char* nrrd_type(swr_component component);
// The kind of the component axis; nullptr if a scalar has none.
const char* nrrd_kind(const PixelType& pixel);
// The kind that nrrd_kind() will be read as.
swr_kind nrrd_kind_read(std::string_view name);

// "(1,0,0)"
std::string nrrd_vector_text(const double* values, int count);

}  // namespace swr
