#include "codecs/repeats.h"

#include <algorithm>

#include "codecs/code_lengths.h"

namespace swr {
namespace {

constexpr size_t window = 32768;       // that deflate can refer to
constexpr size_t longest_match = 258;  // of deflate
constexpr size_t step = 1024;
// Each stretch that is found has a part between two multiples of this that repeats throughout.
constexpr size_t probe = window / 2;

// Where the stretch ends of which `raw` up to `at` is a part.
size_t end_of(std::span<const std::byte> raw, size_t at) {
  const std::byte* const data = raw.data();
  while (at + step <= raw.size() && std::memcmp(data + at - common_period, data + at, step) == 0)
    at += step;
  while (at < raw.size() && data[at] == data[at - common_period]) ++at;
  return at;
}

// Where the stretch begins of which `raw` from `at` on is a part.
size_t begin_of(std::span<const std::byte> raw, size_t at) {
  while (at > 0 && raw[at - 1] == raw[at - 1 + common_period]) --at;
  return at;
}

int period_of(std::span<const std::byte> raw) {
  for (const size_t period : {1, 2, 3, 4, 6, 8, 12}) {
    if (std::equal(raw.begin() + static_cast<std::ptrdiff_t>(period),
                   raw.begin() + common_period + static_cast<std::ptrdiff_t>(period), raw.begin()))
      return static_cast<int>(period);
  }
  return static_cast<int>(common_period);
}

// A distance in deflate (RFC 1951, 3.2.5).
struct Distance {
  int symbol;
  uint32_t extra;
  int extra_bits;
};

Distance distance_of(int period) {
  if (period <= 4) return {period - 1, 0, 0};
  int extra_bits = 1;  // each two symbols have one more
  while (period - 1 >= 4 << extra_bits) ++extra_bits;
  const auto offset = static_cast<uint32_t>(period - 1);
  const auto upper = static_cast<int>(offset >> extra_bits & 1);
  return {2 * extra_bits + 2 + upper, offset & ((1u << extra_bits) - 1), extra_bits};
}

// Codes of code lengths: 18, many zeros, is 0; 0 is 10; 1 is 11. Their first bit is the lowest.
void put_zeros(uint32_t count, BitWriter& out) {
  out.put(0, 1);
  out.put(count - 11, 7);
}
void put_length_0(BitWriter& out) {
  out.put(1, 2);
}
void put_length_1(BitWriter& out) {
  out.put(3, 2);
}

// Two symbols have codes: the end of the block, 0, and the longest match, 1. So have two distances,
// as programs expect that there are no less.
void put_codes(int distance_symbol, BitWriter& out) {
  // 15, the last one, has none.
  constexpr auto order = std::span(code_length_order).first<18>();
  const int last_distance = std::max(distance_symbol, 1);
  out.put(286 - 257, 5);
  out.put(static_cast<uint32_t>(last_distance), 5);
  out.put(static_cast<uint32_t>(order.size() - 4), 4);
  for (const int symbol : order) out.put(symbol == 18 ? 1 : symbol <= 1 ? 2 : 0, 3);
  put_zeros(138, out);
  put_zeros(118, out);
  put_length_1(out);
  put_zeros(28, out);
  put_length_1(out);
  put_length_1(out);
  for (int symbol = 1; symbol < last_distance; ++symbol) put_length_0(out);
  put_length_1(out);
}

}  // namespace

std::optional<Repeat> find_repeat(std::span<const std::byte> raw, size_t least) {
  size_t at = 0;
  while (at + probe <= raw.size()) {
    if (!repeats_throughout(raw.subspan(at, probe))) {
      at += probe;
      continue;
    }
    const size_t begin = begin_of(raw, at), end = end_of(raw, at + probe);
    const int period = period_of(raw.subspan(begin));
    // What is left of whole matches is before them.
    const size_t first = begin + static_cast<size_t>(period);
    const size_t matched = (end - first) / longest_match * longest_match;
    if (matched >= std::max(least, window)) return Repeat{end - matched, end, period};
    at = end / probe * probe;
  }
  return std::nullopt;
}

void write_repeat(const Repeat& repeat, bool is_final, BitWriter& out) {
  const Distance distance = distance_of(repeat.period);
  out.put(is_final ? 1 : 0, 1);
  out.put(2, 2);  // with codes of its own
  put_codes(distance.symbol, out);
  const uint32_t match = 1u | (distance.symbol == 0 ? 0u : 2u) | distance.extra << 2;
  for (size_t at = repeat.begin; at < repeat.end; at += longest_match)
    out.put(match, 2 + distance.extra_bits);
  out.put(0, 1);
}

}  // namespace swr
