// Widens floating numbers of 16 bits (IEEE 754 binary16) to float32, which has all their values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace swr {

// The bits of the float32 of the same value. Signs of zeros, and the bits of NaNs, stay.
uint32_t widened_half_float(uint16_t half);

// Widens the numbers in the second half of `bytes` to fill all of it, in the same byte order.
// Requires: a whole number of float32.
void widen_half_floats(std::span<std::byte> bytes, bool big_endian);

}  // namespace swr
