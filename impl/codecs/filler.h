// Empty deflate blocks as spare room. Every decoder skips them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace swr {

// Whether empty blocks can fill exactly that many bytes: all numbers except 1, 2, 3, 4 and 8.
inline bool fillable(int64_t bytes) {
  return bytes == 0 || (bytes >= 5 && bytes != 8);
}

// The smallest fillable number of at least `bytes`.
inline int64_t round_up_to_fillable(int64_t bytes) {
  while (!fillable(bytes)) ++bytes;
  return bytes;
}

// Fills the span, whose size is fillable. It begins and ends on a byte boundary of the stream.
void write_filler(std::span<std::byte> out);

}  // namespace swr
