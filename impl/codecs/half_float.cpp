//   half   s eeeee mmmmmmmmmm                  bias 15
//   float  s eeeeeeee mmmmmmmmmm0000000000000  bias 127
#include "codecs/half_float.h"

#include <bit>

#include "base/byte_order.h"

namespace swr {
namespace {

template <bool big_endian>
void widen(std::span<std::byte> bytes) {
  const size_t count = bytes.size() / sizeof(uint32_t);
  const std::byte* const halves = bytes.data() + count * sizeof(uint16_t);
  // A float32 never ends after the half that follows its own.
  for (size_t i = 0; i < count; ++i) {
    const auto half = load<uint16_t>(halves + i * sizeof(uint16_t), big_endian);
    store(bytes.data() + i * sizeof(uint32_t), widened_half_float(half), big_endian);
  }
}

}  // namespace

uint32_t widened_half_float(uint16_t half) {
  constexpr uint32_t most_exponent = 31, more_bias = 127 - 15, infinite = 0xff;
  constexpr int more_bits = 13;
  const uint32_t sign = uint32_t{half} >> 15 << 31;
  const uint32_t exponent = half >> 10 & 31U, fraction = half & 0x3ffU;
  // Subnormal numbers are normal ones of float32.
  if (exponent == 0) return sign | std::bit_cast<uint32_t>(static_cast<float>(fraction) * 0x1p-24F);
  const uint32_t wide = exponent == most_exponent ? infinite : exponent + more_bias;
  return sign | wide << 23 | fraction << more_bits;
}

void widen_half_floats(std::span<std::byte> bytes, bool big_endian) {
  if (big_endian) {
    widen<true>(bytes);
  } else {
    widen<false>(bytes);
  }
}

}  // namespace swr
