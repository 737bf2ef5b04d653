// LZ4 blocks (github.com/lz4/lz4, doc/lz4_Block_format.md) in memory, by liblz4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace swr {

// Whether the library was built with liblz4.
bool has_lz4();

// As decode_lzw(), but nothing may follow the block. A block has no checksum. Requires: has_lz4().
const char* decode_lz4(std::span<const std::byte> stored, std::span<std::byte> out);

// With the number of raw bytes in front, as 4 bytes, little-endian: numcodecs, which Zarr uses, has
// it so.
inline constexpr int64_t most_sized_lz4_bytes = 0x7e000000;
// `acceleration`: 1 or more; faster and larger. The same input gives the same bytes. Requires:
// has_lz4(), and not more than most_sized_lz4_bytes.
std::vector<std::byte> encode_sized_lz4(int acceleration, std::span<const std::byte> raw);
// The longest possible result for so many bytes.
int64_t longest_sized_lz4(int64_t raw_bytes);
const char* decode_sized_lz4(std::span<const std::byte> stored, std::span<std::byte> out);

}  // namespace swr
