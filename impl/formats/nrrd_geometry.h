// The geometry of a NRRD image: spacing, direction and origin from the fields of the header.
#pragma once

#include <array>
#include <vector>

#include "formats/nrrd_axes.h"
#include "formats/nrrd_header.h"

namespace swr {

// What a header says of the axes' directions and units.
struct NrrdVectors {
  std::vector<NrrdVector> directions;  // of each axis of the header; empty without space directions
  std::vector<swr_unit> axis_units;    // of each axis of the header
  std::array<swr_unit, most_nrrd_space_axes> space_units{};
};

// Sets `in_space`, `has_origin` and the geometry of the image in `axes`. Requires: all else in it
// is known. SWR_ERROR_CORRUPT, SWR_ERROR_UNSUPPORTED.
void read_nrrd_geometry(const NrrdHeader& header, const NrrdVectors& vectors, NrrdAxes& axes);

}  // namespace swr
