// The checksum of HDF5's filter 3: Fletcher's, of big-endian words of 16 bits, modulo 65535 (HDF5
// File Format Specification, IV.A.2.l). It follows the chunk, little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace swr {

uint32_t fletcher32(std::span<const std::byte> bytes);

// Whether a checksum is that of the bytes. HDF5 up to 1.6.2 stored it with the bytes of each half
// swapped on little-endian machines.
bool is_fletcher32(uint32_t checksum, std::span<const std::byte> bytes);

}  // namespace swr
