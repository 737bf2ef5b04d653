#include "codecs/bit_filler.h"

#include "codecs/code_lengths.h"

namespace swr {
namespace {

void write_dynamic(BitWriter& out, int code_lengths) {
  out.put(0, 1);
  out.put(2, 2);
  out.put(0, 5);  // 257 literals
  out.put(1, 5);  // 2 distances
  out.put(static_cast<uint32_t>(code_lengths - 4), 4);
  // Two code length symbols: 1, coded 0, and "repeat zero 11 to 138 times", 18, coded 1.
  for (int i = 0; i < code_lengths; ++i) {
    const int symbol = code_length_order[static_cast<size_t>(i)];
    out.put(symbol == 18 || symbol == 1 ? 1 : 0, 3);
  }
  out.put(0, 1);  // literal 0 has length 1
  for (const uint32_t zeros : {138u, 117u}) {
    out.put(1, 1);
    out.put(zeros - 11, 7);
  }
  out.put(0, 3);  // literal 256 and both distances have length 1
  out.put(1, 1);  // end of block
}

}  // namespace

std::optional<BitFill> fill_bits(int64_t bits) {
  for (int large = 0; large < 2; ++large) {
    for (int small = 0; small < 5; ++small) {
      for (int fixed = 0; fixed < 4; ++fixed) {
        BitFill fill{0, fixed, small, large};
        const int64_t left = bits - fill.bits();
        if (left < 0 || left % 40 != 0) continue;
        fill.stored = left / 40;
        return fill;
      }
    }
  }
  return std::nullopt;
}

void write_unaligned_fill(const BitFill& fill, BitWriter& out) {
  for (int i = 0; i < fill.fixed; ++i) out.put(2, 10);
  for (int i = 0; i < fill.small_dynamic; ++i) write_dynamic(out, 18);
  for (int i = 0; i < fill.large_dynamic; ++i) write_dynamic(out, 19);
}

void write_empty_final_block(BitWriter& out) {
  out.put(3, 10);
}

void write_flush(BitWriter& out) {
  out.put(0, 3);
  while (out.bits() % 8 != 0) out.put(0, 1);
  out.put(0xffff0000u, 32);
}

}  // namespace swr
