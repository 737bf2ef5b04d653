// The layout of a bzip2 stream. Bits are stored from the highest to the lowest.
//
//   "BZh" '1'..'9'         the block size, in units of 100,000 bytes
//   blocks                 48 bits of pi, the checksum, 1 bit (randomised: obsolete), 24 bits
//                          (where the sorted block begins), the values that occur, Huffman codes,
//                          one for each 50 symbols, and the symbols
//   end                    48 bits of the square root of pi, a checksum of all blocks
//
// Another stream may follow. A block was run-length encoded, sorted by what follows each byte
// (Burrows-Wheeler), moved to front, run-length encoded again, and Huffman coded.
#include "codecs/bzip2.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace swr {
namespace {

constexpr size_t buffer_bytes = 65536;
constexpr int longest_code = 20;
constexpr int symbols_of_group = 50;
constexpr uint32_t block_begin[2] = {0x314159, 0x265359};
constexpr uint32_t stream_end[2] = {0x177245, 0x385090};

std::array<uint32_t, 256> checksum_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i << 24;
    for (int bit = 0; bit < 8; ++bit)
      value = (value & 0x80000000U) ? (value << 1) ^ 0x04c11db7U : value << 1;
    table[i] = value;
  }
  return table;
}

uint32_t with_byte(uint32_t checksum, uint8_t value) {
  static const std::array<uint32_t, 256> table = checksum_table();
  return (checksum << 8) ^ table[(checksum >> 24) ^ value];
}

}  // namespace

Bzip2Decoder::Bzip2Decoder(More more, std::string path)
    : more_(std::move(more)), path_(std::move(path)), buffer_(buffer_bytes) {}

size_t Bzip2Decoder::read(std::span<std::byte> out) {
  size_t done = 0;
  while (done < out.size()) {
    uint8_t value = 0;
    if (!next_value(value)) break;
    out[done++] = std::byte{value};
  }
  return done;
}

void Bzip2Decoder::damaged(const char* what) const {
  fail(SWR_ERROR_CORRUPT, path_, ": the bzip2 stream is damaged: ", what);
}

bool Bzip2Decoder::next_byte(uint8_t& value) {
  if (at_ == held_) {
    held_ = more_(buffer_);
    at_ = 0;
    if (held_ == 0) return false;
  }
  value = std::to_integer<uint8_t>(buffer_[at_++]);
  return true;
}

uint32_t Bzip2Decoder::bits(int count) {
  while (bit_count_ < count) {
    uint8_t value = 0;
    if (!next_byte(value)) damaged("it ends too early");
    bit_buffer_ = bit_buffer_ << 8 | value;
    bit_count_ += 8;
  }
  bit_count_ -= count;
  return bit_buffer_ >> bit_count_ & ((1U << count) - 1);
}

// Returns false at the end of the file. Other data after a stream is ignored.
bool Bzip2Decoder::begin_stream() {
  uint8_t mark[4] = {};
  for (uint8_t& value : mark) {
    if (next_byte(value)) continue;
    if (!any_stream_) damaged("it ends too early");
    return false;
  }
  const bool is_one =
      mark[0] == 'B' && mark[1] == 'Z' && mark[2] == 'h' && mark[3] >= '1' && mark[3] <= '9';
  if (!is_one && !any_stream_) damaged("it does not begin with \"BZh\" and a digit");
  if (!is_one) return false;
  any_stream_ = true;
  block_bytes_ = static_cast<size_t>(mark[3] - '0') * 100000;
  combined_ = 0;
  return true;
}

// Returns false at the end of the stream.
bool Bzip2Decoder::begin_block() {
  const uint32_t mark[2] = {bits(24), bits(24)};
  if (mark[0] == stream_end[0] && mark[1] == stream_end[1]) return false;
  if (mark[0] != block_begin[0] || mark[1] != block_begin[1]) damaged("a block has no beginning");
  expected_ = bits(16) << 16;
  expected_ |= bits(16);
  if (bits(1) != 0) fail(SWR_ERROR_UNSUPPORTED, path_, ": randomised bzip2 blocks cannot be read");
  const uint32_t origin = bits(24);
  read_pixels_of_block(read_symbols());
  if (origin >= block_.size()) damaged("a block begins outside itself");
  invert(origin);
  left_ = block_.size();
  equal_ = repeats_ = 0;
  last_ = -1;
  checksum_ = 0xffffffffU;
  return true;
}

void Bzip2Decoder::end_stream() {
  uint32_t expected = bits(16) << 16;
  expected |= bits(16);
  if (expected != combined_) damaged("the checksum of the stream is wrong");
  bit_count_ = 0;
  block_bytes_ = 0;
}

// The values that occur, in order.
std::vector<uint8_t> Bzip2Decoder::read_symbols() {
  std::vector<uint8_t> used;
  const uint32_t ranges = bits(16);
  for (int range = 0; range < 16; ++range) {
    if (!(ranges & (0x8000U >> range))) continue;
    const uint32_t values = bits(16);
    for (int i = 0; i < 16; ++i) {
      if (values & (0x8000U >> i)) used.push_back(static_cast<uint8_t>(range * 16 + i));
    }
  }
  if (used.empty()) damaged("a block has no values");
  return used;
}

std::vector<uint8_t> Bzip2Decoder::read_selectors(int codes) {
  const uint32_t count = bits(15);
  if (count == 0) damaged("a block has no codes");
  std::vector<uint8_t> order(static_cast<size_t>(codes)), selectors;
  std::iota(order.begin(), order.end(), uint8_t{0});
  for (uint32_t i = 0; i < count; ++i) {
    int place = 0;
    while (bits(1) != 0) {
      if (++place >= codes) damaged("a code is chosen that is not there");
    }
    std::rotate(order.begin(), order.begin() + place, order.begin() + place + 1);
    selectors.push_back(order[0]);
  }
  return selectors;
}

