// What headers made of text lines have in common: lines, words, numbers, metadata, and numbers that
// can be patched in place.
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

// A header longer than this is taken for damaged.
inline constexpr int64_t most_header_bytes = int64_t{16} << 20;

// Headers in front of uncompressed pixels are filled up to a multiple of this.
inline constexpr int64_t data_alignment = 4096;

// Digits that a size or a length is given in a header, so that it can grow in place: those of any
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

// A piece of a header, and where it stands there.
struct HeaderValue {
  std::string_view text;
  size_t offset = 0;
};

std::string_view trimmed(std::string_view text);
HeaderValue trimmed(HeaderValue value);
std::string lower_case(std::string_view text);
bool has_control_character(std::string_view text);

// The words between blanks, at most `most` of them; the last is then the rest of the text.
std::vector<HeaderValue> words_of(HeaderValue value, size_t most);

// Nothing if the text is anything but one number. Doubles may be nan and inf.
std::optional<int64_t> integer_of(std::string_view text);
std::optional<double> double_of(std::string_view text);

// With 17 significant digits, which bring every double back.
std::string double_text(double value);
// A number in a field of `width` characters, longer if it does not fit.
std::string right_aligned(int64_t number, int width);
std::string left_aligned(int64_t number, int width);

// The patch that puts `number` in the place of word `which` of a list, and of the blanks in front
// of it but one; nothing if it does not fit. `list` is the list's text from the first byte that may
// be blank.
std::optional<HeaderPatch> patch_number(HeaderValue list, size_t which, int64_t number);

// Reads as much of a file as its header needs: until complete(text), or the end of the file;
// SWR_ERROR_CORRUPT past most_header_bytes.
std::string read_text_header(const File& file, bool (*complete)(std::string_view text));
// SWR_ERROR_UNSUPPORTED for a new header that read_text_header() would not read.
void check_header_length(const std::string& header, const std::string& path);

// The key under which headers without a field of their own keep a pixel's kind, as swr_kind_name()
// gives it.
inline constexpr const char* kind_key = "swr_kind";
// The key of lines that only fill a header up.
inline constexpr const char* filler_key = "swr_pad";
bool is_reserved_key(std::string_view key);

// Whether a pixel of that many components can be of the kind.
bool kind_fits(swr_kind kind, int components);
// The kind of a name that swr_kind_name() gives; nothing if there is none.
std::optional<swr_kind> kind_of_name(std::string_view name);

// The bytes of `count` axes of these sizes, with elements of `element_bytes`; nothing if a size is
// not positive or the product too large.
std::optional<int64_t> bytes_of_axes(const int64_t* sizes, int count, int64_t element_bytes);

// SWR_ERROR_UNSUPPORTED, naming `path`, for what no file can hold: a kind that the components do
// not make, geometry that is not finite, an axis without length.
void check_writable(const Image& image, const std::string& path);

}  // namespace swr
