#include "codecs/lzw.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace swr {
namespace {

constexpr unsigned clear_code = 256, end_code = 257, first_code = 258;
constexpr unsigned most_codes = 4096;
constexpr int least_bits = 9, most_bits = 12;

class CodeReader {
 public:
  explicit CodeReader(std::span<const std::byte> stored) : stored_(stored) {}

  // The next code of so many bits; the code of the end if there are no more.
  unsigned next(int bits) {
    while (held_ < bits) {
      if (at_ == stored_.size()) return end_code;
      window_ = (window_ << 8) | std::to_integer<uint32_t>(stored_[at_++]);
      held_ += 8;
    }
    held_ -= bits;
    return (window_ >> held_) & ((1u << bits) - 1);
  }

 private:
  std::span<const std::byte> stored_;
  size_t at_ = 0;
  uint32_t window_ = 0;  // its lowest held_ bits are not taken yet
  int held_ = 0;
};

// Each code's bytes are somewhere in the output already: those of the code before, and one more.
struct Place {
  size_t at = 0, bytes = 0;
};

// The ranges may overlap; bytes that were just written are read again.
void copy_forward(std::span<std::byte> out, size_t from, size_t to, size_t bytes) {
  if (from + bytes <= to) {
    std::memcpy(out.data() + to, out.data() + from, bytes);
    return;
  }
  for (size_t i = 0; i < bytes; ++i) out[to + i] = out[from + i];
}

}  // namespace

const char* decode_lzw(std::span<const std::byte> stored, std::span<std::byte> out) {
  CodeReader codes(stored);
  std::array<Place, most_codes> table;
  unsigned next_code = first_code;
  int bits = least_bits;
  Place last;  // of the code before; no bytes after the table was cleared
  for (size_t done = 0;;) {
    const unsigned code = codes.next(bits);
    if (code == end_code) return done == out.size() ? nullptr : "it ends too early";
    if (code == clear_code) {
      next_code = first_code;
      bits = least_bits;
      last = {};
      continue;
    }
    if (last.bytes > 0 && next_code < most_codes) {
      table[next_code++] = {last.at, last.bytes + 1};
      if (next_code == (1u << bits) - 1 && bits < most_bits) ++bits;
    }
    if (code >= next_code) return "a code in it stands for nothing";
    const Place now{done, code < clear_code ? 1 : table[code].bytes};
    if (now.bytes > out.size() - done) return "it holds more pixels than it should";
    if (code < clear_code) {
      out[done] = static_cast<std::byte>(code);
    } else {
      copy_forward(out, table[code].at, done, now.bytes);
    }
    done += now.bytes;
    last = now;
  }
}

bool is_old_lzw(std::span<const std::byte> stored) {
  // The first code clears the table. These are its bits in the other order.
  return stored.size() >= 2 && stored[0] == std::byte{0} &&
         (stored[1] & std::byte{1}) != std::byte{0};
}

}  // namespace swr
