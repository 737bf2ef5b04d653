// SHA-256 (FIPS 180-4) of bytes that come in parts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace swr::tool {

class Sha256 {
 public:
  void add(std::span<const std::byte> bytes);
  // 64 digits. Nothing can be added afterwards.
  std::string hexadecimal();

 private:
  void take_block(const std::byte* block);

  std::array<uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, 64> waiting_{};
  size_t waiting_bytes_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace swr::tool
