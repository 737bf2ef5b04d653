#include "codecs/xz.h"

#include <new>

#include "base/error.h"

#ifdef SWR_HAVE_LZMA
#include <lzma.h>
#endif

namespace swr {

#ifdef SWR_HAVE_LZMA

bool has_xz() {
  return true;
}

const char* decode_xz(std::span<const std::byte> stored, std::span<std::byte> out) {
  constexpr uint64_t besides = uint64_t{1} << 20;
  uint64_t memory = static_cast<uint64_t>(most_xz_dictionary) + besides;
  size_t used = 0, made = 0;
  const lzma_ret result = lzma_stream_buffer_decode(
      &memory, 0, nullptr, reinterpret_cast<const uint8_t*>(stored.data()), &used, stored.size(),
      reinterpret_cast<uint8_t*>(out.data()), &made, out.size());
  switch (result) {
    case LZMA_OK: return made == out.size() ? nullptr : "it ends too early";
    case LZMA_BUF_ERROR: return "it holds more pixels than it should";
    case LZMA_MEM_ERROR: throw std::bad_alloc();
    case LZMA_MEMLIMIT_ERROR: return "its dictionary has more than the 64 MiB that swr allows";
    case LZMA_OPTIONS_ERROR: return "it is an .xz stream of a kind that liblzma does not know";
    default: return "it is not a whole .xz stream, or not what its checksum says";
  }
}

#else

bool has_xz() {
  return false;
}

const char* decode_xz(std::span<const std::byte>, std::span<std::byte>) {
  fail(SWR_ERROR_INTERNAL, "this swr was built without liblzma");
}

#endif

}  // namespace swr
