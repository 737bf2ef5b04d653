#include "formats/vti_header.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/error.h"
#include "codecs/xml.h"
#include "formats/vti_compressor.h"
#include "formats/vti_document.h"
#include "formats/vti_fields.h"

namespace swr {
namespace {

constexpr int64_t most_blanks = 65536;  // in front of the appended data
constexpr int64_t largest_offset = std::numeric_limits<int64_t>::max() / 4;

VtiValue value_of(const XmlElement& element, std::string_view name) {
  const XmlAttribute* const found = element.find(name);
  return found ? VtiValue{found->value, found->offset, found->width} : VtiValue{};
}

class Scanner {
 public:
  Scanner(const VtiDocument& document, const std::string& path)
      : document_(document), text_(document.text), path_(path) {}

  VtiHeader scan() {
    XmlVisitor visitor;
    visitor.begin = [this](const XmlElement& element) { return begin(element); };
    visitor.end = [this](std::string_view, size_t begin, size_t end) { finish(begin, end); };
    const XmlWalk walk = walk_xml(text_, path_, visitor);
    if (walk == XmlWalk::incomplete) corrupt("the file ends within its header, before any pixels");
    if (header_.pieces.empty()) corrupt("there is no Piece in it");
    if (!header_.has_data && !header_.offsets.empty()) corrupt("no data are appended to it");
    keep_ascii_alone();
    set_forms();
    header_.text = document_.text;
    header_.has_inline = !document_.values.empty();
    return std::move(header_);
  }

  void add_stored_strings(const File& file, VtiHeader& header) {
    fields_.add_stored_strings(file, header);
  }

 private:
  const VtiDocument& document_;
  std::string_view text_;
  const std::string& path_;
  VtiHeader header_{};
  VtiFieldScanner fields_{document_, header_.fields};
  std::vector<std::string> names_;  // of the elements around, the root first
  std::vector<size_t> begins_;      // of their contents
  size_t kept_to_ = 0;              // what is inside of the array is kept up to here
  bool is_range_ = false;           // the InformationKey around

  template <typename... Parts>
  [[noreturn]] void corrupt(const Parts&... parts) const {
    fail(SWR_ERROR_CORRUPT, path_, ": ", parts...);
  }
  template <typename... Parts>
  [[noreturn]] void unsupported(const Parts&... parts) const {
    fail(SWR_ERROR_UNSUPPORTED, path_, ": ", parts...,
         "; swr reads VTK image data whose pixels are not compressed, or by "
         "vtkZLibDataCompressor, vtkLZ4DataCompressor or vtkLZMADataCompressor");
  }

  bool is_in(std::initializer_list<std::string_view> names) const {
    return std::ranges::equal(names_, names);
  }

  bool is_in_fields() const {
    return is_in({"VTKFile", "FieldData"}) || is_in({"VTKFile", "ImageData", "FieldData"});
  }
  bool is_in_points() const { return is_in({"VTKFile", "ImageData", "Piece", "PointData"}); }
  bool is_in_array() const {
    return is_in({"VTKFile", "ImageData", "Piece", "PointData", "DataArray"});
  }

  bool begin(const XmlElement& element) {
    const bool goes_on = take(element);
    names_.push_back(element.name);
    begins_.push_back(element.end);
    return goes_on;
  }

  // At an end tag.
  void finish(size_t tag, size_t end) {
    const std::string name = std::move(names_.back());
    const size_t begin = begins_.back();
    names_.pop_back();
    begins_.pop_back();
    if (name == "FieldData" && is_around_fields()) {
      fields_.finish_fields(end);
    } else if (is_in_fields()) {
      fields_.finish_field(begin, tag, end);
    } else if (is_in_array() && name == "InformationKey") {
      finish_key(end);
    } else if (is_in_points()) {
      finish_array(begin, tag);
    }
  }

