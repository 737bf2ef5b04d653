// The quantities that axes measure, and the units of files. Spacing and origin of an Image are
// in millimetres, seconds, hertz, ppm or radians per second; a unit only says what the file uses.
// Those of an axis in Angstrom are in Angstrom, as ITK reads MRC.
#pragma once

#include <string_view>

#include "swr/types.h"

namespace swr {

enum class Quantity { none, length, time, frequency, shift, angular_frequency };

Quantity quantity_of(swr_unit unit);
// The size of the unit in millimetres, seconds ...; 1 for SWR_UNIT_NONE and SWR_UNIT_ANGSTROM.
double size_of(swr_unit unit);
// The name that swr_unit_name() returns, such as "um"; "" for SWR_UNIT_NONE.
const char* unit_name(swr_unit unit);
// The unit with this name in any usual spelling: "um", "microns", "Micrometer". SWR_UNIT_NONE if
// the name is unknown.
swr_unit unit_of_name(std::string_view name);

// A number in a unit of this size as a number of an Image. Where the size is a power of ten, a
// decimal fraction of up to 15 digits stays one: 0.00007 cm are 0.0007 mm, to the last bit.
double from_unit(double number, double size);
// The reverse: the number in the unit that from_unit() takes back to the same number, a decimal
// fraction of up to 15 digits if one does, as for all of these where the size is a power of ten.
// For a few other numbers no double does: the last bit of what comes back differs.
double to_unit(double number, double size);
// Whether the number is one in every unit, neither too large nor too small.
bool is_in_every_unit(double number);

}  // namespace swr
