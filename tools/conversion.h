// How values become another type.
#pragma once

#include <optional>

#include "swr/swr.h"

namespace swr::tool {

// Whether the second type holds every value of the first.
bool holds_every_value(swr_component from, swr_component to);
// What --convert says. A type that holds every value needs no --convert; the library refuses any
// other change of type without one, and names it.
swr_conversion chosen_conversion(const std::optional<swr_conversion>& given, swr_component from,
                                 swr_component to);

}  // namespace swr::tool
