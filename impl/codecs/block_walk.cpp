#include "codecs/block_walk.h"

#include <algorithm>
#include <cstring>

#include "base/byte_order.h"
#include "codecs/code_lengths.h"

namespace swr {
namespace {

constexpr int end_of_block = 256;

// Extra bits of the length codes 257 .. 285 and of the distance codes 0 .. 29 (RFC 1951, 3.2.5); -1
// for codes that do not exist.
int length_extra(int symbol) {
  if (symbol < 265 || symbol == 285) return 0;
  return symbol < 285 ? (symbol - 261) / 4 : -1;
}
int distance_extra(int symbol) {
  if (symbol < 4) return 0;
  return symbol < 30 ? (symbol - 2) / 2 : -1;
}

}  // namespace

BlockWalker::After BlockWalker::after(int symbol) {
  if (symbol < end_of_block) return After::more;
  return symbol == end_of_block ? After::end_of_block : After::distance;
}

uint64_t BlockWalker::Bits::peek() const {
  const size_t at = position / 8;
  uint64_t value = 0;
  if (at + 8 <= data.size()) {
    value = load<uint64_t>(data.data() + at);
  } else if (at < data.size()) {
    std::array<std::byte, 8> rest{};
    std::memcpy(rest.data(), data.data() + at, data.size() - at);
    value = load<uint64_t>(rest.data());
  }
  return value >> position % 8;
}

unsigned BlockWalker::Bits::take(int count) {
  const auto value = static_cast<unsigned>(peek() & ((uint64_t{1} << count) - 1));
  position += static_cast<size_t>(count);
  return value;
}

bool BlockWalker::Code::build(std::span<const uint8_t> lengths) {
  count.fill(0);
  for (const uint8_t length : lengths) ++count[length];
  count[0] = 0;
  int left = 1;
  std::array<uint16_t, longest_code + 2> offset{};
  for (int length = 1; length <= longest_code; ++length) {
    left = left * 2 - count[static_cast<size_t>(length)];
    if (left < 0) return false;
    offset[static_cast<size_t>(length) + 1] = static_cast<uint16_t>(
        offset[static_cast<size_t>(length)] + count[static_cast<size_t>(length)]);
  }
  for (size_t symbol = 0; symbol < lengths.size(); ++symbol) {
    if (lengths[symbol] != 0) symbols[offset[lengths[symbol]]++] = static_cast<uint16_t>(symbol);
  }
  return true;
}

int BlockWalker::Code::decode(uint64_t bits, int& length) const {
  int code = 0, first = 0, index = 0;
  for (length = 1; length <= longest_code; ++length) {
    code |= static_cast<int>(bits & 1);
    bits >>= 1;
    const int here = count[static_cast<size_t>(length)];
    if (code - here < first) return symbols[static_cast<size_t>(index + code - first)];
    index += here;
    first = (first + here) << 1;
    code <<= 1;
  }
  return -1;
}

bool BlockWalker::fixed_lengths() {
  literal_count_ = 288;
  distance_count_ = 30;
  for (size_t i = 0; i < 288; ++i) lengths_[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
  std::fill_n(lengths_.begin() + 288, 30, uint8_t{5});
  return true;
}

bool BlockWalker::read_lengths(Bits& bits) {
  literal_count_ = static_cast<int>(bits.take(5)) + 257;
  distance_count_ = static_cast<int>(bits.take(5)) + 1;
  const auto code_lengths = static_cast<size_t>(bits.take(4)) + 4;
  if (literal_count_ > 286 || distance_count_ > 30) return false;
  std::array<uint8_t, 19> lengths{};
  for (size_t i = 0; i < code_lengths; ++i)
    lengths[static_cast<size_t>(code_length_order[i])] = static_cast<uint8_t>(bits.take(3));
  Code code;
  if (!code.build(lengths)) return false;
  const int wanted = literal_count_ + distance_count_;
  for (int have = 0; have < wanted;) {
    int length = 0;
    const int symbol = code.decode(bits.peek(), length);
    if (symbol < 0 || bits.past_end()) return false;
    bits.position += static_cast<size_t>(length);
    int repeat = 1;
    uint8_t value = static_cast<uint8_t>(symbol);
    if (symbol == 16) {
      if (have == 0) return false;
      value = lengths_[static_cast<size_t>(have) - 1];
      repeat = 3 + static_cast<int>(bits.take(2));
    } else if (symbol == 17 || symbol == 18) {
      value = 0;
      repeat =
          symbol == 17 ? 3 + static_cast<int>(bits.take(3)) : 11 + static_cast<int>(bits.take(7));
    }
    if (have + repeat > wanted) return false;
    std::fill_n(lengths_.begin() + have, repeat, value);
    have += repeat;
  }
  return lengths_[end_of_block] != 0;
}

void BlockWalker::fill_tables() {
  // Indexed by the next bits, as in zlib's tables: the step of each symbol, at every index where
  // its code fits.
  struct Symbol {
    uint8_t code_bits, all_bits;
    After after;
  };
  std::array<Symbol, 1 << literal_bits> symbols{};
  const auto spread = [](const Code& code, int table_bits, auto&& put) {
    unsigned next = 0;
    size_t index = 0;
    for (int length = 1; length <= table_bits; ++length) {
      next <<= 1;
      for (int i = 0; i < code.count[static_cast<size_t>(length)]; ++i, ++next, ++index) {
        unsigned reversed = 0;
        for (int bit = 0; bit < length; ++bit) reversed |= (next >> bit & 1) << (length - 1 - bit);
        for (size_t at = reversed; at < size_t{1} << table_bits; at += size_t{1} << length)
          put(at, int{code.symbols[index]}, length);
      }
    }
  };
  spread(literals_, literal_bits, [&](size_t at, int symbol, int length) {
    const int extra = symbol > end_of_block ? length_extra(symbol) : 0;
    if (extra < 0) return;
    symbols[at] = {static_cast<uint8_t>(length), static_cast<uint8_t>(length + extra),
                   after(symbol)};
  });
  distance_steps_.fill(0);
  spread(distances_, distance_bits, [&](size_t at, int symbol, int length) {
    const int extra = distance_extra(symbol);
    if (extra >= 0) distance_steps_[at] = static_cast<uint8_t>(length + extra);
  });
  // Of each number of known bits, from those of less: the first symbol, and what follows it if it
  // is a literal. The bits above the known ones are not: a code counts only if it ends below them.
  // Those of `known` bits begin at 1 << known.
  std::array<Step, 2 << literal_bits> steps{};
  for (int known = 1; known <= literal_bits; ++known) {
    const size_t all = size_t{1} << known;
    for (size_t at = 0; at < all; ++at) {
      const Symbol& symbol = symbols[at];
      if (symbol.code_bits == 0 || symbol.code_bits > known) continue;
      Step step{symbol.all_bits, symbol.after};
      if (step.after == After::more) {
        const Step& next = steps[(all >> step.bits) | (at >> step.bits)];
        step = {static_cast<uint8_t>(step.bits + next.bits), next.after};
      }
      steps[all | at] = step;
    }
  }
  std::copy_n(steps.begin() + steps_.size(), steps_.size(), steps_.begin());
  for (Step& step : steps_) {
    if (step.bits == 0) step.after = After::unknown;
  }
}

BlockWalker::Step BlockWalker::slow_step(uint64_t next) const {
  int length = 0;
  const int symbol = literals_.decode(next, length);
  const int extra = symbol > end_of_block ? length_extra(symbol) : 0;
  if (symbol < 0 || extra < 0) return {0, After::unknown};
  return {static_cast<uint8_t>(length + extra), after(symbol)};
}

// Walks over literals, and a symbol that is none. At least 57 bits are there: three steps (11, 11,
// and 11 with the 20 of a length) take at most 53.
BlockWalker::Step BlockWalker::next_step(Bits& bits) const {
  uint64_t next = bits.peek();
  Step step{};
  for (int i = 0; i < 3; ++i) {
    step = steps_[next & ((1 << literal_bits) - 1)];
    bits.position += step.bits;
    if (step.after != After::more) break;
    next >>= step.bits;
  }
  if (step.after != After::unknown) return step;
  step = slow_step(bits.peek());
  bits.position += step.bits;
  return step;
}

bool BlockWalker::walk_distance(Bits& bits) const {
  const uint64_t next = bits.peek();
  int distance = distance_steps_[next & ((1 << distance_bits) - 1)];
  if (distance == 0) {
    int length = 0;
    const int symbol = distances_.decode(next, length);
    if (symbol < 0 || distance_extra(symbol) < 0) return false;
    distance = length + distance_extra(symbol);
  }
  bits.position += static_cast<size_t>(distance);
  return true;
}

bool BlockWalker::walk_codes(Bits& bits) {
  const std::span<const uint8_t> lengths(lengths_);
  const auto literal_count = static_cast<size_t>(literal_count_);
  if (!literals_.build(lengths.first(literal_count)) ||
      !distances_.build(lengths.subspan(literal_count, static_cast<size_t>(distance_count_))))
    return false;
  fill_tables();
  while (!bits.past_end()) {
    switch (next_step(bits).after) {
      case After::more: break;
      case After::end_of_block: return !bits.past_end();
      case After::unknown: return false;
      case After::distance:
        if (!walk_distance(bits)) return false;
    }
  }
  return false;
}

bool BlockWalker::walk_stored(Bits& bits) {
  bits.position = (bits.position + 7) / 8 * 8;
  const unsigned length = bits.take(16), complement = bits.take(16);
  if ((length ^ complement) != 0xffff) return false;
  bits.position += size_t{length} * 8;
  return !bits.past_end();
}

std::optional<BlockWalker::Block> BlockWalker::last_block(std::span<const std::byte> deflate) {
  Bits bits{deflate};
  while (!bits.past_end()) {
    const size_t begin = bits.position;
    const bool final = bits.take(1) != 0;
    const unsigned type = bits.take(2);
    bool valid = false;
    if (type == 0) valid = walk_stored(bits);
    if (type == 1) valid = fixed_lengths() && walk_codes(bits);
    if (type == 2) valid = read_lengths(bits) && walk_codes(bits);
    if (!valid) return std::nullopt;
    if (final) return Block{begin, bits.position};
  }
  return std::nullopt;
}

}  // namespace swr
