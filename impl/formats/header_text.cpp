#include "formats/header_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/checked.h"
#include "base/error.h"
#include "base/numbers.h"
#include "storage/file.h"

namespace swr {
namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";

// The length of a header is unknown before it is read; most are far shorter than the first step.
constexpr int64_t first_step = int64_t{64} << 10;

// Leaves room for positions after the pixels.
constexpr int64_t most_image_bytes = int64_t{1} << 61;

bool is_finite(const double* values, int count) {
  return std::all_of(values, values + count, [](double value) { return std::isfinite(value); });
}

}  // namespace

bool HeaderLines::next(HeaderLine& line) {
  if (at_ >= header_.size()) return false;
  const size_t end = header_.find('\n', at_);
  line.ended = end != std::string_view::npos;
  line.begin = at_;
  line.text = header_.substr(at_, line.ended ? end - at_ : std::string_view::npos);
  if (line.text.ends_with('\r')) line.text.remove_suffix(1);
  line.next = line.ended ? end + 1 : header_.size();
  line.number = ++number_;
  at_ = line.next;
  return true;
}

std::string_view trimmed(std::string_view text) {
  return trimmed(HeaderValue{text, 0}).text;
}

HeaderValue trimmed(HeaderValue value) {
  const size_t first = value.text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {value.text.substr(value.text.size()), value.offset + value.text.size()};
  const size_t last = value.text.find_last_not_of(blanks);
  return {value.text.substr(first, last - first + 1), value.offset + first};
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool has_control_character(std::string_view text) {
  // char is signed on some processors only.
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  });
}

std::string in_quotes(std::string_view text) {
  constexpr size_t most = 80;
  std::string out = "\"";
  for (const char c : text.substr(0, most)) out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > most ? "...\"" : "\"");
}

std::vector<HeaderValue> words_of(HeaderValue value, size_t most) {
  std::vector<HeaderValue> words;
  for (HeaderValue rest = trimmed(value); !rest.text.empty(); rest = trimmed(rest)) {
    if (words.size() + 1 == most) {
      words.push_back(rest);
      break;
    }
    const size_t length = std::min(rest.text.find_first_of(blanks), rest.text.size());
    words.push_back({rest.text.substr(0, length), rest.offset});
    rest = {rest.text.substr(length), rest.offset + length};
  }
  return words;
}

std::optional<int64_t> integer_of(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  int64_t value;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> double_of(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0;
  if (parse_real(text, value) != Parsed::ok) return std::nullopt;
  return value;
}

std::string double_text(double value) {
  char digits[40];
  const auto end =
      std::to_chars(digits, digits + sizeof digits, value, std::chars_format::general, 17);
  return std::string(digits, end.ptr);
}

std::string right_aligned(int64_t number, int width) {
  const std::string digits = std::to_string(number);
  return std::string(
             static_cast<size_t>(std::max<int64_t>(0, width - static_cast<int64_t>(digits.size()))),
             ' ') +
         digits;
}

std::optional<HeaderPatch> patch_number(HeaderValue list, size_t which, int64_t number) {
  const auto words = words_of(list, which + 2);
  if (which >= words.size()) return std::nullopt;
  const HeaderValue word = words[which];
  const size_t begin =
      which == 0 ? list.offset : words[which - 1].offset + words[which - 1].text.size() + 1;
  const size_t width = word.offset + word.text.size() - begin;
  std::string bytes = right_aligned(number, static_cast<int>(std::min<size_t>(width, 1 << 20)));
  if (bytes.size() != width) return std::nullopt;
  return HeaderPatch{static_cast<int64_t>(begin), std::move(bytes)};
}

std::string read_text_header(const File& file, bool (*complete)(std::string_view text)) {
  for (int64_t most = first_step;; most *= 16) {
    std::string text = read_head(file, most);
    if (static_cast<int64_t>(text.size()) < most || complete(text)) return text;
    if (most >= most_header_bytes)
      fail(SWR_ERROR_CORRUPT, file.path(), ": the header does not end within ", most_header_bytes,
           " bytes");
  }
}

void check_header_length(const std::string& header, const std::string& path) {
  if (static_cast<int64_t>(header.size()) < most_header_bytes) return;
  fail(SWR_ERROR_UNSUPPORTED, path, ": the header would have ", header.size(),
       " bytes, most of them metadata; swr reads headers of less than ", most_header_bytes);
}

bool is_reserved_key(std::string_view key) {
  return key == start_index_key || key == kind_key || key == filler_key;
}

bool kind_fits(swr_kind kind, int components) {
  switch (kind) {
    case SWR_KIND_SCALAR: return components == 1;
    case SWR_KIND_VECTOR: return components >= 1;
    case SWR_KIND_RGB: return components == 3;
    case SWR_KIND_RGBA: return components == 4;
    case SWR_KIND_COMPLEX: return components == 2;
    case SWR_KIND_COVARIANT_VECTOR: return components >= 1;
    case SWR_KIND_SYMMETRIC_TENSOR: {
      int rows = 1;
      while (rows * (rows + 1) / 2 < components && rows < 30000) ++rows;
      return rows * (rows + 1) / 2 == components;
    }
    default: return false;
  }
}

std::optional<swr_kind> kind_of_name(std::string_view name) {
  for (int kind = SWR_KIND_SCALAR; kind <= SWR_KIND_SYMMETRIC_TENSOR; ++kind) {
    if (name == swr_kind_name(static_cast<swr_kind>(kind))) return static_cast<swr_kind>(kind);
  }
  return std::nullopt;
}

std::optional<int64_t> bytes_of_axes(const int64_t* sizes, int count, int64_t element_bytes) {
  std::optional<int64_t> bytes = element_bytes;
  for (int axis = 0; axis < count && bytes; ++axis) {
    if (sizes[axis] < 1) return std::nullopt;
    bytes = try_multiply(*bytes, sizes[axis]);
  }
  if (bytes && *bytes > most_image_bytes) return std::nullopt;
  return bytes;
}

void check_storable(const Image& image, const std::string& path) {
  const int n = image.dimensions();
  if (swr_component_bytes(image.pixel.component) == 0 ||
      !kind_fits(image.pixel.kind, image.pixel.components)) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": pixels of ", image.pixel.components,
         " components cannot be ", image.pixel.text());
  }
  if (!bytes_of_axes(image.region.size.data(), n, image.pixel.bytes())) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": an image of ", image.region.text(),
         " is empty or too large for a file");
  }
  if (!is_finite(image.spacing.data(), n) || !is_finite(image.first_pixel_position().data(), n) ||
      !is_finite(image.direction.data(), n * n)) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": spacing, origin and direction must be finite numbers");
  }
  if (!std::isfinite(image.scale.slope) || !std::isfinite(image.scale.intercept) ||
      image.scale.slope == 0) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": the value scale ", image.scale.slope, " * stored + ",
         image.scale.intercept, " is not one of finite numbers, with a slope that is not 0");
  }
  for (int axis = 0; axis < n; ++axis) {
    if (image.spacing[axis] == 0)
      fail(SWR_ERROR_UNSUPPORTED, path, ": the spacing of axis ", axis, " is 0");
  }
}

}  // namespace swr
