#include "formats/vti_header.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/error.h"
#include "codecs/xml.h"

namespace swr {
namespace {

constexpr int64_t most_blanks = 65536;  // in front of the appended data
constexpr int64_t largest_offset = std::numeric_limits<int64_t>::max() / 4;

struct TypeRow {
  const char* name;
  swr_component component;
};
constexpr TypeRow types[] = {
    {"Int8", SWR_INT8},       {"UInt8", SWR_UINT8},   {"Int16", SWR_INT16},
    {"UInt16", SWR_UINT16},   {"Int32", SWR_INT32},   {"UInt32", SWR_UINT32},
    {"Int64", SWR_INT64},     {"UInt64", SWR_UINT64}, {"Float32", SWR_FLOAT32},
    {"Float64", SWR_FLOAT64},
};

VtiValue value_of(const XmlElement& element, std::string_view name) {
  const XmlAttribute* const found = element.find(name);
  return found ? VtiValue{found->value, found->offset, found->width} : VtiValue{};
}

class Scanner {
 public:
  Scanner(std::string_view text, const std::string& path) : text_(text), path_(path) {}

  // False if the text ends before the appended data begin.
  bool scan() {
    XmlVisitor visitor;
    visitor.begin = [this](const XmlElement& element) { return begin(element); };
    const XmlWalk walk = walk_xml(text_, path_, visitor);
    if (walk == XmlWalk::ended) {
      if (header_.pieces.empty()) corrupt("there is no Piece in it");
      unsupported("no data are appended to it");
    }
    return walk == XmlWalk::stopped;
  }

  VtiHeader header() && {
    header_.text = text_.substr(0, static_cast<size_t>(header_.data));
    return std::move(header_);
  }

 private:
  std::string_view text_;
  const std::string& path_;
  VtiHeader header_;
  std::vector<std::string> names_;  // of the elements around, the root first

  template <typename... Parts>
  [[noreturn]] void corrupt(const Parts&... parts) const {
    fail(SWR_ERROR_CORRUPT, path_, ": ", parts...);
  }
  template <typename... Parts>
  [[noreturn]] void unsupported(const Parts&... parts) const {
    fail(SWR_ERROR_UNSUPPORTED, path_, ": ", parts...,
         "; swr reads VTK image data whose pixels are appended, raw and not compressed");
  }

  bool is_in(std::initializer_list<std::string_view> names) const {
    return std::ranges::equal(names_, names);
  }

  bool begin(const XmlElement& element) {
    names_.resize(static_cast<size_t>(element.depth));
    const bool goes_on = take(element);
    names_.push_back(element.name);
    return goes_on;
  }

  bool take(const XmlElement& element) {
    const std::string& name = element.name;
    if (names_.empty()) {
      take_root(element);
    } else if (is_in({"VTKFile"})) {
      if (name == "AppendedData") return take_data(element);
      if (name == "ImageData") take_image(element);
      if (name == "FieldData") header_.has_fields = true;
    } else if (is_in({"VTKFile", "ImageData"})) {
      if (name == "Piece") header_.pieces.push_back({.extent = value_of(element, "Extent")});
      if (name == "FieldData") header_.has_fields = true;
    } else if (header_.pieces.empty()) {
      return true;
    } else if (is_in({"VTKFile", "ImageData", "Piece"})) {
      if (name == "PointData") take_names(element);
    } else if (is_in({"VTKFile", "ImageData", "Piece", "PointData"})) {
      take_array(element);
    } else if (is_in({"VTKFile", "ImageData", "Piece", "CellData"})) {
      expect_appended(element);
      header_.pieces.back().has_cells = true;
    } else if (is_in({"VTKFile", "ImageData", "Piece", "PointData", "DataArray"})) {
      if (name == "InformationKey") take_information(element);
    }
    return true;
  }

