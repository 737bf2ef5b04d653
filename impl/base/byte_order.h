// Byte order: reads and writes numbers in a given order, and swaps arrays of components.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

namespace swr {

inline constexpr bool machine_is_big_endian = std::endian::native == std::endian::big;

// Reverses the bytes of each element of `element_bytes` (1, 2, 4 or 8), in place. Requires: the
// size of `data` is a multiple of it.
void swap_bytes(std::span<std::byte> data, int element_bytes);
// The same from `data` to `to`, which has room for as many bytes and does not overlap it.
void copy_swapped(std::span<const std::byte> data, std::byte* to, int element_bytes);

template <typename T>
T byte_swapped(T value) {
  std::byte bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  for (size_t i = 0; i < sizeof(T) / 2; ++i) std::swap(bytes[i], bytes[sizeof(T) - 1 - i]);
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

// The number at `at`, which need not be aligned.
template <typename T>
T load(const std::byte* at, bool big_endian = false) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return big_endian == machine_is_big_endian ? value : byte_swapped(value);
}

template <typename T>
void store(std::byte* at, T value, bool big_endian = false) {
  if (big_endian != machine_is_big_endian) value = byte_swapped(value);
  std::memcpy(at, &value, sizeof(T));
}

}  // namespace swr
