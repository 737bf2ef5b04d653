#include "codecs/lzf.h"

#include <cstring>

namespace swr {

//   000lllll                     l + 1 bytes follow
//   lllddddd dddddddd            l + 2 bytes as they were d + 1 bytes before, l from 1 to 6
//   111ddddd llllllll dddddddd   l + 9 bytes
const char* decode_lzf(std::span<const std::byte> stored, std::span<std::byte> out) {
  constexpr size_t first_match = 32, long_match = 7;
  constexpr const char* too_early = "it ends too early";
  constexpr const char* too_many = "it holds more pixels than it should";
  size_t at = 0, done = 0;
  while (at < stored.size()) {
    const auto code = std::to_integer<size_t>(stored[at++]);
    if (code < first_match) {
      const size_t bytes = code + 1;
      if (bytes > stored.size() - at) return too_early;
      if (bytes > out.size() - done) return too_many;
      std::memcpy(out.data() + done, stored.data() + at, bytes);
      at += bytes;
      done += bytes;
      continue;
    }
    size_t bytes = (code >> 5) + 2;
    if (bytes == long_match + 2) {
      if (at == stored.size()) return too_early;
      bytes += std::to_integer<size_t>(stored[at++]);
    }
    if (at == stored.size()) return too_early;
    const size_t distance = ((code & 31) << 8) + std::to_integer<size_t>(stored[at++]) + 1;
    if (distance > done) return "it repeats bytes in front of its first one";
    if (bytes > out.size() - done) return too_many;
    // Byte by byte: what is repeated may be among the bytes that this makes.
    for (const size_t end = done + bytes; done < end; ++done) out[done] = out[done - distance];
  }
  return done == out.size() ? nullptr : too_early;
}

}  // namespace swr
