#include "formats/vtk_header.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include "base/checked.h"
#include "base/error.h"
#include "storage/file.h"

namespace swr {
namespace {

struct TypeRow {
  std::string_view name;
  swr_component component;
};

// The first name of a type is the one of new files.
constexpr TypeRow types[] = {
    {"unsigned_char", SWR_UINT8},
    {"char", SWR_INT8},
    {"signed_char", SWR_INT8},
    {"unsigned_short", SWR_UINT16},
    {"short", SWR_INT16},
    {"unsigned_int", SWR_UINT32},
    {"int", SWR_INT32},
    {"vtktypeuint64", SWR_UINT64},
    {"unsigned_long_long", SWR_UINT64},
    {"unsigned_long", SWR_UINT64},
    {"vtktypeint64", SWR_INT64},
    {"long_long", SWR_INT64},
    {"long", SWR_INT64},
    {"float", SWR_FLOAT32},
    {"double", SWR_FLOAT64},
};

const TypeRow* type_of(std::string_view name) {
  const std::string lower = lower_case(name);
  const auto* const row = std::find_if(std::begin(types), std::end(types),
                                       [&](const TypeRow& r) { return r.name == lower; });
  return row == std::end(types) ? nullptr : row;
}

class Scanner {
 public:
  // `is_whole`: the text is the whole file.
  Scanner(std::string_view text, const std::string& path, bool is_whole)
      : text_(text), path_(path), is_whole_(is_whole) {}

  // Nothing if the text ends before the header does.
  std::optional<VtkHeader> scan() {
    try {
      scan_head();
      while (!scan_section()) {
      }
    } catch (const EndOfText&) {
      return std::nullopt;
    }
    return std::move(header_);
  }

 private:
  struct EndOfText {};

  std::string_view text_;
  const std::string& path_;
  const bool is_whole_;
  size_t at_ = 0;
  VtkHeader header_;

  template <typename... Parts>
  [[noreturn]] void corrupt(const Parts&... parts) const {
    fail(SWR_ERROR_CORRUPT, path_, ": ", parts...);
  }
  template <typename... Parts>
  [[noreturn]] void unsupported(const Parts&... parts) const {
    fail(SWR_ERROR_UNSUPPORTED, path_, ": ", parts...);
  }

  HeaderValue line() {
    const size_t begin = at_, end = text_.find('\n', at_);
    if (end == text_.npos) throw EndOfText{};
    at_ = end + 1;
    HeaderValue line{text_.substr(begin, end - begin), begin};
    if (line.text.ends_with('\r')) line.text.remove_suffix(1);
    return line;
  }

  HeaderValue filled_line() {
    HeaderValue found = line();
    while (trimmed(found.text).empty()) found = line();
    return found;
  }

  void scan_head() {
    if (!line().text.starts_with(vtk_first_line))
      corrupt("the first line does not begin with \"", vtk_first_line, "\"");
    header_.title = line().text;
    const std::string encoding = lower_case(trimmed(filled_line().text));
    header_.is_text = encoding == "ascii";
    if (!header_.is_text && encoding != "binary")
      corrupt("the third line is ", in_quotes(encoding), ", neither ASCII nor BINARY");
    const auto words = words_of(filled_line(), 3);
    if (lower_case(words[0].text) != "dataset" || words.size() < 2)
      corrupt("the fourth line does not begin with DATASET");
    if (lower_case(words[1].text) != "structured_points")
      unsupported("it holds the data set ", in_quotes(words[1].text),
                  "; swr reads STRUCTURED_POINTS, which are images");
  }

  // True after the lines in front of the pixels.
  bool scan_section() {
    const HeaderValue whole = filled_line();
    const HeaderValue first = words_of(whole, 2)[0];
    const std::string keyword = lower_case(first.text);
    HeaderValue rest = {whole.text.substr(first.offset + first.text.size() - whole.offset),
                        first.offset + first.text.size()};
    if (!rest.text.empty()) rest = {rest.text.substr(1), rest.offset + 1};
    if (keyword == "dimensions") {
      scan_dimensions(rest);
    } else if (keyword == "spacing" || keyword == "aspect_ratio") {
      scan_numbers(keyword, rest, header_.spacing, header_.spacing_text);
    } else if (keyword == "origin") {
      scan_numbers(keyword, rest, header_.origin, header_.origin_text);
    } else if (keyword == "field") {
      scan_field(whole.offset, rest);
    } else if (keyword == "point_data") {
      header_.points = {std::string(rest.text), rest.offset};
    } else {
      scan_pixels(keyword, first.text, rest);
      return true;
    }
    return false;
  }

