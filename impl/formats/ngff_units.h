// The units of NGFF, as UDUNITS-2 names them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "swr/types.h"

namespace swr {

struct NgffUnit {
  swr_unit unit = SWR_UNIT_NONE;  // of the same quantity, if swr has no such unit
  double size = 1;                // in the unit of an Image: mm, s, ...
};

// Nothing for a unit that is unknown.
std::optional<NgffUnit> read_ngff_unit(std::string_view name);
// Of the numbers of an Image, which are in mm, s ...: "millimeter"; empty for SWR_UNIT_NONE.
std::string ngff_unit_name(swr_unit unit);
// A number in a unit of this size as a number of an Image. Where the unit is a decimal fraction,
// decimal fractions stay so.
double from_ngff_unit(double value, double size);

}  // namespace swr
