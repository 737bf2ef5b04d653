#include "formats/metaimage_description.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "formats/data_parts.h"
#include "formats/metaimage_names.h"
#include "image/unit.h"

namespace swr {
namespace {

constexpr int64_t most_components = int64_t{1} << 24;

// The number of axes of each file of a list: "2" or "2D".
std::optional<int64_t> axes_of_files(std::string_view word) {
  if (word.ends_with('D')) word.remove_suffix(1);
  return integer_of(word);
}

// "LIST", or "LIST" with the number of axes of each file.
bool is_list(const HeaderValue& value) {
  const auto words = words_of(value, 3);
  return words[0].text == "LIST" &&
         (words.size() == 1 || (words.size() == 2 && axes_of_files(words[1].text)));
}

class Describer {
 public:
  explicit Describer(MetaImageHeader header) : header_(std::move(header)) {}

  Description describe() {
    read_shape();
    read_kind();
    read_start_index();
    read_geometry();
    read_intensity();
    read_layout();
    read_parts();
    file_.header_bytes = static_cast<int64_t>(header_.end);
    header_.metadata.close_gaps();
    file_.image.metadata = std::move(header_.metadata);
    file_.header = std::make_shared<MetaImageSource>(
        std::move(header_.draft), file_.header_bytes,
        header_.listed.empty() && header_.end == header_.text->size() && !is_local(), lists_files_);
    return std::move(file_);
  }

 private:
  MetaImageHeader header_;
  Description file_;
  bool lists_files_ = false;

  template <typename... Parts>
  [[noreturn]] void corrupt(const Parts&... parts) const {
    fail(SWR_ERROR_CORRUPT, header_.path, ": ", parts...);
  }
  template <typename... Parts>
  [[noreturn]] void unsupported(const Parts&... parts) const {
    fail(SWR_ERROR_UNSUPPORTED, header_.path, ": ", parts...);
  }

  const HeaderValue* find(std::string_view name) const {
    const auto found = header_.fields.find(name);
    return found == header_.fields.end() ? nullptr : &found->second;
  }

  const HeaderValue& require(std::string_view name) const {
    const HeaderValue* field = find(name);
    if (!field) corrupt("there is no field ", name);
    return *field;
  }

  int64_t integer(std::string_view name, int64_t if_absent) const {
    const HeaderValue* field = find(name);
    if (!field) return if_absent;
    const auto value = integer_of(field->text);
    if (!value) corrupt(name, " = ", field->text.substr(0, 80), " is not a whole number");
    return *value;
  }

  // The first `count` numbers of a field; further ones are ignored, as in MetaIO.
  std::vector<double> numbers(std::string_view name, const HeaderValue& field, int count) const {
    const auto words = words_of(field, static_cast<size_t>(count) + 1);
    if (words.size() < static_cast<size_t>(count))
      corrupt(name, " has ", words.size(), " numbers, ", count, " are needed");
    std::vector<double> values;
    for (int i = 0; i < count; ++i) {
      const auto value = double_of(words[i].text);
      if (!value || !std::isfinite(*value))
        corrupt(name, " has \"", words[i].text.substr(0, 80), "\" where a finite number belongs");
      values.push_back(*value);
    }
    return values;
  }

  // The numbers of the first of these fields that exists; empty if there is none.
  std::vector<double> first_of(std::initializer_list<std::string_view> names, int count) const {
    for (const auto name : names) {
      if (const HeaderValue* field = find(name)) return numbers(name, *field, count);
    }
    return {};
  }

  void read_shape() {
    if (const HeaderValue* type = find("ObjectType"); type && type->text != "Image") {
      unsupported("it holds an object of type ", type->text.substr(0, 80), ", not an image");
    }
    require("NDims");
    const int64_t dimensions = integer("NDims", 0);
    if (dimensions < 1) corrupt("NDims is ", dimensions);
    if (dimensions > most_metaimage_axes)
      unsupported("NDims is ", dimensions, "; MetaImage has at most ", most_metaimage_axes,
                  " dimensions");
    Region& region = file_.image.region;
    region.dimensions = static_cast<int>(dimensions);
    const auto sizes = words_of(require("DimSize"), static_cast<size_t>(dimensions) + 1);
    if (sizes.size() < static_cast<size_t>(dimensions))
      corrupt("DimSize has ", sizes.size(), " numbers for ", dimensions, " dimensions");
    for (int axis = 0; axis < region.dimensions; ++axis) {
      const auto size = integer_of(sizes[axis].text);
      if (!size || *size < 1)
        corrupt("DimSize has \"", sizes[axis].text.substr(0, 80), "\" where a size belongs");
      region.size[axis] = *size;
    }
  }

