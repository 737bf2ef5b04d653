#include "codecs/packbits.h"

#include <cstdint>
#include <cstring>

namespace swr {

//   n  0 .. 127: n + 1 bytes follow   -1 .. -127: one byte follows, 1 - n times   -128: nothing
const char* decode_packbits(std::span<const std::byte> stored, std::span<std::byte> out) {
  size_t at = 0, done = 0;
  while (at < stored.size()) {
    const int code = std::to_integer<int>(stored[at++]);
    const int n = code < 128 ? code : code - 256;
    if (n == -128) continue;
    const size_t bytes = static_cast<size_t>(n < 0 ? 1 - n : 1 + n);
    const size_t taken = n < 0 ? 1 : bytes;
    // one byte may be there so that what follows begins at an even one
    if (done == out.size() && at == stored.size()) break;
    if (taken > stored.size() - at) return "it ends too early";
    if (bytes > out.size() - done) return "it holds more pixels than it should";
    if (n < 0) {
      std::memset(out.data() + done, std::to_integer<int>(stored[at]), bytes);
    } else {
      std::memcpy(out.data() + done, stored.data() + at, bytes);
    }
    at += taken;
    done += bytes;
  }
  return done == out.size() ? nullptr : "it ends too early";
}

}  // namespace swr