  bool take(const XmlElement& element) {
    const std::string& name = element.name;
    if (names_.empty()) {
      take_root(element);
    } else if (is_in({"VTKFile"})) {
      if (name == "AppendedData") return take_data(element);
      if (name == "ImageData") take_image(element);
      if (name == "FieldData") fields_.begin_fields(element);
    } else if (is_in({"VTKFile", "ImageData"})) {
      if (name == "Piece") {
        header_.pieces.push_back({.extent = value_of(element, "Extent")});
        keep(element, {"Extent"}, header_.pieces.back().kept);
      }
      if (name == "FieldData") fields_.begin_fields(element);
    } else if (is_in_fields()) {
      begin_field(element);
    } else if (header_.pieces.empty()) {
      return true;
    } else if (is_in({"VTKFile", "ImageData", "Piece"})) {
      if (name == "PointData") {
        take_names(element);
      } else if (name != "CellData") {
        header_.pieces.back().kept.names.push_back(name);
        header_.pieces.back().kept.is_carried = false;
      }
    } else if (is_in_points()) {
      take_array(element);
    } else if (is_in({"VTKFile", "ImageData", "Piece", "CellData"})) {
      take_place(element);
      header_.pieces.back().has_cells = true;
    } else if (is_in_array()) {
      take_key(element);
    }
    return true;
  }

  void take_root(const XmlElement& element) {
    if (element.name != "VTKFile") corrupt("its XML is ", in_quotes(element.name), ", not VTKFile");
    const auto type = element.value_of("type");
    if (type != "ImageData") unsupported("it holds VTK's ", in_quotes(type));
    header_.compressor = element.value_of("compressor");
    if (!header_.compressor.empty() && !find_vti_compressor(header_.compressor))
      unsupported("its data are compressed by ", in_quotes(header_.compressor));
    const auto order = element.value_of("byte_order");
    if (order != "LittleEndian" && order != "BigEndian")
      corrupt("the byte_order is ", in_quotes(order));
    header_.big_endian = order == "BigEndian";
    const auto lengths = element.value_of("header_type");
    if (!lengths.empty() && lengths != "UInt32" && lengths != "UInt64")
      corrupt("the header_type is ", in_quotes(lengths));
    header_.length_bytes = lengths == "UInt64" ? 8 : 4;
    keep(element, {"type", "version", "byte_order", "header_type", "compressor"},
         header_.root_kept);
  }

  void take_image(const XmlElement& element) {
    if (!header_.whole_extent.text.empty()) corrupt("it has two ImageData");
    header_.whole_extent = value_of(element, "WholeExtent");
    header_.origin = element.value_of("Origin");
    header_.spacing = element.value_of("Spacing");
    header_.direction = element.value_of("Direction");
    header_.dimensions = element.value_of("swr_dimensions");
    header_.index = element.value_of("swr_index");
    keep(element, {"WholeExtent", "Origin", "Spacing", "Direction", "swr_dimensions", "swr_index"},
         header_.image_kept);
  }

  void take_names(const XmlElement& element) {
    VtiPiece& piece = header_.pieces.back();
    piece.scalars = element.value_of("Scalars");
    piece.vectors = element.value_of("Vectors");
    piece.tensors = element.value_of("Tensors");
  }

  static void keep(const XmlElement& element, std::initializer_list<std::string_view> known,
                   VtiKept& kept) {
    for (const XmlAttribute& each : element.attributes) {
      if (std::ranges::find(known, each.name) != known.end()) continue;
      kept.attributes += text(" ", each.name, "=\"", xml_escaped(each.value), "\"");
      kept.names.push_back(each.name);
    }
  }

  // Text of another encoding is not kept as it is.
  void keep_ascii_alone() {
    const auto is_ascii = [](const std::string& text) {
      return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 128; });
    };
    const std::string_view declaration = text_.substr(0, text_.find('>'));
    const size_t encoding = declaration.find("encoding");
    if (!trimmed(text_).starts_with("<?xml") || encoding == text_.npos ||
        lower_case(declaration.substr(encoding)).find("utf-8") != std::string::npos)
      return;
    for (VtiFields& fields : header_.fields)
      fields.is_carried = fields.is_carried && is_ascii(fields.text);
    for (VtiPiece& piece : header_.pieces) {
      for (VtiArray& array : piece.arrays) {
        if (is_ascii(array.kept.inside)) continue;
        array.kept.inside.clear();
        array.kept.is_carried = false;
      }
    }
  }

  bool is_around_fields() const { return is_in({"VTKFile"}) || is_in({"VTKFile", "ImageData"}); }

