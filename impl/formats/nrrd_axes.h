// The axes of a NRRD header: which one holds the components, and which are the image's.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "formats/nrrd_header.h"
#include "image/image.h"

namespace swr {

// The space of a header's vectors.
struct NrrdSpace {
  int axes = 0;  // 0: there is none
  // the size of each row's unit, negative if the row is reversed in LPS
  std::array<double, most_nrrd_space_axes> to_lps{};

  // -1 for a row that is reversed, else 1.
  double sign(int row) const;
  // Converts a coordinate of the header to one of the image, never -0. Rows after the space's stay.
  double to_image(int row, double value) const;
  // Converts a vector of the image to one of the header.
  std::array<double, max_dimensions> from_lps(const double* vector) const;
};

struct NrrdAxes {
  int count = 0;
  Index sizes{};            // of all axes, as in the header
  int component_axis = -1;  // -1: pixels are scalar
  std::vector<int> domain;  // the axes of the header that are the image's
  NrrdSpace space;
  std::vector<bool> in_space;     // for each axis of the image: whether it has a vector
  bool has_origin = false;        // the header states a space origin
  Image image;                    // region, pixel, geometry; no metadata
  std::string measurement_frame;  // in LPS, as "(1,0,0) (0,1,0) (0,0,1)"; empty if there is none

  // The number of the image's axes that are faster than the components.
  int axes_before_components() const { return component_axis < 0 ? 0 : component_axis; }
};

// Takes the start index and the kind out of the header's key/value pairs, if they are there.
NrrdAxes read_nrrd_axes(NrrdHeader& header);

// "(1,0,0)"
std::string nrrd_vector_text(const double* values, int count);

}  // namespace swr
