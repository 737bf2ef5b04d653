// Encodes LZW as TIFF 6.0, section 13, describes it, for tests of the decoder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace swr::checks {

class CodeWriter {
 public:
  void put(unsigned code, int bits) {
    for (int bit = bits - 1; bit >= 0; --bit) {
      if (used_ % 8 == 0) bytes_.push_back(std::byte{0});
      if (((code >> bit) & 1) != 0) bytes_.back() |= static_cast<std::byte>(1 << (7 - used_ % 8));
      ++used_;
    }
  }
  std::vector<std::byte> bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
  int64_t used_ = 0;  // bits
};

inline std::vector<std::byte> lzw_of(std::span<const std::byte> raw, bool with_end = true) {
  constexpr unsigned clear = 256, end = 257, first = 258, last = 4094;
  CodeWriter out;
  std::map<std::pair<unsigned, std::byte>, unsigned> table;
  unsigned next = first;
  int bits = 9;
  out.put(clear, bits);
  const auto put = [&](unsigned code) {
    out.put(code, bits);
    ++next;  // the entry that the decoder makes lags behind by one
    if (next > (1u << bits) - 1) ++bits;
  };
  unsigned prefix = end;
  for (const std::byte byte : raw) {
    if (prefix == end) {
      prefix = std::to_integer<unsigned>(byte);
      continue;
    }
    const auto known = table.find({prefix, byte});
    if (known != table.end()) {
      prefix = known->second;
      continue;
    }
    const unsigned entry = next;
    put(prefix);
    table[{prefix, byte}] = entry;
    prefix = std::to_integer<unsigned>(byte);
    if (next > last) {
      out.put(clear, bits);
      table.clear();
      next = first;
      bits = 9;
    }
  }
  if (prefix != end) put(prefix);
  if (with_end) out.put(end, bits);
  return out.bytes();
}

}  // namespace swr::checks
