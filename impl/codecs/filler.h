// Deflate blocks that hold nothing: room to grow in, which every decoder passes over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace swr {

// Whether that many bytes can be filled with empty blocks: all but 1, 2, 3, 4 and 8.
inline bool fillable(int64_t bytes) {
  return bytes == 0 || (bytes >= 5 && bytes != 8);
}

// The smallest fillable number that is not below `bytes`.
inline int64_t round_up_to_fillable(int64_t bytes) {
  while (!fillable(bytes)) ++bytes;
  return bytes;
}

// Fills the span, whose size is fillable. It begins and ends on a byte boundary of the stream.
void write_filler(std::span<std::byte> out);

}  // namespace swr
