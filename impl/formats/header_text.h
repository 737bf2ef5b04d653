// What text headers have in common: lines, words, numbers, metadata, and numbers that can be
// patched in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/format.h"
#include "image/image.h"

namespace swr {

// A longer header is treated as damaged.
inline constexpr int64_t most_header_bytes = int64_t{16} << 20;

// Headers in front of raw pixels are padded to a multiple of this.
inline constexpr int64_t data_alignment = 4096;

// The width of a size or a length in a header, so that it can grow in place: the digits of any
// int64_t.
inline constexpr int number_field_width = 20;

struct HeaderLine {
  std::string_view text;  // without its line end, LF or CR LF
  size_t begin = 0;       // of its first byte in the header
  size_t next = 0;        // of the first byte after its line end
  int number = 0;         // counted from 1
  bool ended = false;     // there is a line end
};

class HeaderLines {
 public:
  explicit HeaderLines(std::string_view header) : header_(header) {}
  bool next(HeaderLine& line);

 private:
  std::string_view header_;
  size_t at_ = 0;
  int number_ = 0;
};

// Some text of a header, and its offset there.
struct HeaderValue {
  std::string_view text;
  size_t offset = 0;
};

std::string_view trimmed(std::string_view text);
HeaderValue trimmed(HeaderValue value);
std::string lower_case(std::string_view text);
bool has_control_character(std::string_view text);
// A part of a header, for a message: its first 80 characters, "?" for what cannot be printed.
std::string in_quotes(std::string_view text);

// The words between blanks, at most `most`; the last one then holds the rest of the text.
std::vector<HeaderValue> words_of(HeaderValue value, size_t most);

// Return nothing if the text is not exactly one number. Doubles may be nan and inf.
std::optional<int64_t> integer_of(std::string_view text);
std::optional<double> double_of(std::string_view text);

// With 17 significant digits, from which every double can be read back exactly.
std::string double_text(double value);
// A number in a field of `width` characters, longer if it does not fit.
std::string right_aligned(int64_t number, int width);

// The patch that replaces word `which` of a list, and all but one of the blanks in front of it, by
// `number`; nothing if the number does not fit. `list` begins with the first byte that may be
// blank.
std::optional<HeaderPatch> patch_number(HeaderValue list, size_t which, int64_t number);

// Reads a file until complete(text) is true, or to its end. SWR_ERROR_CORRUPT if the header is
// longer than most_header_bytes.
std::string read_text_header(const File& file, bool (*complete)(std::string_view text));
// SWR_ERROR_UNSUPPORTED for a new header that is too long for read_text_header().
void check_header_length(const std::string& header, const std::string& path);

// The metadata key for the pixels' kind, as swr_kind_name() names it, in headers without a field
// for it.
inline constexpr const char* kind_key = "swr_kind";
// The key of lines that only pad a header.
inline constexpr const char* filler_key = "swr_pad";
bool is_reserved_key(std::string_view key);

// Whether the kind is possible for pixels of that many components.
bool kind_fits(swr_kind kind, int components);
// The inverse of swr_kind_name(); nothing if the name is unknown.
std::optional<swr_kind> kind_of_name(std::string_view name);

// The bytes of `count` axes of these sizes, with elements of `element_bytes`; nothing if a size is
// not positive or the product too large.
std::optional<int64_t> bytes_of_axes(const int64_t* sizes, int count, int64_t element_bytes);

// SWR_ERROR_UNSUPPORTED, naming `path`, for images that no format can hold: a kind that contradicts
// the number of components, geometry that is not finite, an axis without length.
void check_storable(const Image& image, const std::string& path);

}  // namespace swr
