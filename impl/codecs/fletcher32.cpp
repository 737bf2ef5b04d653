#include "codecs/fletcher32.h"

#include "base/byte_order.h"

namespace swr {

uint32_t fletcher32(std::span<const std::byte> bytes) {
  constexpr uint64_t modulus = 65535;
  constexpr size_t together = 4096;  // words, of which the sums do not overflow
  uint64_t first = 0, second = 0;
  size_t at = 0;
  while (at + 2 <= bytes.size()) {
    for (size_t i = 0; i < together && at + 2 <= bytes.size(); ++i, at += 2) {
      first += load<uint16_t>(bytes.data() + at, true);
      second += first;
    }
    first %= modulus;
    second %= modulus;
  }
  if (at < bytes.size()) {  // an odd byte is the upper half of a word
    first = (first + (std::to_integer<uint64_t>(bytes[at]) << 8)) % modulus;
    second = (second + first) % modulus;
  }
  return static_cast<uint32_t>(second << 16 | first);
}

bool is_fletcher32(uint32_t checksum, std::span<const std::byte> bytes) {
  const uint32_t right = fletcher32(bytes);
  const uint32_t old = (right & 0x00ff00ff) << 8 | (right & 0xff00ff00) >> 8;
  return checksum == right || checksum == old;
}

}  // namespace swr
