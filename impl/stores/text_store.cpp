#include "stores/text_store.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <cstring>
#include <string>
#include <string_view>

#include "base/byte_order.h"
#include "base/error.h"
#include "base/numbers.h"
#include "storage/file.h"
#include "stores/part_files.h"

namespace swr {
namespace {

constexpr size_t window_bytes = 65536;
// a double without an exponent has up to 309 digits before the point
constexpr size_t longest_number = 400;
constexpr size_t widest_component = 8;

template <std::integral T>
Parsed parse(std::string_view word, T& value) {
  const auto whole = std::from_chars(word.data(), word.data() + word.size(), value);
  if (whole.ec == std::errc{} && whole.ptr == word.data() + word.size()) return Parsed::ok;
  return parse_whole(word, value);
}

template <std::floating_point T>
Parsed parse(std::string_view word, T& value) {
  return parse_real(word, value);
}

template <typename T>
Parsed parse_to(std::string_view word, bool big_endian, std::byte* to) {
  T value{};
  const Parsed parsed = parse(word, value);
  if (parsed == Parsed::ok) store(to, value, big_endian);
  return parsed;
}

Parsed parse_component(std::string_view word, swr_component component, bool big_endian,
                       std::byte* to) {
  if (word.size() > 1 && word[0] == '+' && word[1] != '-') word.remove_prefix(1);
  switch (component) {
    case SWR_UINT8: return parse_to<uint8_t>(word, big_endian, to);
    case SWR_INT8: return parse_to<int8_t>(word, big_endian, to);
    case SWR_UINT16: return parse_to<uint16_t>(word, big_endian, to);
    case SWR_INT16: return parse_to<int16_t>(word, big_endian, to);
    case SWR_UINT32: return parse_to<uint32_t>(word, big_endian, to);
    case SWR_INT32: return parse_to<int32_t>(word, big_endian, to);
    case SWR_UINT64: return parse_to<uint64_t>(word, big_endian, to);
    case SWR_INT64: return parse_to<int64_t>(word, big_endian, to);
    case SWR_FLOAT32: return parse_to<float>(word, big_endian, to);
    case SWR_FLOAT64: return parse_to<double>(word, big_endian, to);
    default: return Parsed::not_a_number;
  }
}

// Rounds as VTK does.
Parsed parse_fraction(std::string_view word, std::byte* to) {
  double value = 0;
  const Parsed parsed = parse_real(word, value);
  if (parsed != Parsed::ok) return parsed;
  if (!(value >= 0 && value <= 1)) return Parsed::out_of_range;
  *to = static_cast<std::byte>(value * 255 + 0.5);
  return Parsed::ok;
}

bool separates(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f' || c == ',';
}

// -1 if it is not a hexadecimal digit.
int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Reads the numbers of one file in sequence, through a window on the file.
class TextFile {
 public:
  // `file` must outlive it.
  TextFile(const File& file, const DataPart& part, bool ends_at_tag)
      : file_(file), window_(window_bytes), at_file_(part.offset), ends_at_tag_(ends_at_tag) {
    for (int64_t line = 0; line < part.lines_to_skip; ++line) skip_line();
    for (int64_t byte = 0; byte < part.bytes_to_skip && !at_end(); ++byte) ++at_;
  }

  // Reads one byte from two hexadecimal digits; other characters are skipped, as in teem.
  void next_byte(std::byte* to) {
    int value = 0;
    for (int digits = 0; digits < 2;) {
      if (at_end()) fail(SWR_ERROR_CORRUPT, path(), ": the digits end before the image does");
      const int digit = digit_of(window_[at_++]);
      if (digit < 0) continue;
      value = value * 16 + digit;
      ++digits;
    }
    *to = static_cast<std::byte>(value);
  }

  void next(const Text& text, bool big_endian, std::byte* to) {
    while (!at_end() && separates(window_[at_])) ++at_;
    word_.clear();
    const int64_t begins = at_file_ - static_cast<int64_t>(held_ - at_);
    while (!at_end() && !separates(window_[at_])) {
      if (word_.size() == longest_number)
        fail(SWR_ERROR_CORRUPT, path(), ": the word at byte ", begins, " is too long for a number");
      word_ += window_[at_++];
    }
    if (word_.empty())
      fail(SWR_ERROR_CORRUPT, path(), ": the numbers end at byte ", begins,
           ", before the image does");
    switch (text.fractions ? parse_fraction(word_, to)
                           : parse_component(word_, text.component, big_endian, to)) {
      case Parsed::ok: return;
      case Parsed::not_a_number:
        fail(SWR_ERROR_CORRUPT, path(), ": there is no number at byte ", begins);
      case Parsed::out_of_range:
        fail(SWR_ERROR_CORRUPT, path(), ": the number ", word_.substr(0, 40), " at byte ", begins,
             " is not a valid ", text.fractions ? "part of 1" : swr_component_name(text.component));
    }
  }

