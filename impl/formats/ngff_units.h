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
// "micrometer"; swr's own name for what UDUNITS-2 has no name; empty for SWR_UNIT_NONE.
std::string ngff_unit_name(swr_unit unit);

}  // namespace swr
