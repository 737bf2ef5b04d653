#include "codecs/pad_bits.h"

#include <cstring>

namespace swr {
namespace {

constexpr unsigned char block_tail[4] = {0x00, 0x00, 0xff, 0xff};

}  // namespace

void hide_in_pad_bits(std::span<const std::byte> data, std::span<std::byte> out) {
  uint64_t bits = 0;
  int count = 0;
  size_t next = 0;
  for (size_t at = 0; at < out.size(); at += 5) {
    if (count < 5 && next < data.size()) {
      bits |= std::to_integer<uint64_t>(data[next++]) << count;
      count += 8;
    }
    out[at] = static_cast<std::byte>((bits & 31) << 3);
    std::memcpy(out.data() + at + 1, block_tail, sizeof(block_tail));
    bits >>= 5;
    count -= 5;
  }
}

bool find_in_pad_bits(std::span<const std::byte> stream, std::span<std::byte> data) {
  if (static_cast<int64_t>(stream.size()) != padded_bytes(static_cast<int64_t>(data.size())))
    return false;
  uint64_t bits = 0;
  int count = 0;
  size_t next = 0;
  for (size_t at = 0; at < stream.size(); at += 5) {
    const auto head = std::to_integer<uint64_t>(stream[at]);
    if ((head & 7) != 0 || std::memcmp(stream.data() + at + 1, block_tail, sizeof(block_tail)) != 0)
      return false;
    bits |= head >> 3 << count;
    count += 5;
    if (count >= 8 && next < data.size()) {
      data[next++] = static_cast<std::byte>(bits & 255);
      bits >>= 8;
      count -= 8;
    }
  }
  return next == data.size() && bits == 0;
}

}  // namespace swr
