// What the values in a header of VTK's XML image data mean.
#include <algorithm>
#include <limits>
#include <optional>

#include "base/error.h"
#include "formats/vti_header.h"

namespace swr {
namespace {

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

}  // namespace

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
