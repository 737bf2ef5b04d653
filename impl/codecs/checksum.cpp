#include "codecs/checksum.h"

#include <zlib.h>

#include <algorithm>

#ifdef SWR_HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

namespace swr {
namespace {

constexpr int64_t adler_modulus = 65521;

uint32_t adler_replace(uint32_t whole, uint32_t old_part, uint32_t new_part, int64_t bytes_after) {
  const int64_t m = adler_modulus;
  // A is the sum of the bytes, B the sum of all values of A: a change of A is added to B once for
  // every byte that follows.
  const int64_t a_change = (int64_t{new_part & 0xffff} - int64_t{old_part & 0xffff} + m) % m;
  const int64_t b_change = (int64_t{new_part >> 16} - int64_t{old_part >> 16} + m) % m;
  const int64_t a = (int64_t{whole & 0xffff} + a_change) % m;
  const int64_t b = (int64_t{whole >> 16} + b_change + a_change * (bytes_after % m)) % m;
  return static_cast<uint32_t>(b << 16 | a);
}

// The lengths of zlib have 32 bits where its "long" has (Windows).
constexpr int64_t longest_for_zlib = int64_t{1} << 30;

// The CRC of two consecutive stretches. Zero bytes only shift the first CRC, so they can be taken
// in parts.
uint32_t crc_combine(uint32_t first, uint32_t second, int64_t second_bytes) {
  while (second_bytes > longest_for_zlib) {
    first = static_cast<uint32_t>(crc32_combine(first, 0, static_cast<z_off_t>(longest_for_zlib)));
    second_bytes -= longest_for_zlib;
  }
  return static_cast<uint32_t>(crc32_combine(first, second, static_cast<z_off_t>(second_bytes)));
}

}  // namespace

uint32_t checksum_start(Checksum kind) {
  return kind == Checksum::adler32 ? 1 : 0;
}

uint32_t checksum_update(Checksum kind, uint32_t before, std::span<const std::byte> data) {
#ifdef SWR_HAVE_LIBDEFLATE
  return kind == Checksum::adler32 ? libdeflate_adler32(before, data.data(), data.size())
                                   : libdeflate_crc32(before, data.data(), data.size());
#else
  const auto* bytes = reinterpret_cast<const Bytef*>(data.data());
  uLong value = before;
  value = kind == Checksum::adler32 ? adler32_z(value, bytes, data.size())
                                    : crc32_z(value, bytes, data.size());
  return static_cast<uint32_t>(value);
#endif
}

uint32_t checksum_of(Checksum kind, std::span<const std::byte> data) {
  if (data.empty()) return checksum_start(kind);
  return checksum_update(kind, checksum_start(kind), data);
}

uint32_t checksum_combine(Checksum kind, uint32_t first, uint32_t second, int64_t second_bytes) {
  if (second_bytes <= 0) return first;  // zlib loops forever for a negative length
  if (kind == Checksum::adler32)
    return static_cast<uint32_t>(
        adler32_combine(first, second, static_cast<z_off_t>(second_bytes % adler_modulus)));
  return crc_combine(first, second, second_bytes);
}

uint32_t checksum_replace(Checksum kind, uint32_t whole, uint32_t old_part, uint32_t new_part,
                          int64_t bytes_after) {
  if (kind == Checksum::adler32) return adler_replace(whole, old_part, new_part, bytes_after);
  return whole ^ crc_combine(old_part ^ new_part, 0, bytes_after);
}

ChecksumChain::ChecksumChain(Checksum kind, uint32_t start, int64_t stretch_bytes)
    : kind_(kind), value_(start), stretch_bytes_(stretch_bytes) {
#if ZLIB_VERNUM >= 0x12c0
  if (kind == Checksum::crc32 && stretch_bytes <= longest_for_zlib)
    operator_ = crc32_combine_gen(static_cast<z_off_t>(stretch_bytes));
#endif
}

uint32_t ChecksumChain::combined(uint32_t stretch) const {
#if ZLIB_VERNUM >= 0x12c0
  if (kind_ == Checksum::crc32 && stretch_bytes_ <= longest_for_zlib)
    return static_cast<uint32_t>(crc32_combine_op(value_, stretch, operator_));
#endif
  return checksum_combine(kind_, value_, stretch, stretch_bytes_);
}

}  // namespace swr
