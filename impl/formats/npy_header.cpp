#include "formats/npy_header.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace swr {
namespace {

constexpr size_t most_array_axes = 32;

// The little of Python's literals that a header is made of.
class Dictionary {
 public:
  Dictionary(NpyHeader& header, const std::string& path) : header_(header), path_(path) {}

  void parse() {
    expect('{');
    while (!take('}')) {
      parse_entry(string());
      if (take(',')) continue;
      expect('}');
      break;
    }
    for (const bool found : found_) {
      if (!found) damaged("lacks one of 'descr', 'fortran_order' and 'shape'");
    }
    header_.has_components = at_ < text().size() && text()[at_] == npy_components_note;
    skip_blanks();
    if (at_ != text().size()) damaged("has more than the dictionary");
  }

 private:
  const std::string& text() const { return header_.text; }

  [[noreturn]] void damaged(const char* why) const {
    fail(SWR_ERROR_CORRUPT, path_, ": the header ", why, "; it is ", in_quotes(trimmed(text())));
  }

  void skip_blanks() { at_ = std::min(text().find_first_not_of(" \t\r\n\f", at_), text().size()); }

  bool take(char c) {
    skip_blanks();
    if (at_ == text().size() || text()[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!take(c)) damaged("is not a dictionary as NumPy writes it");
  }

  std::string_view string() {
    const char quote = take('\'') ? '\'' : '"';
    if (quote == '"') expect('"');
    const size_t begin = at_, end = text().find_first_of("'\"\\\n", begin);
    if (end == std::string::npos || text()[end] != quote) damaged("has a string without an end");
    at_ = end + 1;
    return std::string_view(text()).substr(begin, end - begin);
  }

  std::string_view word() {
    skip_blanks();
    const auto is_of_word = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    };
    const size_t begin = at_;
    while (at_ < text().size() && is_of_word(text()[at_])) ++at_;
    return std::string_view(text()).substr(begin, at_ - begin);
  }

  void parse_entry(std::string_view key) {
    constexpr std::array<std::string_view, 3> keys = {"descr", "fortran_order", "shape"};
    const auto number = static_cast<size_t>(std::ranges::find(keys, key) - keys.begin());
    if (number == keys.size()) damaged("has a key that NumPy does not know");
    if (found_[number]) damaged("has a key twice");
    found_[number] = true;
    expect(':');
    if (key == "descr") parse_descr();
    if (key == "fortran_order") parse_order();
    if (key == "shape") parse_shape();
  }

  void parse_descr() {
    skip_blanks();
    if (at_ < text().size() && (text()[at_] == '[' || text()[at_] == '(')) {
      fail(SWR_ERROR_UNSUPPORTED, path_,
           ": the array's elements are structures, not numbers; save one of their fields");
    }
    header_.descr = string();
  }

  void parse_order() {
    const std::string_view value = word();
    header_.fortran_order = value == "True";
    if (value != "True" && value != "False")
      damaged("has neither True nor False as its 'fortran_order'");
  }

  void parse_shape() {
    expect('(');
    while (!take(')')) {
      skip_blanks();
      const size_t begin = at_;
      std::string_view digits = word();
      if (digits.ends_with('L')) digits.remove_suffix(1);  // Python 2
      header_.shape.push_back({digits, begin});
      if (header_.shape.size() > most_array_axes) damaged("has a shape of more than 32 axes");
      if (take(',')) continue;
      if (header_.shape.size() == 1)
        damaged("has a shape that is a number; that of an axis is (n,)");
      expect(')');
      break;
    }
  }

  NpyHeader& header_;
  const std::string& path_;
  size_t at_ = 0;
  std::array<bool, 3> found_{};
};

uint32_t little_endian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i)
    value |= uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return value;
}

// The bytes of the field with the length of the text.
size_t length_bytes(std::string_view head, const std::string& path) {
  const int major = static_cast<unsigned char>(head[6]),
            minor = static_cast<unsigned char>(head[7]);
  if (major < 1 || major > 3 || minor != 0) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": version ", major, ".", minor,
         " of NumPy's format; swr reads 1.0, 2.0 and 3.0");
  }
  return major == 1 ? 2 : 4;
}

}  // namespace

void read_npy_header(const File& file, NpyHeader& header) {
  constexpr size_t least_bytes = npy_version_end + 4;
  const std::string& path = file.path();
  const std::string head = read_head(file, least_bytes);
  if (head.starts_with("\x1f\x8b")) {
    fail(SWR_ERROR_UNSUPPORTED, path,
         ": a NumPy array that is compressed with gzip; unpack it first");
  }
  if (!head.starts_with(npy_magic) || head.size() < least_bytes) {
    fail(SWR_ERROR_CORRUPT, path, ": does not begin with the ", least_bytes,
         " bytes of a NumPy array");
  }
  const size_t width = length_bytes(head, path);
  const int64_t length = little_endian(std::string_view(head).substr(npy_version_end, width));
  header.text_begin = static_cast<int64_t>(npy_version_end + width);
  if (length > most_header_bytes) {
    fail(SWR_ERROR_CORRUPT, path, ": the header has ", length, " bytes, more than the ",
         most_header_bytes, " that are read");
  }
  header.text = read_head(file, header.text_begin + length);
  header.text.erase(0, static_cast<size_t>(header.text_begin));
  if (std::ssize(header.text) < length)
    fail(SWR_ERROR_CORRUPT, path, ": the file ends within its header");
  Dictionary(header, path).parse();
}

}  // namespace swr
