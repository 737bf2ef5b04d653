// The words of NRRD: names of types, of kinds of axes, and of spaces.
#pragma once

#include <string_view>

#include "image/image.h"

namespace swr {

// "short" and its like; SWR_COMPONENT_UNKNOWN if the name is unknown.
swr_component nrrd_component(std::string_view name);
const char* nrrd_type(swr_component component);

// A kind of axis that holds components.
struct NrrdKind {
  std::string_view name;  // lower case
  swr_kind kind;
  int components;  // 0: any number
};
const NrrdKind* find_nrrd_kind(std::string_view name);  // nullptr if there is none
// The kind that is written for a component axis; nullptr for scalars, which have no such axis.
const char* nrrd_kind(const PixelType& pixel);

// A space: how many axes it has, and which of x and y point away from LPS.
struct NrrdSpaceName {
  std::string_view name;  // lower case, letters and digits only
  int axes;
  bool turn_x, turn_y;
};
const NrrdSpaceName* find_nrrd_space(std::string_view name);  // nullptr if there is none

}  // namespace swr
