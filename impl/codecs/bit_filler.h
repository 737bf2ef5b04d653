// Fills a number of bits, not only bytes, with deflate blocks that hold nothing.
//
//   10 bits   an empty block with fixed codes
//   40 bits   an empty stored block, on a byte boundary
//   92, 95    an empty block with codes of its own: 257 literals, 2 distances, 18 or 19 code
//             lengths; literals 0 and 256 and both distances have length 1
//
// Ten bits, with up to four times 92 and once 95, reach every remainder by ten; so every number
// above some 460 is reached.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace swr {

// Bits behind each other, lowest first.
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
  int64_t stored =
      0;  // empty stored blocks, of five bytes each, for a place that is on a byte boundary
  int fixed = 0, small_dynamic = 0, large_dynamic = 0;

  int64_t bits() const {
    return 40 * stored + 10 * fixed + 92 * small_dynamic + 95 * large_dynamic;
  }
};

// The blocks that fill exactly so many bits; nothing if none do.
std::optional<BitFill> fill_bits(int64_t bits);

// All of them but the stored ones.
void write_unaligned_fill(const BitFill& fill, BitWriter& out);
void write_empty_final_block(BitWriter& out);

}  // namespace swr
