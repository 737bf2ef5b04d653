#include "formats/notes.h"

namespace swr {
namespace {

constexpr std::string_view first_line = "swr 1\n";
constexpr std::string_view between = " = ";

std::string escaped(std::string_view text, bool is_key) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\0': out += "\\0"; break;  // would end the text
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
    out += c == 'n' ? '\n' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
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

std::string notes_text(const Metadata& entries) {
  std::string text(first_line);
  for (const auto& [key, value] : entries)
    text.append(escaped(key, true)).append(between).append(escaped(value, false)) += '\n';
  return text;
}

bool read_notes(std::string_view bytes, Metadata& entries) {
  if (!bytes.starts_with(first_line)) return false;
  const std::string_view text = bytes.substr(0, bytes.find('\0'));
  read_lines(text.substr(first_line.size()), entries);
  return true;
}

}  // namespace swr
