#include "codecs/zlib_stream.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <new>
#include <utility>

#include "base/byte_order.h"
#include "codecs/checksum.h"
#include "codecs/stream_head.h"

#ifdef SWR_HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

namespace swr {
namespace {

constexpr const char* too_short = "it ends too early";
constexpr const char* too_long = "it holds more pixels than it should";
constexpr const char* damaged_zlib = "it is not a whole zlib stream, or not what its checksum says";
constexpr const char* damaged_gzip = "it is not a whole gzip stream, or not what its checksum says";

// How much of the stored bytes and of the output one member took.
struct Member {
  size_t used = 0, made = 0;
};

#ifdef SWR_HAVE_LIBDEFLATE

class Inflater {
 public:
  Inflater() : state_(libdeflate_alloc_decompressor()) {
    if (!state_) throw std::bad_alloc();
  }

  template <typename Decompress>
  const char* decode(Decompress decompress, std::span<const std::byte> stored,
                     std::span<std::byte> out, Member& member, const char* damaged) {
    switch (decompress(state_.get(), stored.data(), stored.size(), out.data(), out.size(),
                       &member.used, &member.made)) {
      case LIBDEFLATE_SUCCESS: return nullptr;
      case LIBDEFLATE_INSUFFICIENT_SPACE: return too_long;
      default: return damaged;
    }
  }

  const char* zlib(std::span<const std::byte> stored, std::span<std::byte> out, Member& member) {
    return decode(libdeflate_zlib_decompress_ex, stored, out, member, damaged_zlib);
  }
  const char* gzip(std::span<const std::byte> stored, std::span<std::byte> out, Member& member) {
    return decode(libdeflate_gzip_decompress_ex, stored, out, member, damaged_gzip);
  }

 private:
  struct Free {
    void operator()(libdeflate_decompressor* state) const { libdeflate_free_decompressor(state); }
  };
  std::unique_ptr<libdeflate_decompressor, Free> state_;
};

#else

class Inflater {
 public:
  const char* zlib(std::span<const std::byte> stored, std::span<std::byte> out, Member& member) {
    return decode(MAX_WBITS, stored, out, member, damaged_zlib);
  }
  const char* gzip(std::span<const std::byte> stored, std::span<std::byte> out, Member& member) {
    return decode(MAX_WBITS + 16, stored, out, member, damaged_gzip);
  }

 private:
  const char* decode(int window, std::span<const std::byte> stored, std::span<std::byte> out,
                     Member& member, const char* damaged) {
    constexpr size_t most = std::numeric_limits<uInt>::max();
    z_stream stream{};
    if (inflateInit2(&stream, window) != Z_OK) throw std::bad_alloc();
    const std::unique_ptr<z_stream, int (*)(z_stream*)> ends(&stream, inflateEnd);
    std::byte nowhere{};  // shows that there is more than the output holds
    while (true) {
      const auto rest = stored.subspan(member.used);
      const auto room =
          member.made < out.size() ? out.subspan(member.made) : std::span(&nowhere, 1);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(rest.data()));
      stream.next_out = reinterpret_cast<Bytef*>(room.data());
      const auto given = static_cast<uInt>(std::min(rest.size(), most));
      const auto wanted = static_cast<uInt>(std::min(room.size(), most));
      stream.avail_in = given;
      stream.avail_out = wanted;
      const int result = inflate(&stream, Z_NO_FLUSH);
      const size_t made = wanted - stream.avail_out;
      member.used += given - stream.avail_in;
      if (result == Z_MEM_ERROR) throw std::bad_alloc();
      if (made > 0 && member.made == out.size()) return too_long;
      member.made += made;
      if (result == Z_STREAM_END) return nullptr;
      if (result != Z_OK) return damaged;
    }
  }
};

#endif

constexpr std::byte zlib_head[] = {std::byte{0x78}, std::byte{0x9c}};
constexpr size_t zlib_around = sizeof zlib_head + sizeof(uint32_t);
// Without a time and a name; the system is unknown.
constexpr std::byte gzip_head[] = {
    std::byte{0x1f}, std::byte{0x8b}, std::byte{8}, {}, {}, {}, {}, {}, {}, std::byte{0xff}};
constexpr size_t gzip_around = sizeof gzip_head + 2 * sizeof(uint32_t);

// The stream without the bytes of its end, which begin at the second result.
struct OpenStream {
  std::vector<std::byte> bytes;
  size_t end = 0;
};

OpenStream encode_between(std::span<const std::byte> head, size_t around, RunEncoder& encoder,
                          std::span<const std::byte> raw) {
  const std::span<const std::byte> deflated = encoder.encode_whole(raw);
  OpenStream stream{std::vector<std::byte>(deflated.size() + around)};
  auto at = std::ranges::copy(head, stream.bytes.begin()).out;
  at = std::ranges::copy(deflated, at).out;
  stream.end = static_cast<size_t>(at - stream.bytes.begin());
  return stream;
}

}  // namespace

const char* decode_zlib(std::span<const std::byte> stored, std::span<std::byte> out) {
  Member member;
  if (const char* const flaw = Inflater().zlib(stored, out, member)) return flaw;
  return member.made == out.size() ? nullptr : too_short;
}

const char* decode_gzip(std::span<const std::byte> stored, std::span<std::byte> out) {
  Inflater inflater;
  do {
    Member member;
    if (const char* const flaw = inflater.gzip(stored, out, member)) return flaw;
    stored = stored.subspan(member.used);
    out = out.subspan(member.made);
  } while (begins_like_gzip(stored));
  return out.empty() ? nullptr : too_short;
}

std::vector<std::byte> encode_zlib(RunEncoder& encoder, std::span<const std::byte> raw) {
  OpenStream stream = encode_between(zlib_head, zlib_around, encoder, raw);
  constexpr bool big_endian = true;
  store(stream.bytes.data() + stream.end, checksum_of(Checksum::adler32, raw), big_endian);
  return std::move(stream.bytes);
}

std::vector<std::byte> encode_gzip(RunEncoder& encoder, std::span<const std::byte> raw) {
  OpenStream stream = encode_between(gzip_head, gzip_around, encoder, raw);
  std::byte* const end = stream.bytes.data() + stream.end;
  store(end, checksum_of(Checksum::crc32, raw));
  store(end + sizeof(uint32_t), static_cast<uint32_t>(raw.size()));  // modulo 2^32
  return std::move(stream.bytes);
}

int64_t longest_zlib(int64_t raw_bytes) {
  return longest_run(raw_bytes) + static_cast<int64_t>(zlib_around);
}

int64_t longest_gzip(int64_t raw_bytes) {
  return longest_run(raw_bytes) + static_cast<int64_t>(gzip_around);
}

}  // namespace swr
