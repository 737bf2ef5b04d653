#include "formats/metaimage_header.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "formats/metaimage_names.h"

namespace swr {
namespace {

constexpr std::string_view order_of_fields[] = {
    "ObjectType",
    "NDims",
    "BinaryData",
    "BinaryDataByteOrderMSB",
    "CompressedData",
    "CompressedDataSize",
    "TransformMatrix",
    "Offset",
    "CenterOfRotation",
    "AnatomicalOrientation",
    "DistanceUnits",
    "ElementSpacing",
    pairs_place,
    filler_place,
    "DimSize",
    "ElementNumberOfChannels",
    "ElementToIntensityFunctionSlope",
    "ElementToIntensityFunctionOffset",
    "ElementType",
    "ElementDataFile",
};

bool is_separator(char c) {
  return c == '=' || c == ':';
}

// Whether the field is a list of numbers, which may continue on the next lines.
bool holds_numbers(std::string_view name) {
  constexpr std::string_view lists[] = {
      "CenterOfRotation", "DimSize",       "ElementDirection", "ElementOrigin", "ElementSize",
      "ElementSpacing",   "ImagePosition", "Offset",           "Orientation",   "Origin",
      "Position",         "Rotation",      "TransformMatrix"};
  return std::find(std::begin(lists), std::end(lists), name) != std::end(lists);
}

bool is_numbers(std::string_view text) {
  const auto words = words_of({text, 0}, text.size() + 1);
  return std::all_of(words.begin(), words.end(),
                     [](const HeaderValue& word) { return double_of(word.text).has_value(); });
}

// Whether the text holds the whole header: up to the line of ElementDataFile, unless a list follows
// it.
bool is_complete(std::string_view text) {
  HeaderLines lines(text);
  std::string_view name;
  HeaderValue value;
  for (HeaderLine line; lines.next(line);) {
    if (line.ended && split_metaimage_line(line, name, value) && name == "ElementDataFile")
      return !value.text.starts_with("LIST");
  }
  return false;
}

}  // namespace

const HeaderSyntax& metaimage_syntax(int dimensions) {
  // ITK's order: AnatomicalOrientation comes late if the image is not three-dimensional.
  static constexpr auto other_order = [] {
    auto order = std::to_array(order_of_fields);
    auto* const orientation = std::find(order.begin(), order.end(), "AnatomicalOrientation");
    auto* const end = std::find(order.begin(), order.end(), "DimSize") + 1;
    std::rotate(orientation, orientation + 1, end);
    return order;
  }();
  static constexpr HeaderSyntax solid = {order_of_fields, " = ", " = ", "swr_pad = "};
  static constexpr HeaderSyntax other = {other_order, " = ", " = ", "swr_pad = "};
  return dimensions == 3 ? solid : other;
}

bool split_metaimage_line(const HeaderLine& line, std::string_view& name, HeaderValue& value) {
  const size_t separator = line.text.find_first_of("=:");
  if (separator == std::string_view::npos) return false;
  name = trimmed(line.text.substr(0, separator));
  size_t begin = separator;
  while (begin < line.text.size() &&
         (is_separator(line.text[begin]) || line.text[begin] == ' ' || line.text[begin] == '\t'))
    ++begin;
  value = trimmed(HeaderValue{line.text.substr(begin), line.begin + begin});
  return !name.empty();
}

namespace {

// A line as the draft keeps it: one blank belongs to the separator, further ones to the value.
HeaderDraft::Line draft_line(const std::string& header, const HeaderLine& line,
                             HeaderDraft::Role role, std::string_view name) {
  HeaderDraft::Line out;
  out.role = role;
  out.name = name;
  const std::string_view text = std::string_view(header).substr(line.begin, line.next - line.begin);
  size_t value = line.text.find_first_of("=:") + 1;
  while (value < line.text.size() && is_separator(line.text[value])) ++value;
  if (value < line.text.size() && line.text[value] == ' ') ++value;
  out.head = text.substr(0, value);
  out.value = line.text.substr(value);
  out.tail = text.substr(line.text.size());
  return out;
}

// Trailing blanks belong to the text.
std::string_view with_blanks(const HeaderLine& line, const HeaderValue& value) {
  return value.text.empty() ? value.text : line.text.substr(value.offset - line.begin);
}

class HeaderReader {
 public:
  HeaderReader(const std::string& path, const File& file) {
    header_.path = path;
    header_.text = std::make_unique<const std::string>(read_text_header(file, is_complete));
  }

  MetaImageHeader read() {
    HeaderLines lines(*header_.text);
    for (HeaderLine line; !at_end_ && lines.next(line);) take(line);
    if (header_.end == 0)
      fail(SWR_ERROR_CORRUPT, header_.path, ": the header has no field ElementDataFile");
    return std::move(header_);
  }

 private:
  MetaImageHeader header_;
  std::string_view last_field_;
  bool at_end_ = false;

  void take(const HeaderLine& line) {
    if (header_.end > 0) {
      if (!trimmed(line.text).empty()) header_.listed.push_back(trimmed(line.text));
      return;
    }
    const std::string_view text =
        std::string_view(*header_.text).substr(line.begin, line.next - line.begin);
    std::string_view name;
    HeaderValue value;
    if (trimmed(line.text).empty()) {
      header_.draft.take({HeaderDraft::Role::comment, {}, {}, {}, std::string(text)});
    } else if (split_metaimage_line(line, name, value)) {
      take_field(line, name, value);
    } else if (holds_numbers(last_field_) && is_numbers(line.text)) {
      HeaderValue& list = header_.fields.at(last_field_);
      list.text = std::string_view(*header_.text)
                      .substr(list.offset, line.begin + line.text.size() - list.offset);
      header_.draft.take_continuation(text);
    } else {
      fail(SWR_ERROR_CORRUPT, header_.path, ": line ", line.number, " of the header, \"",
           trimmed(line.text).substr(0, 80), "\", is not \"name = value\"");
    }
  }

  void take_field(const HeaderLine& line, std::string_view name, const HeaderValue& value) {
    const bool own = is_metaimage_field(name);
    const auto role = own                  ? HeaderDraft::Role::field
                      : name == filler_key ? HeaderDraft::Role::filler
                                           : HeaderDraft::Role::pair;
    header_.draft.take(draft_line(*header_.text, line, role, name));
    last_field_ = own ? name : std::string_view();
    if (own) header_.fields[name] = value;
    if ((!own || is_descriptive_field(name)) && !value.text.empty())
      header_.metadata.set(name, with_blanks(line, value));
    if (name != "ElementDataFile") return;
    header_.end = line.next;
    at_end_ = !value.text.starts_with("LIST");
  }
};

}  // namespace

MetaImageHeader read_metaimage_header(const std::string& path, OpenFiles& files) {
  return HeaderReader(path, *files.open(path)).read();
}

std::vector<std::string> MetaImageSource::own_fields() const {
  std::vector<std::string> names;
  for (const char* name : {"CenterOfRotation", "Color", "ElementMax", "ElementMin", "ID",
                           "ObjectSubType", "ParentID", "SequenceID"}) {
    const auto* const line = draft.field(name);
    if (line && trimmed(line->value).find_first_not_of("0- 1") != std::string_view::npos)
      names.emplace_back(name);
  }
  return names;
}

}  // namespace swr
