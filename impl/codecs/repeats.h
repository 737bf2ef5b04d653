// Long stretches of data that repeat one short pattern: background, fill values, the zeros that a
// shuffle brings together. As deflate blocks of their own they need no search.
#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <span>

#include "codecs/bit_filler.h"

namespace swr {

// A multiple of these pixel sizes: 1 to 4, 6, 8, 12 and 24 bytes.
constexpr size_t common_period = 24;

inline bool repeats_throughout(std::span<const std::byte> raw) {
  return raw.size() >= common_period &&
         std::memcmp(raw.data(), raw.data() + common_period, raw.size() - common_period) == 0;
}

// The bytes from `begin` to before `end` are equal to those `period` before them.
struct Repeat {
  size_t begin, end;
  int period;  // 1 to 4, 6, 8, 12 or 24
};

// The first repeat of at least so many bytes that write_repeat() can write. It is at least as long
// as what deflate can refer to: data after it cannot refer to what is before it.
std::optional<Repeat> find_repeat(std::span<const std::byte> raw, size_t least);

// As one deflate block, which refers to what comes before the repeat.
void write_repeat(const Repeat& repeat, bool is_final, BitWriter& out);

}  // namespace swr
