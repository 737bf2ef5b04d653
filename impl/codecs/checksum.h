// The checksums of zlib (Adler-32) and gzip (CRC-32) streams, put together from those of their
// parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace swr {

enum class Checksum { adler32, crc32 };

// Of no bytes.
uint32_t checksum_start(Checksum kind);
uint32_t checksum_update(Checksum kind, uint32_t before, std::span<const std::byte> data);
uint32_t checksum_of(Checksum kind, std::span<const std::byte> data);

// The checksum of two stretches one behind the other, from theirs; the second is `second_bytes`
// long.
uint32_t checksum_combine(Checksum kind, uint32_t first, uint32_t second, int64_t second_bytes);

// The checksum of a whole in which one stretch, with `bytes_after` behind it, changed and kept its
// length.
uint32_t checksum_replace(Checksum kind, uint32_t whole, uint32_t old_part, uint32_t new_part,
                          int64_t bytes_after);

// Combines many stretches of the same length: what depends on the length alone is worked out once.
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
  unsigned long operator_ = 0;
};

}  // namespace swr
