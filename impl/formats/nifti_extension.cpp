// Extensions follow the header, one after another:
//   i32 esize, a multiple of 16, with these eight bytes    i32 ecode    esize - 8 bytes
// The one of swr has the code of a comment and holds text, padded with zeros:
//   swr 1\n
//   swr_index = 0 100 200\n
//   Modality = MR\n
// In keys and values a backslash is \\, a line feed \n, a carriage return \r; in keys "=" is \=.
#include "formats/nifti_extension.h"

#include <algorithm>
#include <iterator>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"

namespace swr {
namespace {

constexpr std::string_view first_line = "swr 1\n";
constexpr std::string_view between = " = ";
constexpr int32_t comment_code = 6;
constexpr int64_t head_bytes = 8;
constexpr int64_t unit = 16;

struct CodeName {
  int32_t code;
  std::string_view name;
  bool describes_shape = false;
};
constexpr CodeName code_names[] = {{2, "DICOM"},
                                   {4, "AFNI", true},
                                   {6, "comment"},
                                   {8, "XCEDE"},
                                   {10, "JIM"},
                                   {12, "workflow"},
                                   {14, "FreeSurfer"},
                                   {18, "MIND"},
                                   {30, "CARET"},
                                   {32, "CIFTI", true},
                                   {34, "variable frame timing"},
                                   {38, "EVAL"},
                                   {40, "MATLAB"},
                                   {42, "QUANTIPHYSE"},
                                   {44, "MRS"}};

const CodeName* name_of_code(int32_t code) {
  const auto* const found = std::find_if(std::begin(code_names), std::end(code_names),
                                         [&](const CodeName& entry) { return entry.code == code; });
  return found == std::end(code_names) ? nullptr : found;
}

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

// Every "=" in a key has a backslash in front of it, so that the first " = " separates key and
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
  text += '\0';  // ends the text
  if (std::ssize(text) + head_bytes < least_bytes)
    text.resize(static_cast<size_t>(least_bytes - head_bytes));
  return nifti_extension_bytes({comment_code, std::move(text)});
}

std::string nifti_extension_bytes(const NiftiExtension& extension) {
  const int64_t bytes = round_up(head_bytes + std::ssize(extension.bytes), unit);
  std::string out(static_cast<size_t>(bytes), '\0');
  auto* const at = reinterpret_cast<std::byte*>(out.data());
  store<int32_t>(at, static_cast<int32_t>(bytes));
  store<int32_t>(at + sizeof(int32_t), extension.code);
  return out.replace(head_bytes, extension.bytes.size(), extension.bytes);
}

NiftiExtensions read_nifti_extensions(std::string_view bytes, bool big_endian) {
  NiftiExtensions found;
  while (bytes.size() >= static_cast<size_t>(unit)) {
    const auto* const at = reinterpret_cast<const std::byte*>(bytes.data());
    const int32_t length = load<int32_t>(at, big_endian);
    const int32_t code = load<int32_t>(at + sizeof(int32_t), big_endian);
    if (length == 0 && code == 0) return found;  // zeros up to the pixels
    if (length < unit || length % unit != 0 || static_cast<size_t>(length) > bytes.size()) {
      found.damaged = true;
      return found;
    }
    const std::string_view content =
        bytes.substr(head_bytes, static_cast<size_t>(length - head_bytes));
    if (code == comment_code && content.starts_with(first_line)) {
      const std::string_view text = content.substr(0, content.find('\0'));
      read_lines(text.substr(first_line.size()), found.entries);
    } else {
      found.others.push_back({code, std::string(content)});
    }
    bytes.remove_prefix(static_cast<size_t>(length));
  }
  return found;
}

std::string nifti_extension_name(int32_t code) {
  const CodeName* const entry = name_of_code(code);
  return entry ? text(entry->name, " (code ", code, ")") : text("code ", code);
}

bool describes_shape(int32_t code) {
  const CodeName* const entry = name_of_code(code);
  return entry && entry->describes_shape;
}

}  // namespace swr
