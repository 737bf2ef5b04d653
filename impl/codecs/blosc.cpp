#include "codecs/blosc.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/byte_order.h"
#include "base/error.h"

#ifdef SWR_HAVE_BLOSC
#include <blosc.h>
#endif

namespace swr {
namespace {

// The first three bits of a chunk's flags, for all of which LZ4HC has the number of LZ4.
constexpr std::array<std::string_view, 5> formats = {"blosclz", "lz4", "snappy", "zlib", "zstd"};

}  // namespace

bool is_blosc_compressor(std::string_view name) {
  return name == "lz4hc" || std::ranges::find(formats, name) != formats.end();
}

#ifdef SWR_HAVE_BLOSC

static_assert(most_blosc_bytes == BLOSC_MAX_BUFFERSIZE);

bool has_blosc() {
  return true;
}

bool has_blosc_compressor(std::string_view name) {
  return is_blosc_compressor(name) && blosc_compname_to_compcode(std::string(name).c_str()) >= 0;
}

std::vector<std::byte> encode_blosc(const BloscSettings& settings, std::span<const std::byte> raw) {
  std::vector<std::byte> out(raw.size() + BLOSC_MAX_OVERHEAD);
  const int made = blosc_compress_ctx(
      settings.level, static_cast<int>(settings.shuffle),
      static_cast<size_t>(settings.element_bytes), raw.size(), raw.data(), out.data(), out.size(),
      settings.compressor.c_str(), static_cast<size_t>(settings.block_bytes), 1);
  if (made <= 0) {
    fail(SWR_ERROR_INTERNAL, "libblosc cannot compress ", raw.size(), " bytes with ",
         settings.compressor, ": it returned ", made);
  }
  out.resize(static_cast<size_t>(made));
  return out;
}

int64_t longest_blosc(int64_t raw_bytes) {
  return raw_bytes + BLOSC_MAX_OVERHEAD;
}

const char* decode_blosc(std::span<const std::byte> stored, std::span<std::byte> out) {
  constexpr size_t header_bytes = 16, flags_at = 2, raw_bytes_at = 4, bytes_at = 12;
  constexpr auto newest_format = std::byte{BLOSC_VERSION_FORMAT};
  if (stored.size() < header_bytes) return "it ends within the 16 bytes that it begins with";
  if (stored[0] == std::byte{} || stored[0] > newest_format) return "it is not a chunk of Blosc 1";
  if (load<uint32_t>(stored.data() + bytes_at) != stored.size())
    return "it has not as many bytes as it says";
  const auto raw_bytes = load<uint32_t>(stored.data() + raw_bytes_at);
  if (raw_bytes < out.size()) return "it ends too early";
  if (raw_bytes > out.size()) return "it holds more pixels than it should";
  const auto format = std::to_integer<size_t>(stored[flags_at]) >> 5;
  if (format >= formats.size()) return "its compressor is unknown";
  if (!has_blosc_compressor(formats[format]))
    return "it is compressed in a way that this libblosc was built without";
  const int made = blosc_decompress_ctx(stored.data(), out.data(), out.size(), 1);
  return made >= 0 && static_cast<size_t>(made) == out.size() ? nullptr
                                                              : "it is not a whole chunk of Blosc";
}

#else

bool has_blosc() {
  return false;
}

bool has_blosc_compressor(std::string_view) {
  return false;
}

std::vector<std::byte> encode_blosc(const BloscSettings&, std::span<const std::byte>) {
  fail(SWR_ERROR_INTERNAL, "this swr was built without libblosc");
}

int64_t longest_blosc(int64_t raw_bytes) {
  return raw_bytes;
}

const char* decode_blosc(std::span<const std::byte>, std::span<std::byte>) {
  fail(SWR_ERROR_INTERNAL, "this swr was built without libblosc");
}

#endif

}  // namespace swr
