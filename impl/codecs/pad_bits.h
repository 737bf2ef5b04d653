// Bytes hidden in a deflate stream: five bits in each of a row of empty stored blocks.
//
//   an empty stored block, on a byte boundary:   d d d d d 0 0 0 | 00 00 | FF FF
//                                                five ignored bits, BFINAL 0 and BTYPE 00, LEN 0, NLEN
//
// RFC 1951, 3.2.4, has decoders skip the rest of the byte behind a stored block's header; what
// stands there is invisible to all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace swr {

// The length in the stream of `bytes` hidden bytes.
inline int64_t padded_bytes(int64_t bytes) {
  return (bytes * 8 + 4) / 5 * 5;
}

// Hides `data`, lowest bits first; `out` has padded_bytes() of its size. Bits left over are 0.
void hide_in_pad_bits(std::span<const std::byte> data, std::span<std::byte> out);

// Takes it out again; false if `stream` is anything but such blocks, with 0 in the bits left over.
bool find_in_pad_bits(std::span<const std::byte> stream, std::span<std::byte> data);

}  // namespace swr
