#include "codecs/lz4.h"

#include <climits>

#include "base/error.h"

#ifdef SWR_HAVE_LZ4
#include <lz4.h>
#endif

namespace swr {

#ifdef SWR_HAVE_LZ4

bool has_lz4() {
  return true;
}

const char* decode_lz4(std::span<const std::byte> stored, std::span<std::byte> out) {
  if (stored.size() > INT_MAX || out.size() > INT_MAX) return "it is longer than an LZ4 block is";
  const int made = LZ4_decompress_safe(
      reinterpret_cast<const char*>(stored.data()), reinterpret_cast<char*>(out.data()),
      static_cast<int>(stored.size()), static_cast<int>(out.size()));
  // liblz4 does not say which of the two it is.
  if (made < 0) return "it holds more pixels than it should, or is not a whole LZ4 block";
  return static_cast<size_t>(made) == out.size() ? nullptr : "it ends too early";
}

#else

bool has_lz4() {
  return false;
}

const char* decode_lz4(std::span<const std::byte>, std::span<std::byte>) {
  fail(SWR_ERROR_INTERNAL, "this swr was built without liblz4");
}

#endif

}  // namespace swr