  void scan_dimensions(const HeaderValue& list) {
    const auto words = words_of(list, vtk_axes + 1);
    for (size_t axis = 0; axis < vtk_axes; ++axis) {
      const auto size = axis < words.size() ? integer_of(words[axis].text) : std::nullopt;
      if (!size || *size < 1)
        corrupt("DIMENSIONS is ", in_quotes(list.text), "; it needs three sizes of at least 1");
      header_.size[axis] = *size;
    }
    header_.dimensions = {std::string(list.text), list.offset};
  }

  void scan_numbers(std::string_view name, const HeaderValue& list,
                    std::array<double, vtk_axes>& values, std::string& text) {
    const auto words = words_of(list, vtk_axes + 1);
    text.clear();
    for (size_t axis = 0; axis < vtk_axes; ++axis) {
      const auto value = axis < words.size() ? double_of(words[axis].text) : std::nullopt;
      if (!value || !std::isfinite(*value))
        corrupt(name, " is ", in_quotes(list.text), "; it needs three finite numbers");
      values[axis] = *value;
      text += (axis > 0 ? " " : "") + std::string(words[axis].text);
    }
  }

  // FIELD name n, and then n arrays: name components tuples type, and the values.
  void scan_field(size_t begin, const HeaderValue& rest) {
    if (!header_.points.text.empty())
      unsupported("its pixels are in a FIELD; swr reads SCALARS, COLOR_SCALARS and VECTORS");
    const auto words = words_of(rest, 3);
    const auto count = words.size() < 2 ? std::nullopt : integer_of(words[1].text);
    if (!count || *count < 0) corrupt("FIELD ", in_quotes(rest.text), " has no number of arrays");
    for (int64_t i = 0; i < *count; ++i) skip_array();
    header_.fields += text_.substr(begin, at_ - begin);
  }

  void skip_array() {
    const HeaderValue head = filled_line();
    const auto words = words_of(head, 5);
    const auto components = words.size() < 4 ? std::nullopt : integer_of(words[1].text);
    const auto tuples = words.size() < 4 ? std::nullopt : integer_of(words[2].text);
    if (!components || !tuples || *components < 0 || *tuples < 0)
      corrupt("FIELD has the array ", in_quotes(head.text));
    const auto values = try_multiply(*components, *tuples);
    if (!values || *values > most_header_bytes)
      corrupt("FIELD has the array ", in_quotes(head.text), ", which is longer than swr reads");
    skip_values(lower_case(words[3].text), *values);
    skip_metadata();
  }

  void skip_values(const std::string& type, int64_t count) {
    const TypeRow* const row = type_of(type);
    if (!row && type != "vtkidtype" && type != "bit" && type != "string")
      unsupported("FIELD has an array of the type ", in_quotes(type));
    if (type == "string") {
      for (int64_t i = 0; i < count; ++i) skip_string();
      if (header_.is_text) return;
    } else if (header_.is_text) {
      skip_words(count);
    } else if (type == "bit") {
      skip_bytes((count + 7) / 8);
    } else {
      constexpr int id_bytes = 4;  // vtkIdType, which VTK writes as int
      skip_bytes(count * (row ? swr_component_bytes(row->component) : id_bytes));
    }
    line();  // ends the values
  }

  // As text, a line of its own. Else its length in 1, 2, 4 or 8 bytes, whose first two bits tell
  // which (11, 10, 01, 00), and then its bytes.
  void skip_string() {
    if (header_.is_text) {
      line();
      return;
    }
    if (at_ == text_.size()) throw EndOfText{};
    const unsigned first = static_cast<unsigned char>(text_[at_]);
    const size_t width = size_t{8} >> (first >> 6);
    uint64_t length = first & 0x3f;
    if (width > text_.size() - at_) throw EndOfText{};
    for (size_t i = 1; i < width; ++i)
      length = length << 8 | static_cast<unsigned char>(text_[at_ + i]);
    at_ += width;
    skip_bytes(static_cast<int64_t>(length));
  }

  // What VTK writes after an array with names of components or other information: lines up to an
  // empty one.
  void skip_metadata() {
    const size_t begin = at_;
    if (lower_case(trimmed(filled_line().text)) != "metadata") {
      at_ = begin;
      return;
    }
    while (!trimmed(line().text).empty()) {
    }
  }

