#include "codecs/crc32c.h"

#include <array>

#include "base/byte_order.h"

namespace swr {
namespace {

constexpr uint32_t polynomial = 0x82f63b78;  // reflected
constexpr size_t slices = 8;                 // bytes that are taken together

using Tables = std::array<std::array<uint32_t, 256>, slices>;

// tables[k][b]: what byte b does to the checksum when k more bytes follow it.
constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? polynomial : 0);
    tables[0][byte] = value;
  }
  for (size_t k = 1; k < slices; ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr Tables tables = make_tables();

}  // namespace

uint32_t crc32c(std::span<const std::byte> bytes) {
  return crc32c(0, bytes);
}

uint32_t crc32c(uint32_t before, std::span<const std::byte> bytes) {
  uint32_t sum = ~before;
  while (bytes.size() >= slices) {
    const uint64_t eight = load<uint64_t>(bytes.data()) ^ sum;
    sum = 0;
    for (size_t i = 0; i < slices; ++i) sum ^= tables[slices - 1 - i][(eight >> (8 * i)) & 0xff];
    bytes = bytes.subspan(slices);
  }
  for (const std::byte byte : bytes)
    sum = (sum >> 8) ^ tables[0][(sum ^ std::to_integer<uint32_t>(byte)) & 0xff];
  return ~sum;
}

}  // namespace swr
