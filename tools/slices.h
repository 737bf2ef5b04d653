// Slices through the middle of an image, sampled for display: with square pixels, not larger than a
// screen. Reads only the visible rows.
#pragma once

#include <string>
#include <vector>

#include "facts.h"

namespace swr::tool {

// A plane through the image that runs along two of its axes.
struct Plane {
  std::string name;     // "axial", "coronal", "sagittal", or "slice" where there is but one
  int column_axis = 0;  // the axis that runs from left to right
  int row_axis = -1;    // the axis that runs from top to bottom; -1 for an image of one dimension
  bool flip_columns = false, flip_rows = false;
  swr_region through{};  // the plane's pixels, in the image's index space
};

// The samples of a plane: `channels` values (1, or 3 for colour) for each of width x height pixels.
struct Panel {
  int width = 0, height = 0, channels = 1;
  std::vector<float> values;
};

// Axial, coronal and sagittal in radiological orientation (the patient's left on the right,
// anterior and superior at the top) for an image with three axes longer than one pixel; otherwise
// one plane along its first two axes.
std::vector<Plane> central_planes(const Facts& facts);
// The size in mm of a panel's pixel, so that none of the panels is larger than `edge` pixels.
double panel_spacing(const Facts& facts, const std::vector<Plane>& planes, int edge);
Panel sample(swr_reader* reader, const Facts& facts, const Plane& plane, double spacing);
bool is_colour(const Facts& facts);

}  // namespace swr::tool