  void skip_bytes(int64_t count) {
    if (count > std::ssize(text_) - static_cast<int64_t>(at_)) throw EndOfText{};
    at_ += static_cast<size_t>(count);
  }

  void skip_words(int64_t count) {
    constexpr std::string_view blanks = " \t\r\n";
    for (; count > 0; --count) {
      const size_t begin = text_.find_first_not_of(blanks, at_);
      at_ = text_.find_first_of(blanks, begin);
      if (begin == text_.npos || at_ == text_.npos) throw EndOfText{};
    }
  }

  void scan_pixels(const std::string& keyword, std::string_view name, const HeaderValue& rest) {
    if (keyword != "scalars" && keyword != "color_scalars" && keyword != "vectors")
      unsupported("it has ", in_quotes(name),
                  keyword == "cell_data" ? ", values of the cells between the points," : "",
                  " in front of its pixels; swr reads SCALARS, COLOR_SCALARS and VECTORS of "
                  "POINT_DATA, if they come first");
    check_points();
    const auto words = words_of(rest, 4);
    if (words.size() < 2) corrupt(name, " needs a name and a type");
    header_.keyword = keyword;
    header_.array = words[0].text;
    PixelType& pixel = header_.pixel;
    if (keyword == "color_scalars") {
      pixel.components = count_of(words[1].text);
      pixel.component = SWR_UINT8;
      header_.is_colour = true;
    } else {
      const TypeRow* const type = type_of(words[1].text);
      if (!type) unsupported("swr does not read pixels of the type ", in_quotes(words[1].text));
      pixel.component = type->component;
      header_.has_long = type->name == "long" || type->name == "unsigned_long";
      pixel.components = keyword == "vectors" ? vtk_axes
                         : words.size() > 2   ? count_of(words[2].text)
                                              : 1;
    }
    pixel.kind = default_kind(pixel.components);
    if (keyword == "color_scalars" && pixel.components == 3) pixel.kind = SWR_KIND_RGB;
    if (keyword == "color_scalars" && pixel.components == 4) pixel.kind = SWR_KIND_RGBA;
    if (keyword == "scalars") skip_lookup_table();
    header_.end = at_;
  }

  int count_of(std::string_view word) const {
    constexpr int64_t most = 1 << 20;
    const auto count = integer_of(word);
    if (!count || *count < 1 || *count > most)
      corrupt("the number of components is ", in_quotes(word));
    return static_cast<int>(*count);
  }

  void check_points() const {
    const auto words = words_of(header_.points.value(), 2);
    const auto points = words.empty() ? std::nullopt : integer_of(words[0].text);
    const auto& size = header_.size;
    if (size[0] == 0) corrupt("there is no DIMENSIONS in front of the pixels");
    const auto product = bytes_of_axes(size.data(), vtk_axes, 1);
    if (!product) corrupt("the DIMENSIONS ", size[0], " ", size[1], " ", size[2], " are too large");
    if (points != product)
      corrupt("POINT_DATA is ", in_quotes(header_.points.text), ", and DIMENSIONS say ", *product,
              " points");
  }

  // Some writers leave it out.
  void skip_lookup_table() {
    constexpr std::string_view keyword = "lookup_table";
    if (text_.size() - at_ < keyword.size() && !is_whole_) throw EndOfText{};
    if (lower_case(text_.substr(at_, keyword.size())) == keyword) line();
  }
};

// What is wrong with it is told by the scan of all that was read.
bool is_complete(std::string_view text) {
  const std::string no_path;
  try {
    return Scanner(text, no_path, false).scan().has_value();
  } catch (const Error&) {
    return true;
  }
}

}  // namespace

VtkHeader read_vtk_header(const File& file) {
  const std::string text = read_text_header(file, is_complete);
  auto header = Scanner(text, file.path(), true).scan();
  if (!header)
    fail(SWR_ERROR_CORRUPT, file.path(), ": the file ends within its header, before any pixels");
  return std::move(*header);
}

const char* vtk_type_name(swr_component component) {
  const auto* const row = std::find_if(std::begin(types), std::end(types),
                                       [&](const TypeRow& r) { return r.component == component; });
  return row == std::end(types) ? nullptr : row->name.data();
}

}  // namespace swr
