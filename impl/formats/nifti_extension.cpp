// Extensions follow the header one behind the other:
//   i32 esize, a multiple of 16, with these eight bytes    i32 ecode    esize - 8 bytes
// Ours has the code of a comment and holds text, with zeros behind it:
//   swr 1\n
//   swr_index = 0 100 200\n
//   Modality = MR\n
// In keys and values a backslash is \\, a line's end \n, a carriage return \r; in keys "=" is \=.
#include "formats/nifti_extension.h"

#include "base/byte_order.h"
#include "base/checked.h"

namespace swr {
namespace {

constexpr std::string_view first_line = "swr 1\n";
constexpr std::string_view between = " = ";
constexpr int32_t comment_code = 6;
constexpr int64_t head_bytes = 8;
constexpr int64_t unit = 16;

std::string escaped(std::string_view text, bool is_key) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      default:
        if (c == '=' && is_key) out += '\\';
        out += c;
    }
  }
  return out;
}

std::string plain(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    out += c == 'n' ? '\n' : c == 'r' ? '\r' : c;
  }
  return out;
}

// In a key every "=" has a backslash before it, so that the first " = " is the one between key and
// value.
void read_lines(std::string_view text, Metadata& entries) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    const size_t at = line.find(between);
    if (at == line.npos || at == 0) continue;
    entries.set(plain(line.substr(0, at)), plain(line.substr(at + between.size())));
  }
}

}  // namespace

std::string make_nifti_extension(const Metadata& entries, int64_t least_bytes) {
  if (entries.empty()) return {};
  std::string text(first_line);
  for (const auto& [key, value] : entries)
    text.append(escaped(key, true)).append(between).append(escaped(value, false)) += '\n';
  // At least one zero ends the text.
  const int64_t bytes =
      std::max(least_bytes, round_up(head_bytes + static_cast<int64_t>(text.size()) + 1, unit));
  std::string extension(static_cast<size_t>(bytes), '\0');
  auto* const at = reinterpret_cast<std::byte*>(extension.data());
  store<int32_t>(at, static_cast<int32_t>(bytes));
  store<int32_t>(at + sizeof(int32_t), comment_code);
  extension.replace(head_bytes, text.size(), text);
  return extension;
}

Metadata read_nifti_extensions(std::string_view extensions, bool big_endian) {
  Metadata entries;
  while (extensions.size() >= static_cast<size_t>(unit)) {
    const auto* const at = reinterpret_cast<const std::byte*>(extensions.data());
    const int32_t bytes = load<int32_t>(at, big_endian);
    const int32_t code = load<int32_t>(at + sizeof(int32_t), big_endian);
    if (bytes < unit || bytes % unit != 0 || static_cast<size_t>(bytes) > extensions.size()) break;
    std::string_view text = extensions.substr(head_bytes, static_cast<size_t>(bytes - head_bytes));
    text = text.substr(0, text.find('\0'));
    if (code == comment_code && text.starts_with(first_line))
      read_lines(text.substr(first_line.size()), entries);
    extensions.remove_prefix(static_cast<size_t>(bytes));
  }
  return entries;
}

}  // namespace swr
