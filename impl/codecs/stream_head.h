// The few bytes before and after deflate data: zlib (RFC 1950) and gzip (RFC 1952).
//
//   zlib   CMF FLG [DICTID, 4 bytes, if FDICT] deflate Adler-32, big endian
//   gzip   1F 8B 08 FLG MTIME(4) XFL OS [FEXTRA] [FNAME] [FCOMMENT] [FHCRC] deflate
//          CRC-32, ISIZE (length mod 2^32), little endian
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/checksum.h"

namespace swr {

inline constexpr std::array<std::byte, 2> plain_zlib_head = {std::byte{0x78}, std::byte{0x9c}};
inline constexpr std::array<std::byte, 10> plain_gzip_head = {
    std::byte{0x1f}, std::byte{0x8b}, std::byte{8}, std::byte{0}, std::byte{0},
    std::byte{0},    std::byte{0},    std::byte{0}, std::byte{0}, std::byte{255}};

std::span<const std::byte> plain_head(bool gzip);
inline int64_t trailer_bytes(bool gzip) {
  return gzip ? 8 : 4;
}
std::vector<std::byte> trailer(bool gzip, uint32_t checksum, int64_t raw_bytes);
inline Checksum checksum_kind(bool gzip) {
  return gzip ? Checksum::crc32 : Checksum::adler32;
}

// Whether the bytes begin like a gzip member.
bool begins_like_gzip(std::span<const std::byte> data);

// Parses a head of any form, byte by byte.
class StreamHeadParser {
 public:
  enum class State { more, done, invalid, dictionary };

  // Takes the next byte; `done`: it was the last one of the head.
  State take(std::byte byte);
  bool gzip() const { return gzip_; }

 private:
  enum class Step {
    first,
    second,
    method,
    flags,
    fixed,
    extra_low,
    extra_high,
    extra,
    name,
    comment,
    crc,
    finished
  };
  State next_field();

  Step step_ = Step::first;
  bool gzip_ = false;
  unsigned first_ = 0;
  unsigned flags_ = 0;
  int left_ = 0;
};

}  // namespace swr
