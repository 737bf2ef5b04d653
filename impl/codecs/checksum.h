// The checksums of zlib (Adler-32) and gzip (CRC-32) streams, combined from those of their parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace swr {

enum class Checksum { adler32, crc32 };

// The checksum of zero bytes.
uint32_t checksum_start(Checksum kind);
uint32_t checksum_update(Checksum kind, uint32_t before, std::span<const std::byte> data);
uint32_t checksum_of(Checksum kind, std::span<const std::byte> data);

// The checksum of two consecutive stretches, from the checksums of both; the second one has
// `second_bytes`.
uint32_t checksum_combine(Checksum kind, uint32_t first, uint32_t second, int64_t second_bytes);

// The checksum of the whole after one stretch changed without changing its length; `bytes_after`
// bytes follow it.
uint32_t checksum_replace(Checksum kind, uint32_t whole, uint32_t old_part, uint32_t new_part,
                          int64_t bytes_after);

// Combines many stretches of the same length: what depends only on the length is computed once.
class ChecksumChain {
 public:
  ChecksumChain(Checksum kind, uint32_t start, int64_t stretch_bytes);
  void add(uint32_t stretch) { value_ = combined(stretch); }
  uint32_t value() const { return value_; }

 private:
  uint32_t combined(uint32_t stretch) const;

  Checksum kind_;
  uint32_t value_;
  int64_t stretch_bytes_;
  [[maybe_unused]] unsigned long operator_ = 0;  // not with an old zlib
};

}  // namespace swr
