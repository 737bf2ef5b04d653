// What the fields of a NRRD header say of an image: which axis has the components, and where the
// others lie in space.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "formats/nrrd_header.h"
#include "image/image.h"

namespace swr {

// The space that a header's vectors are in: millimetres and LPS are `to_lps` away.
struct NrrdSpace {
  int axes = 0;  // 0: there is none
  std::array<double, most_nrrd_space_axes>
      to_lps{};  // factor of each row, -1 where it is turned round

  // The numbers of a vector in the header for one of the image.
  std::array<double, max_dimensions> from_lps(const double* vector) const;
};

struct NrrdAxes {
  int count = 0;
  Index sizes{};            // of all axes, as in the header
  int component_axis = -1;  // -1: pixels are scalar
  std::vector<int> domain;  // the axes of the header that are the image's
  NrrdSpace space;
  std::vector<bool> in_space;     // of each axis of the image: it has a vector there
  bool has_origin = false;        // the header says where in the space the first pixel is
  Image image;                    // region, pixel, geometry; no metadata
  std::string measurement_frame;  // in LPS, as "(1,0,0) (0,1,0) (0,0,1)"; empty if there is none

  // How many of the image's axes are faster than the components.
  int axes_before_components() const { return component_axis < 0 ? 0 : component_axis; }
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