  void begin_field(const XmlElement& element) {
    std::optional<int64_t> offset;
    if (element.value_of("format") == "appended") offset = take_offset(element);
    fields_.begin_field(element, offset);
  }

  int64_t take_offset(const XmlElement& element) {
    const auto offset = integer_of(trimmed(element.value_of("offset")));
    if (!offset || *offset < 0 || *offset > largest_offset)
      corrupt("the offset of ", in_quotes(element.value_of("Name")), " is ",
              in_quotes(element.value_of("offset")));
    header_.offsets.push_back(*offset);
    return *offset;
  }

  // The place of the values, and their form unless they are appended, which is known later.
  VtiArray take_place(const XmlElement& element) {
    VtiArray array;
    const auto format = element.value_of("format");
    array.is_appended = format == "appended";
    if (array.is_appended) {
      array.offset = take_offset(element);
      return array;
    }
    if (format != "ascii" && format != "binary")
      unsupported("the values of ", in_quotes(element.value_of("Name")), " have the format ",
                  in_quotes(format));
    array.form = format == "ascii" ? VtiForm::text : VtiForm::base64;
    const auto values = std::ranges::lower_bound(document_.values, element.end, {}, &VtiInline::at);
    if (values == document_.values.end() || values->at != element.end) return array;
    array.begin = values->begin;
    array.end = values->end;
    return array;
  }

  void set_forms() {
    for (VtiPiece& piece : header_.pieces) {
      for (VtiArray& array : piece.arrays) {
        if (array.is_appended && header_.is_base64) array.form = VtiForm::base64;
      }
    }
  }

  void take_array(const XmlElement& element) {
    VtiArray array = take_place(element);
    array.name = element.value_of("Name");
    array.type = element.name == "DataArray" ? element.value_of("type") : element.name;
    array.components = element.value_of("NumberOfComponents");
    array.kind = element.value_of("swr_kind");
    keep(element,
         {"Name", "type", "NumberOfComponents", "NumberOfTuples", "format", "offset", "swr_kind",
          "RangeMin", "RangeMax"},
         array.kept);
    kept_to_ = element.end;
    for (const char* const name : {"RangeMin", "RangeMax"}) {
      const XmlAttribute* const range = element.find(name);
      const size_t begin = range ? text_.rfind(name, range->offset) : text_.npos;
      if (begin != text_.npos) array.ranges.emplace_back(begin, range->offset + range->width + 1);
    }
    header_.pieces.back().arrays.push_back(std::move(array));
  }

  // What is in an array: VTK's InformationKeys. Those of ranges are no longer true after a change.
  void take_key(const XmlElement& element) {
    VtiArray& array = header_.pieces.back().arrays.back();
    is_range_ = element.name == "InformationKey" &&
                element.value_of("name").find("RANGE") != std::string_view::npos;
    if (is_range_) {
      array.kept.inside += text_.substr(kept_to_, element.begin - kept_to_);
      array.ranges.emplace_back(element.begin, element.begin);
    } else {
      array.kept.names.push_back(element.name);
    }
  }

  void finish_key(size_t end) {
    if (!is_range_) return;
    header_.pieces.back().arrays.back().ranges.back().second = end;
    kept_to_ = end;
  }

  void finish_array(size_t begin, size_t tag) {
    if (header_.pieces.empty() || header_.pieces.back().arrays.empty() || tag < begin) return;
    VtiKept& kept = header_.pieces.back().arrays.back().kept;
    kept.inside += text_.substr(kept_to_, tag - kept_to_);
    if (trimmed(kept.inside).empty()) kept.inside.clear();
  }

  bool take_data(const XmlElement& element) {
    const auto encoding = element.value_of("encoding");
    if (encoding != "raw" && encoding != "base64")
      unsupported("its appended data have the encoding ", in_quotes(encoding));
    header_.is_base64 = encoding == "base64";
    header_.has_data = true;
    return false;
  }
};

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
  const VtiDocument document = read_vti_document(file);
  Scanner scanner(document, file.path());
  VtiHeader header = scanner.scan();
  header.data = header.has_data ? begin_of_data(file, document.end) : document.end;
  scanner.add_stored_strings(file, header);
  return header;
}

bool have_one_form(const VtiArray& a, const VtiArray& b) {
  return a.form == b.form && a.is_appended == b.is_appended;
}

}  // namespace swr
