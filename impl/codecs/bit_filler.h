// Fills a given number of bits with empty deflate blocks.
//
//   10 bits   an empty block with fixed codes
//   40 bits   an empty stored block, on a byte boundary
//   92, 95    an empty block with codes of its own: 257 literals, 2 distances, 18 or 19 code
//             lengths; literals 0 and 256 and both distances have length 1
//
// With up to four blocks of 92 bits and one of 95, blocks of ten bits reach every remainder modulo
// ten, and so every number above about 460.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace swr {

// Writes consecutive bits, lowest first.
class BitWriter {
 public:
  void put(uint32_t value, int count) {
    for (int i = 0; i < count; ++i, ++bits_) {
      if (bits_ % 8 == 0) bytes_.push_back(std::byte{0});
      if ((value >> i & 1) != 0) bytes_.back() |= std::byte{1} << bits_ % 8;
    }
  }
  int64_t bits() const { return bits_; }
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
  int64_t bits_ = 0;
};

struct BitFill {
  int64_t stored = 0;  // empty stored blocks of five bytes, which must be on a byte boundary
  int fixed = 0, small_dynamic = 0, large_dynamic = 0;

  int64_t bits() const {
    return 40 * stored + 10 * fixed + 92 * small_dynamic + 95 * large_dynamic;
  }
};

// The blocks that fill exactly `bits` bits; nothing if it is impossible.
std::optional<BitFill> fill_bits(int64_t bits);

// Writes all blocks except the stored ones.
void write_unaligned_fill(const BitFill& fill, BitWriter& out);
void write_empty_final_block(BitWriter& out);
// The empty stored block of a flush, which ends on a byte boundary.
void write_flush(BitWriter& out);

}  // namespace swr