  void take_root(const XmlElement& element) {
    if (element.name != "VTKFile") corrupt("its XML is ", in_quotes(element.name), ", not VTKFile");
    const auto type = element.value_of("type");
    if (type != "ImageData") unsupported("it holds VTK's ", in_quotes(type));
    const auto compressor = element.value_of("compressor");
    if (!compressor.empty()) unsupported("its data are compressed by ", in_quotes(compressor));
    const auto order = element.value_of("byte_order");
    if (order != "LittleEndian" && order != "BigEndian")
      corrupt("the byte_order is ", in_quotes(order));
    header_.big_endian = order == "BigEndian";
    const auto lengths = element.value_of("header_type");
    if (!lengths.empty() && lengths != "UInt32" && lengths != "UInt64")
      corrupt("the header_type is ", in_quotes(lengths));
    header_.length_bytes = lengths == "UInt64" ? 8 : 4;
  }

  void take_image(const XmlElement& element) {
    if (!header_.whole_extent.text.empty()) corrupt("it has two ImageData");
    header_.whole_extent = value_of(element, "WholeExtent");
    header_.origin = element.value_of("Origin");
    header_.spacing = element.value_of("Spacing");
    header_.direction = element.value_of("Direction");
    header_.dimensions = element.value_of("swr_dimensions");
    header_.index = element.value_of("swr_index");
  }

  void take_names(const XmlElement& element) {
    VtiPiece& piece = header_.pieces.back();
    piece.scalars = element.value_of("Scalars");
    piece.vectors = element.value_of("Vectors");
    piece.tensors = element.value_of("Tensors");
  }

  // What is not appended would have to be read to the end of the file.
  void expect_appended(const XmlElement& element) const {
    const auto format = element.value_of("format");
    if (format != "appended")
      unsupported("the values of ", in_quotes(element.value_of("Name")), " have the format ",
                  in_quotes(format));
  }

  void take_array(const XmlElement& element) {
    expect_appended(element);
    VtiArray array;
    array.name = element.value_of("Name");
    array.type = element.name == "DataArray" ? element.value_of("type") : element.name;
    array.components = element.value_of("NumberOfComponents");
    array.kind = element.value_of("swr_kind");
    const auto offset = integer_of(trimmed(element.value_of("offset")));
    if (!offset || *offset < 0 || *offset > largest_offset)
      corrupt("the offset of ", in_quotes(array.name), " is ",
              in_quotes(element.value_of("offset")));
    array.offset = *offset;
    for (const char* const name : {"RangeMin", "RangeMax"}) {
      const XmlAttribute* const range = element.find(name);
      const size_t begin = range ? text_.rfind(name, range->offset) : text_.npos;
      if (begin != text_.npos) array.ranges.emplace_back(begin, range->offset + range->width + 1);
    }
    for (const XmlAttribute& attribute : element.attributes) {
      if (attribute.name.starts_with("ComponentName"))
        array.component_names +=
            swr::text(" ", attribute.name, "=\"", xml_escaped(attribute.value), "\"");
    }
    header_.pieces.back().arrays.push_back(std::move(array));
  }

  void take_information(const XmlElement& element) {
    VtiArray& array = header_.pieces.back().arrays.back();
    if (element.value_of("name").find("RANGE") == std::string_view::npos) {
      array.has_information = true;
      return;
    }
    constexpr std::string_view last = "</InformationKey>";
    const size_t end = text_.find(last, element.begin);
    if (end != text_.npos) array.ranges.emplace_back(element.begin, end + last.size());
  }