  void read_kind() {
    PixelType& pixel = file_.image.pixel;
    const HeaderValue& type = require("ElementType");
    pixel.component = metaimage_component(type.text);
    if (pixel.component == SWR_COMPONENT_UNKNOWN)
      unsupported("pixels of ElementType ", type.text.substr(0, 80), " are unknown");
    const int64_t components = integer("ElementNumberOfChannels", 1);
    if (components < 1 || components > most_components)
      corrupt("ElementNumberOfChannels is ", components);
    pixel.components = static_cast<int>(components);
    pixel.kind = metaimage_default_kind(pixel.component, pixel.components);
    if (const auto name = header_.metadata.take(kind_key)) {
      const auto kind = kind_of_name(*name);
      if (kind && kind_fits(*kind, pixel.components)) pixel.kind = *kind;
    }
    const Region& region = file_.image.region;
    if (!bytes_of_axes(region.size.data(), region.dimensions, pixel.bytes()))
      corrupt("DimSize is more than a file can hold");
  }

  // A start index that does not fit the image was left over by a program that does not know the
  // field.
  void read_start_index() {
    header_.metadata.take(filler_key);
    if (const auto text = header_.metadata.take(start_index_key))
      set_start_index(file_.image.region, *text);
  }

  // MetaImage stores the direction column by column: its "rows" are the axes.
  void read_geometry() {
    Image& image = file_.image;
    const int n = image.dimensions();
    image.set_default_geometry();
    const double unit = read_unit();
    if (const auto matrix =
            first_of({"ElementDirection", "TransformMatrix", "Rotation", "Orientation"}, n * n);
        !matrix.empty()) {
      for (int axis = 0; axis < n; ++axis) {
        for (int row = 0; row < n; ++row) image.direction[row * n + axis] = matrix[axis * n + row];
      }
    }
    auto spacing = first_of({"ElementSpacing", "ElementSize"}, n);
    spacing.resize(static_cast<size_t>(n), 1);  // this default, too, is in the file's unit
    for (int axis = 0; axis < n; ++axis)
      set_spacing(axis, from_unit(spacing[axis], axis < 3 ? unit : 1));
    std::array<double, max_dimensions> position{};
    const auto origin =
        first_of({"ElementOrigin", "ImagePosition", "Origin", "Position", "Offset"}, n);
    for (size_t row = 0; row < origin.size(); ++row)
      position[row] = from_unit(origin[row], row < 3 ? unit : 1);
    image.set_origin_from_first_pixel(position);
    if (!std::all_of(image.origin.begin(), image.origin.end(),
                     [](double value) { return std::isfinite(value); })) {
      corrupt("the start index is too far from the origin");
    }
  }

  // DistanceUnits applies to the spatial axes. Returns its size in millimetres.
  double read_unit() {
    const HeaderValue* field = find("DistanceUnits");
    const swr_unit unit = field ? unit_of_name(field->text) : SWR_UNIT_NONE;
    if (quantity_of(unit) != Quantity::length) return 1;
    file_.image.set_space_unit(unit);
    return size_of(unit);
  }

  // A negative spacing reverses the axis, as in ITK.
  void set_spacing(int axis, double spacing) {
    Image& image = file_.image;
    if (spacing == 0) corrupt("the spacing of ", axis_text(axis), " is 0");
    image.spacing[axis] = std::abs(spacing);
    if (spacing > 0) return;
    for (int row = 0; row < image.dimensions(); ++row)
      image.direction[row * image.dimensions() + axis] *= -1;
  }

  void read_intensity() {
    ValueScale& scale = file_.image.scale;
    const std::pair<std::string_view, double*> fields[] = {
        {"ElementToIntensityFunctionSlope", &scale.slope},
        {"ElementToIntensityFunctionOffset", &scale.intercept}};
    for (const auto& [name, value] : fields) {
      const HeaderValue* const field = find(name);
      if (!field) continue;
      *value = numbers(name, *field, 1)[0];
      scale.stated = true;
    }
    // With a slope of zero all values would be equal: ignored.
    if (scale.slope == 0) scale = {};
  }

  void read_layout() {
    const Image& image = file_.image;
    Layout& layout = file_.layout;
    layout.order.dimensions = image.dimensions();
    layout.order.size = image.region.size;
    layout.order.component_bytes = swr_component_bytes(image.pixel.component);
    layout.order.components = image.pixel.components;
    const HeaderValue* binary = find("BinaryData");
    if (binary && !metaimage_flag(binary->text)) {
      layout.storage = Text{image.pixel.component};
      file_.read_only = "its pixels are written as text";
      return;
    }
    const HeaderValue* order = find("BinaryDataByteOrderMSB");
    if (!order) order = find("ElementByteOrderMSB");
    layout.big_endian = order && metaimage_flag(order->text);
    if (const HeaderValue* compressed = find("CompressedData");
        compressed && metaimage_flag(compressed->text))
      read_compression();
  }

