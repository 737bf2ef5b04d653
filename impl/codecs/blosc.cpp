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

#ifdef SWR_HAVE_BLOSC
constexpr size_t flags_at = 2;

const char* flaw_of_head(std::span<const std::byte> stored, size_t expected) {
  constexpr size_t header_bytes = 16, raw_bytes_at = 4, bytes_at = 12;
  constexpr auto newest_format = std::byte{BLOSC_VERSION_FORMAT};
  if (stored.size() < header_bytes) return "it ends within the 16 bytes that it begins with";
  if (stored[0] == std::byte{} || stored[0] > newest_format) return "it is not a chunk of Blosc 1";
  if (load<uint32_t>(stored.data() + bytes_at) != stored.size())
    return "it has not as many bytes as it says";
  const auto raw_bytes = load<uint32_t>(stored.data() + raw_bytes_at);
  if (raw_bytes < expected) return "it ends too early";
  if (raw_bytes > expected) return "it holds more pixels than it should";
  const auto flags = std::to_integer<unsigned>(stored[flags_at]);
  if (!(flags & BLOSC_MEMCPYED) && flags >> 5 >= formats.size()) return "its compressor is unknown";
  return nullptr;
}
#endif

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

std::string missing_blosc_compressor(std::span<const std::byte> stored, int64_t raw_bytes) {
  if (flaw_of_head(stored, static_cast<size_t>(raw_bytes))) return {};
  const auto flags = std::to_integer<unsigned>(stored[flags_at]);
  if (flags & BLOSC_MEMCPYED) return {};  // bytes that no compressor makes fewer
  const size_t format = flags >> 5;
  return has_blosc_compressor(formats[format]) ? "" : std::string(formats[format]);
}

const char* decode_blosc(std::span<const std::byte> stored, std::span<std::byte> out) {
  if (const char* const flaw = flaw_of_head(stored, out.size())) return flaw;
  if (!missing_blosc_compressor(stored, std::ssize(out)).empty())
    return "it needs a compressor that this libblosc has not";
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

std::string missing_blosc_compressor(std::span<const std::byte>, int64_t) {
  return {};
}

const char* decode_blosc(std::span<const std::byte>, std::span<std::byte>) {
  fail(SWR_ERROR_INTERNAL, "this swr was built without libblosc");
}

#endif

}  // namespace swr