 private:
  const std::string& path() const { return file_.path(); }

  bool at_end() {
    if (at_ == held_ && !fill()) return true;
    return ends_at_tag_ && window_[at_] == '<';
  }

  bool fill() {
    held_ =
        static_cast<size_t>(file_.read_some(at_file_, std::as_writable_bytes(std::span(window_))));
    at_file_ += static_cast<int64_t>(held_);
    at_ = 0;
    return held_ > 0;
  }

  void skip_line() {
    do {
      if (at_end())
        fail(SWR_ERROR_CORRUPT, path(), ": the file ends within the text lines before the numbers");
    } while (window_[at_++] != '\n');
  }

  const File& file_;
  std::vector<char> window_;
  size_t held_ = 0, at_ = 0;  // characters in the window, and the next of them
  int64_t at_file_ = 0;       // position in the file of the first character after the window
  bool ends_at_tag_;
  std::string word_;
};

class TextStore : public ReadStore {
 public:
  TextStore(const Layout& layout, OpenFiles* files)
      : layout_(layout),
        files_(layout.parts, files),
        text_(std::get<Text>(layout.storage)),
        width_(text_.hexadecimal ? 1 : swr_component_bytes(text_.component)) {}

  void read(int64_t offset, std::span<std::byte> out) override {
    size_t done = 0;
    while (done < out.size()) {
      const int64_t position = offset + static_cast<int64_t>(done);
      seek(position / width_);
      const size_t within = static_cast<size_t>(position % width_);
      const size_t bytes = std::min(out.size() - done, static_cast<size_t>(width_) - within);
      std::memcpy(out.data() + done, number_.data() + within, bytes);
      done += bytes;
    }
  }

  void verify() override {
    int64_t bytes = 0;
    for (const DataPart& part : layout_.parts) bytes += part.bytes;
    if (bytes > 0) seek(bytes / width_ - 1);
  }

 private:
  // Moves to `number` and stores it in number_.
  void seek(int64_t number) {
    if (number < current_) rewind();
    while (current_ < number) {
      while (left_in_part_ == 0) open_next_part();
      if (text_.hexadecimal) {
        file_->next_byte(number_.data());
      } else {
        file_->next(text_, layout_.big_endian, number_.data());
      }
      --left_in_part_;
      ++current_;
    }
  }

  void rewind() {
    file_.reset();
    next_part_ = 0;
    left_in_part_ = 0;
    current_ = -1;
  }

  void open_next_part() {
    if (next_part_ == layout_.parts.size())
      fail(SWR_ERROR_INTERNAL, "number ", current_ + 1, " is after the last part of the text");
    const DataPart& part = layout_.parts[next_part_];
    file_ = std::make_unique<TextFile>(files_.open(next_part_), part, text_.ends_at_tag);
    left_in_part_ = part.bytes / width_;
    ++next_part_;
  }

  const Layout layout_;
  PartFiles files_;
  const Text text_;
  const int64_t width_;  // of a number
  std::unique_ptr<TextFile> file_;
  size_t next_part_ = 0;
  int64_t left_in_part_ = 0;
  int64_t current_ = -1;  // the index of the value in number_; -1: none
  std::array<std::byte, widest_component> number_{};
};

}  // namespace

std::unique_ptr<ReadStore> open_text_store(const Layout& layout, OpenFiles* files) {
  if (swr_component_bytes(std::get<Text>(layout.storage).component) == 0)
    fail(SWR_ERROR_INTERNAL, "a text store of an unknown component type was opened");
  for (const DataPart& part : layout.parts) {
    if (part.offset < 0)
      fail(SWR_ERROR_UNSUPPORTED, part.path,
           ": text numbers cannot be located from the end of the file");
  }
  return std::make_unique<TextStore>(layout, files);
}

}  // namespace swr
