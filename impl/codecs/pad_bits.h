// Bytes hidden in a deflate stream: five bits in each of a sequence of empty stored blocks.
//
//   an empty stored block, on a byte boundary:   d d d d d 0 0 0 | 00 00 | FF FF
//                                                5 ignored bits, BFINAL 0, BTYPE 00, LEN 0, NLEN
//
// By RFC 1951, 3.2.4, decoders skip the rest of the byte after the header of a stored block, so
// none of them sees the hidden bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace swr {

// The bytes of the stream that hide `bytes` bytes.
inline int64_t padded_bytes(int64_t bytes) {
  return (bytes * 8 + 4) / 5 * 5;
}

// Hides `data`, lowest bits first; `out` has padded_bytes() of its size. Bits left over are 0.
void hide_in_pad_bits(std::span<const std::byte> data, std::span<std::byte> out);

// Extracts the data again; false if `stream` is not made of such blocks with 0 in the spare bits.
bool find_in_pad_bits(std::span<const std::byte> stream, std::span<std::byte> data);

}  // namespace swr
