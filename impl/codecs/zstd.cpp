#include "codecs/zstd.h"

#include <new>

#include "base/error.h"

#ifdef SWR_HAVE_ZSTD
#include <zstd.h>
#include <zstd_errors.h>
#endif

namespace swr {

#ifdef SWR_HAVE_ZSTD

bool has_zstd() {
  return true;
}

const char* decode_zstd(std::span<const std::byte> stored, std::span<std::byte> out) {
  const size_t made = ZSTD_decompress(out.data(), out.size(), stored.data(), stored.size());
  if (!ZSTD_isError(made)) return made == out.size() ? nullptr : "it ends too early";
  switch (ZSTD_getErrorCode(made)) {
    case ZSTD_error_memory_allocation: throw std::bad_alloc();
    case ZSTD_error_dstSize_tooSmall: return "it holds more pixels than it should";
    default: return "it is not a whole Zstandard stream, or not what its checksum says";
  }
}

#else

bool has_zstd() {
  return false;
}

const char* decode_zstd(std::span<const std::byte>, std::span<std::byte>) {
  fail(SWR_ERROR_INTERNAL, "this swr was built without libzstd");
}

#endif

}  // namespace swr