  bool take_data(const XmlElement& element) {
    const auto encoding = element.value_of("encoding");
    if (encoding != "raw") unsupported("its appended data have the encoding ", in_quotes(encoding));
    if (header_.pieces.empty()) corrupt("there is no Piece in it");
    header_.data = static_cast<int64_t>(element.end);
    return false;
  }
};

// What is wrong with it is told by the scan of all that was read.
bool is_complete(std::string_view text) {
  const std::string no_path;
  try {
    return Scanner(text, no_path).scan();
  } catch (const Error&) {
    return true;
  }
}

int64_t begin_of_data(const File& file, int64_t tag_end) {
  std::string bytes(static_cast<size_t>(most_blanks), '\0');
  bytes.resize(
      static_cast<size_t>(file.read_some(tag_end, std::as_writable_bytes(std::span(bytes)))));
  const size_t mark = bytes.find_first_not_of(" \t\r\n");
  if (mark == bytes.npos || bytes[mark] != '_')
    fail(SWR_ERROR_CORRUPT, file.path(), ": there is no \"_\" in front of the appended data");
  return tag_end + static_cast<int64_t>(mark) + 1;
}

}  // namespace

VtiHeader read_vti_header(const File& file) {
  const std::string text = read_text_header(file, is_complete);
  Scanner scanner(text, file.path());
  if (!scanner.scan())
    fail(SWR_ERROR_CORRUPT, file.path(), ": the file ends within its header, before any pixels");
  VtiHeader header = std::move(scanner).header();
  header.data = begin_of_data(file, header.data);
  return header;
}

const VtiArray* pixel_array(const VtiPiece& piece) {
  for (const std::string* name : {&piece.scalars, &piece.vectors, &piece.tensors}) {
    const auto found = std::ranges::find(piece.arrays, *name, &VtiArray::name);
    if (!name->empty() && found != piece.arrays.end()) return &*found;
  }
  return piece.arrays.empty() ? nullptr : &piece.arrays.front();
}

VtiExtent vti_extent(const VtiValue& value, const std::string& path) {
  const auto words = words_of({value.text, 0}, size_t{2} * vti_axes + 1);
  VtiExtent extent{};
  bool is_good = words.size() == extent.size();
  for (size_t i = 0; is_good && i < extent.size(); ++i) {
    const auto number = integer_of(words[i].text);
    is_good = number && *number >= std::numeric_limits<int32_t>::min() &&
              *number <= std::numeric_limits<int32_t>::max() &&
              (i % 2 == 0 || *number >= extent[i - 1]);
    if (is_good) extent[i] = *number;
  }
  if (!is_good)
    fail(SWR_ERROR_CORRUPT, path, ": the extent ", in_quotes(value.text),
         " is not the first and the last index of three axes");
  return extent;
}

swr_kind vti_kind(swr_component component, int components, bool is_vectors) {
  if (component == SWR_UINT8 && !is_vectors && components == 3) return SWR_KIND_RGB;
  if (component == SWR_UINT8 && !is_vectors && components == 4) return SWR_KIND_RGBA;
  return default_kind(components);
}

PixelType vti_pixel(const VtiPiece& piece, const VtiArray& array, const std::string& path) {
  constexpr int64_t most_components = 1 << 20;
  const auto* const row =
      std::ranges::find_if(types, [&](const TypeRow& type) { return array.type == type.name; });
  if (row == std::end(types))
    fail(SWR_ERROR_UNSUPPORTED, path, ": the pixels ", in_quotes(array.name), " have the type ",
         in_quotes(array.type), "; swr reads integers of 8 to 64 bits, Float32 and Float64");
  const auto count = array.components.empty() ? 1 : integer_of(trimmed(array.components));
  if (!count || *count < 1 || *count > most_components)
    fail(SWR_ERROR_CORRUPT, path, ": the NumberOfComponents is ", in_quotes(array.components));
  PixelType pixel;
  pixel.component = row->component;
  pixel.components = static_cast<int>(*count);
  const auto kind = kind_of_name(array.kind);
  pixel.kind = kind && kind_fits(*kind, pixel.components)
                   ? *kind
                   : vti_kind(pixel.component, pixel.components, array.name != piece.scalars);
  return pixel;
}

const char* vti_type_name(swr_component component) {
  const auto* const row = std::ranges::find(types, component, &TypeRow::component);
  return row == std::end(types) ? nullptr : row->name;
}

}  // namespace swr
