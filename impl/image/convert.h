// Converts packed pixels from one component type to another.
#pragma once

#include <cstddef>
#include <cstdint>

#include "swr/types.h"

namespace swr {

struct ConversionFailure {
  int64_t element;  // number of the first component in the buffer that would change; -1: none
  double value;     // its value, as a double
};

// What a loop may use: what all processors of the architecture have, or more.
enum class Instructions { all, avx2 };
// The fastest that this processor has.
Instructions best_instructions();

// Converts `count` components. CLAMP: rounded half to even, saturated, NaN to 0 in integers; never
// fails. EXACT: a component survives if converting the result back gives the same value (NaN
// survives between floating types; -0.0 counts as 0); stops at the first that does not. Buffers
// need not be aligned and do not overlap.
ConversionFailure convert(const std::byte* from, swr_component from_type, std::byte* to,
                          swr_component to_type, int64_t count, swr_conversion policy,
                          Instructions instructions = best_instructions());

// As convert(), for slope * value + intercept instead of each value. EXACT: the type must be able
// to hold the result, up to the rounding of the multiplication.
ConversionFailure convert_scaled(const std::byte* from, swr_component from_type, std::byte* to,
                                 swr_component to_type, int64_t count, swr_conversion policy,
                                 double slope, double intercept);

// The bytes of `value` as a component of `type`; false if the type cannot hold it exactly (a float
// holds its nearest value; NaN only in floats).
bool encode_value(double value, swr_component type, std::byte* to);

}  // namespace swr
