// The header of a NRRD file: its lines, as fields and key/value pairs.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "formats/format.h"
#include "formats/header_draft.h"
#include "formats/header_text.h"

namespace swr {

// How NRRD writes its lines.
extern const HeaderSyntax nrrd_syntax;
// The name under which the first line is kept as a field.
inline constexpr std::string_view nrrd_magic_field = "NRRD";

struct NrrdHeader {
  std::string path;
  std::unique_ptr<const std::string> text;         // what the views below refer to
  std::map<std::string_view, HeaderValue> fields;  // by the spelling used for writing
  Metadata metadata;                               // key/value pairs
  std::vector<std::string_view> listed;            // the lines after data file: LIST
  size_t end = 0;  // the first byte after the empty line; the end of the file if there is none
  bool has_empty_line = false;
  HeaderDraft draft{nrrd_syntax};  // all lines up to the empty one

  const HeaderValue* find(std::string_view name) const;
  const HeaderValue& require(std::string_view name) const;
  // A whole number of a field; nothing if the field is absent.
  std::optional<int64_t> integer(std::string_view name) const;

  template <typename... Parts>
  [[noreturn]] void corrupt(const Parts&... parts) const {
    fail(SWR_ERROR_CORRUPT, path, ": ", parts...);
  }
  template <typename... Parts>
  [[noreturn]] void unsupported(const Parts&... parts) const {
    fail(SWR_ERROR_UNSUPPORTED, path, ": ", parts...);
  }
};

inline constexpr int most_nrrd_axes = 16;
inline constexpr int most_nrrd_space_axes = 8;

NrrdHeader read_nrrd_header(const std::string& path, OpenFiles& files);

// Whether a line would be read as a field; keys of metadata must not look like one.
bool is_nrrd_field(std::string_view name);

// "\n" and "\\" stand for a line end and a backslash.
std::string nrrd_escaped(std::string_view text);
std::string nrrd_unescaped(std::string_view text);

// The parts of a field with one value per axis: words, vectors like (1,0,0), and quoted texts with
// their quotation marks.
std::vector<std::string_view> nrrd_words(std::string_view value);
// The word without quotation marks, if it has any.
std::string_view nrrd_unquoted(std::string_view word);

// "(1,0,0)"; nothing for "none". Fails with SWR_ERROR_CORRUPT if the value is not `count` vectors
// of `length` numbers.
using NrrdVector = std::optional<std::array<double, max_dimensions>>;
std::vector<NrrdVector> nrrd_vectors(const NrrdHeader& header, std::string_view field, int count,
                                     int length);

}  // namespace swr