Bzip2Decoder::Code Bzip2Decoder::read_code(int symbols) {
  std::array<int, 258> lengths{};
  int length = static_cast<int>(bits(5));
  for (int symbol = 0; symbol < symbols; ++symbol) {
    for (;;) {
      if (length < 1 || length > longest_code) damaged("a code is too long");
      if (bits(1) == 0) break;
      length += bits(1) == 0 ? 1 : -1;
    }
    lengths[static_cast<size_t>(symbol)] = length;
  }
  // Symbols in the order of their codes; limit[n]: the largest code of n bits; base[n]: from a code
  // of n bits to the place of its symbol.
  Code code;
  int32_t next_code = 0, next_place = 0;
  for (int bits_of_code = 1; bits_of_code <= longest_code; ++bits_of_code) {
    const auto n = static_cast<size_t>(bits_of_code);
    next_code <<= 1;
    code.base[n] = next_place - next_code;
    for (int symbol = 0; symbol < symbols; ++symbol) {
      if (lengths[static_cast<size_t>(symbol)] != bits_of_code) continue;
      code.symbols[static_cast<size_t>(next_place++)] = static_cast<uint16_t>(symbol);
      ++next_code;
      code.shortest = std::min(code.shortest, bits_of_code);
    }
    code.limit[n] = next_code - 1;
  }
  return code;
}

int Bzip2Decoder::next_symbol(const Code& code) {
  int length = code.shortest;
  auto value = static_cast<int32_t>(bits(length));
  while (value > code.limit[static_cast<size_t>(length)]) {
    if (++length > longest_code) damaged("there is no such code");
    value = value << 1 | static_cast<int32_t>(bits(1));
  }
  const int32_t place = value + code.base[static_cast<size_t>(length)];
  if (place < 0 || place >= static_cast<int32_t>(code.symbols.size()))
    damaged("there is no such code");
  return code.symbols[static_cast<size_t>(place)];
}

void Bzip2Decoder::append(uint8_t value, int64_t times) {
  if (times > static_cast<int64_t>(block_bytes_ - block_.size())) damaged("a block is too long");
  block_.insert(block_.end(), static_cast<size_t>(times), value);
}

// Symbols 0 and 1 are the digits 1 and 2 of a number in base 2: how often the first value repeats.
// The last symbol ends the block; each other symbol moves a value to the front.
void Bzip2Decoder::read_pixels_of_block(const std::vector<uint8_t>& used) {
  const int symbols = static_cast<int>(used.size()) + 2, codes = static_cast<int>(bits(3));
  if (codes < 2 || codes > 6) damaged("a block has no codes");
  const std::vector<uint8_t> selectors = read_selectors(codes);
  std::vector<Code> table;
  table.reserve(static_cast<size_t>(codes));
  for (int i = 0; i < codes; ++i) table.push_back(read_code(symbols));
  std::vector<uint8_t> order = used;
  block_.clear();
  int64_t run = 0, weight = 1;
  for (size_t count = 0;; ++count) {
    if (count / symbols_of_group >= selectors.size()) damaged("a block does not end");
    const int symbol = next_symbol(table[selectors[count / symbols_of_group]]);
    if (symbol <= 1) {
      run += weight << symbol;
      weight <<= 1;
      if (run > static_cast<int64_t>(block_bytes_)) damaged("a block is too long");
      continue;
    }
    append(order[0], run);
    run = 0;
    weight = 1;
    if (symbol == symbols - 1) return;
    const auto place = static_cast<std::ptrdiff_t>(symbol - 1);
    std::rotate(order.begin(), order.begin() + place, order.begin() + place + 1);
    append(order[0], 1);
  }
}

// Links each value to the one that follows it.
void Bzip2Decoder::invert(uint32_t origin) {
  std::array<uint32_t, 256> place{};
  for (const uint32_t entry : block_) ++place[entry & 0xff];
  uint32_t sum = 0;
  for (uint32_t& entry : place) {
    const uint32_t count = entry;
    entry = sum;
    sum += count;
  }
  for (size_t i = 0; i < block_.size(); ++i)
    block_[place[block_[i] & 0xff]++] |= static_cast<uint32_t>(i) << 8;
  position_ = block_[origin] >> 8;
}

// Four equal values are followed by a count of further repetitions.
bool Bzip2Decoder::next_value(uint8_t& value) {
  if (ended_) return false;
  for (;;) {
    if (repeats_ > 0) {
      --repeats_;
      value = static_cast<uint8_t>(last_);
      checksum_ = with_byte(checksum_, value);
      return true;
    }
    if (in_block_ && left_ == 0) {
      if (~checksum_ != expected_) damaged("the checksum of a block is wrong");
      combined_ = (combined_ << 1 | combined_ >> 31) ^ expected_;
      in_block_ = false;
    }
    if (!in_block_) {
      if (block_bytes_ == 0 && !begin_stream()) {
        ended_ = true;
        return false;
      }
      in_block_ = begin_block();
      if (!in_block_) end_stream();
      continue;
    }
    const uint32_t entry = block_[position_];
    position_ = entry >> 8;
    --left_;
    const auto next = static_cast<uint8_t>(entry & 0xff);
    if (equal_ == 4) {
      repeats_ = next;
      equal_ = 0;
      continue;
    }
    equal_ = next == last_ ? equal_ + 1 : 1;
    last_ = next;
    value = next;
    checksum_ = with_byte(checksum_, value);
    return true;
  }
}

}  // namespace swr
