#include "stores/base64.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/checked.h"

namespace swr {
namespace {

constexpr int64_t group_bytes = 3, group_characters = 4;
constexpr int64_t window_groups = 16384;

constexpr std::array<uint8_t, 256> table_of_values() {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<uint8_t, 256> table{};
  table.fill(255);
  for (size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<uint8_t>(i);
  return table;
}
constexpr auto values = table_of_values();

// The bytes of a group: 3, fewer if it is padded, and 0 if it is none.
int decode(const unsigned char* group, std::byte* to) {
  uint32_t bits = 0;
  int bytes = group_bytes;
  for (int i = 0; i < group_characters; ++i) {
    const uint8_t value = values[group[i]];
    if (value == 255) {
      if (i < 2 || group[i] != '=') return 0;
      bytes = std::min(bytes, i - 1);
    } else if (bytes < group_bytes) {
      return 0;  // a value after padding
    }
    bits = bits << 6 | (value & 63);
  }
  if (bytes == 1) bits &= 0xff0000;
  for (int i = 0; i < group_bytes; ++i) to[i] = static_cast<std::byte>(bits >> (16 - 8 * i) & 255);
  return bytes;
}

}  // namespace

bool read_base64(const File& file, int64_t begin, int64_t offset, std::span<std::byte> out) {
  std::vector<std::byte> text;
  int64_t group = offset / group_bytes;
  auto skipped = static_cast<size_t>(offset % group_bytes);  // of the first group
  while (!out.empty()) {
    const int64_t groups = std::min(
        divide_up(static_cast<int64_t>(skipped) + std::ssize(out), group_bytes), window_groups);
    text.resize(static_cast<size_t>(groups * group_characters));
    const int64_t at = checked_add(begin, checked_multiply(group, group_characters));
    if (file.read_some(at, text) != std::ssize(text)) return false;
    const auto* characters = reinterpret_cast<const unsigned char*>(text.data());
    for (int64_t i = 0; i < groups; ++i, characters += group_characters) {
      std::array<std::byte, group_bytes> bytes{};
      const auto count = static_cast<size_t>(decode(characters, bytes.data()));
      const size_t wanted = std::min(out.size(), bytes.size() - skipped);
      if (count < skipped + wanted) return false;
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(skipped), wanted, out.begin());
      out = out.subspan(wanted);
      skipped = 0;
    }
    group += groups;
  }
  return true;
}

}  // namespace swr
