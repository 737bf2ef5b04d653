// What an axis measures, and the units that files state it in. Spacing and origin of an Image are
// always in millimetres, seconds, hertz, ppm or radians per second: a unit says how the file does.
#pragma once

#include <string_view>

#include "swr/types.h"

namespace swr {

enum class Quantity { none, length, time, frequency, shift, angular_frequency };

Quantity quantity_of(swr_unit unit);
// How many millimetres, seconds ... the unit has; 1 for SWR_UNIT_NONE.
double size_of(swr_unit unit);
// "um", as swr_unit_name() gives it; "" for SWR_UNIT_NONE.
const char* unit_name(swr_unit unit);
// The unit of a name in any usual spelling: "um", "microns", "Micrometer"; SWR_UNIT_NONE for
// others.
swr_unit unit_of_name(std::string_view name);

}  // namespace swr
