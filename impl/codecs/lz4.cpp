#include "codecs/lz4.h"

#include <climits>

#include "base/byte_order.h"
#include "base/error.h"

#ifdef SWR_HAVE_LZ4
#include <lz4.h>
#endif

namespace swr {
namespace {

constexpr size_t size_bytes = 4;

}  // namespace

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

static_assert(most_sized_lz4_bytes == LZ4_MAX_INPUT_SIZE);

std::vector<std::byte> encode_sized_lz4(int acceleration, std::span<const std::byte> raw) {
  const auto raw_bytes = static_cast<int>(raw.size());
  const int room = LZ4_compressBound(raw_bytes);
  std::vector<std::byte> out(size_bytes + static_cast<size_t>(room));
  store(out.data(), static_cast<uint32_t>(raw.size()));
  const int made = LZ4_compress_fast(reinterpret_cast<const char*>(raw.data()),
                                     reinterpret_cast<char*>(out.data() + size_bytes), raw_bytes,
                                     room, acceleration);
  if (made <= 0) fail(SWR_ERROR_INTERNAL, "liblz4 cannot compress ", raw.size(), " bytes");
  out.resize(size_bytes + static_cast<size_t>(made));
  return out;
}

int64_t longest_sized_lz4(int64_t raw_bytes) {
  return static_cast<int64_t>(size_bytes) + LZ4_COMPRESSBOUND(raw_bytes);
}

#else

bool has_lz4() {
  return false;
}

int64_t longest_sized_lz4(int64_t raw_bytes) {
  return raw_bytes;
}

std::vector<std::byte> encode_sized_lz4(int, std::span<const std::byte>) {
  fail(SWR_ERROR_INTERNAL, "this swr was built without liblz4");
}

const char* decode_lz4(std::span<const std::byte>, std::span<std::byte>) {
  fail(SWR_ERROR_INTERNAL, "this swr was built without liblz4");
}

#endif

const char* decode_sized_lz4(std::span<const std::byte> stored, std::span<std::byte> out) {
  if (stored.size() < size_bytes) return "it ends within its size";
  const auto raw_bytes = load<uint32_t>(stored.data());
  if (raw_bytes < out.size()) return "it ends too early";
  if (raw_bytes > out.size()) return "it holds more pixels than it should";
  return decode_lz4(stored.subspan(size_bytes), out);
}

}  // namespace swr
