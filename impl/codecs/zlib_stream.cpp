#include "codecs/zlib_stream.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <new>

#include "base/byte_order.h"
#include "codecs/checksum.h"

#ifdef SWR_HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

namespace swr {

#ifdef SWR_HAVE_LIBDEFLATE

const char* decode_zlib(std::span<const std::byte> stored, std::span<std::byte> out) {
  struct Free {
    void operator()(libdeflate_decompressor* state) const { libdeflate_free_decompressor(state); }
  };
  const std::unique_ptr<libdeflate_decompressor, Free> state(libdeflate_alloc_decompressor());
  if (!state) throw std::bad_alloc();
  size_t used = 0, made = 0;
  switch (libdeflate_zlib_decompress_ex(state.get(), stored.data(), stored.size(), out.data(),
                                        out.size(), &used, &made)) {
    case LIBDEFLATE_SUCCESS: return made == out.size() ? nullptr : "it ends too early";
    case LIBDEFLATE_INSUFFICIENT_SPACE: return "it holds more pixels than it should";
    default: return "it is not a whole zlib stream, or not what its checksum says";
  }
}

#else

const char* decode_zlib(std::span<const std::byte> stored, std::span<std::byte> out) {
  // 32 bits on Windows
  if (std::max(stored.size(), out.size()) > std::numeric_limits<uLong>::max())
    return "it is too large for this system's zlib";
  auto made = static_cast<uLongf>(out.size());
  auto used = static_cast<uLong>(stored.size());
  switch (uncompress2(reinterpret_cast<Bytef*>(out.data()), &made,
                      reinterpret_cast<const Bytef*>(stored.data()), &used)) {
    case Z_OK: return made == out.size() ? nullptr : "it ends too early";
    case Z_BUF_ERROR: return "it holds more pixels than it should";
    case Z_MEM_ERROR: throw std::bad_alloc();
    default: return "it is not a whole zlib stream, or not what its checksum says";
  }
}

#endif

namespace {

constexpr std::byte zlib_head[] = {std::byte{0x78}, std::byte{0x9c}};
// A run has no final block. This one is empty.
constexpr std::byte final_block[] = {std::byte{1}, std::byte{0}, std::byte{0}, std::byte{0xff},
                                     std::byte{0xff}};
constexpr size_t zlib_around = sizeof zlib_head + sizeof final_block + sizeof(uint32_t);

}  // namespace

std::vector<std::byte> encode_zlib(RunEncoder& encoder, std::span<const std::byte> raw) {
  const std::span<const std::byte> run = encoder.encode(raw);
  std::vector<std::byte> stream(run.size() + zlib_around);
  auto at = std::ranges::copy(zlib_head, stream.begin()).out;
  at = std::ranges::copy(run, at).out;
  at = std::ranges::copy(final_block, at).out;
  constexpr bool big_endian = true;
  store(&*at, checksum_of(Checksum::adler32, raw), big_endian);
  return stream;
}

int64_t longest_zlib(int64_t raw_bytes) {
  return longest_run(raw_bytes) + static_cast<int64_t>(zlib_around);
}

}  // namespace swr
