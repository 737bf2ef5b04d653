// CRC-32C (Castagnoli; RFC 3720, appendix B.4), the checksum of Zarr's shards and of its codec
// "crc32c", which appends it to a chunk, little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace swr {

uint32_t crc32c(std::span<const std::byte> bytes);
// The checksum of consecutive stretches; `before` is that of the first ones.
uint32_t crc32c(uint32_t before, std::span<const std::byte> bytes);

}  // namespace swr