  void read_compression() {
    auto& stream = file_.layout.storage.emplace<Deflate>();
    const int64_t bytes = integer("CompressedDataSize", 0);
    if (bytes < 0) corrupt("CompressedDataSize is ", bytes);
    if (bytes > 0) stream.stream_bytes = bytes;
    const HeaderValue* field = find("CompressedDataSize");
    if (!field) return;
    // A longer number may use the blanks around this one, except one in front of it.
    const std::string& text = *header_.text;
    size_t begin = field->offset, end = field->offset + field->text.size();
    while (begin > 0 && text[begin - 1] == ' ') --begin;
    if (begin < field->offset) ++begin;
    while (end < text.size() && text[end] == ' ') ++end;
    stream.stream_bytes_field =
        NumberField{static_cast<int64_t>(begin), static_cast<int>(end - begin)};
  }

  bool is_local() const { return lower_case(require("ElementDataFile").text) == "local"; }

  void read_parts() {
    Layout& layout = file_.layout;
    const HeaderValue& data_file = require("ElementDataFile");
    if (data_file.text.empty()) corrupt("ElementDataFile names no file");
    const bool local = is_local();
    if (local) {
      layout.parts = {DataPart{header_.path, static_cast<int64_t>(header_.end), 0, image_bytes()}};
    } else if (is_list(data_file)) {
      lists_files_ = true;
      read_list(data_file);
    } else if (read_pattern(data_file)) {
      lists_files_ = true;
    } else {
      layout.parts = {DataPart{data_path(header_.path, data_file.text), 0, 0, image_bytes()}};
    }
    read_header_size(local);
    // A single length cannot be that of every file.
    if (layout.parts.size() > 1 && layout.is_compressed()) layout.storage = Deflate{};
  }

  // HeaderSize is the offset of the pixels in each data file; -1: they are its last bytes.
  void read_header_size(bool local) {
    const int64_t header_size = integer("HeaderSize", 0);
    if (header_size == 0) return;
    if (header_size < -1) corrupt("HeaderSize is ", header_size);
    if (header_size == -1 && !file_.layout.is_raw())
      unsupported("HeaderSize is -1, but the pixels are compressed or text");
    if (local && header_size > 0 && header_size < static_cast<int64_t>(header_.end))
      corrupt("HeaderSize ", header_size, " is inside the header");
    for (DataPart& part : file_.layout.parts) part.offset = header_size;
  }

  int64_t image_bytes() const { return file_.image.bytes(); }

  PartSizes sizes_of_files(int file_axes) const {
    return part_sizes(file_.image.region.size.data(), file_.image.dimensions(), file_axes,
                      file_.image.pixel.bytes());
  }

  void read_list(const HeaderValue& field) {
    const auto words = words_of(field, 3);
    const int axes = file_.image.dimensions();
    int64_t file_axes = words.size() > 1 ? axes_of_files(words[1].text).value_or(0) : 0;
    if (file_axes < 1 || file_axes >= axes) file_axes = axes - 1;
    const PartSizes sizes = sizes_of_files(static_cast<int>(file_axes));
    if (static_cast<int64_t>(header_.listed.size()) < sizes.count) {
      corrupt("the list has ", header_.listed.size(), " data files, ", sizes.count, " are needed");
    }
    header_.listed.resize(static_cast<size_t>(sizes.count));
    file_.layout.parts = listed_parts(header_.path, header_.listed, sizes);
  }

  // "slice_%03d.raw first last step": one file for each index of the slowest axis. The numbers are
  // optional from the end, but a name with blanks needs all three.
  bool read_pattern(const HeaderValue& field) {
    if (field.text.find('%') == std::string_view::npos) return false;
    const int axes = file_.image.dimensions();
    const PartSizes sizes = sizes_of_files(axes - 1);
    std::string_view name = field.text;
    std::vector<int64_t> numbers;
    while (numbers.size() < 3) {
      const size_t blank = name.find_last_of(" \t");
      const auto number =
          blank == std::string_view::npos ? std::nullopt : integer_of(name.substr(blank + 1));
      if (!number) break;
      numbers.insert(numbers.begin(), *number);
      name = trimmed(name.substr(0, blank));
    }
    const auto pattern = parse_file_pattern(name, header_.path);
    if (!pattern) return false;
    const int64_t first = numbers.empty() ? 1 : numbers[0];
    const int64_t step = numbers.size() > 2 ? numbers[2] : 1;
    if (numbers.size() > 1 && numbers_between(first, numbers[1], step) < sizes.count) {
      corrupt("ElementDataFile = ", field.text.substr(0, 200), " names fewer than ", sizes.count,
              " files");
    }
    file_.layout.parts = numbered_parts(header_.path, *pattern, first, step, sizes);
    return true;
  }
};

}  // namespace

Description describe_metaimage(MetaImageHeader header) {
  return Describer(std::move(header)).describe();
}

}  // namespace swr
