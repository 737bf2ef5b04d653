// The header of VTK's XML image data: what precedes the appended pixels.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/header_text.h"
#include "image/pixel_type.h"
#include "storage/file.h"

namespace swr {

inline constexpr int vti_axes = 3;

// A value between quotes in VtiHeader::text.
struct VtiValue {
  std::string text;  // references resolved
  size_t offset = 0, width = 0;

  HeaderValue place_in(std::string_view header) const {
    return {header.substr(offset, width), offset};
  }
};

// First and last index of each axis: x0 x1 y0 y1 z0 z1.
using VtiExtent = std::array<int64_t, size_t{2} * vti_axes>;

struct VtiArray {
  std::string name, type, components, format, kind;
  int64_t offset = -1;  // in the appended data; -1 if there is none
  // Places of what it says of all values, such as the largest one: first and last byte + 1.
  std::vector<std::pair<size_t, size_t>> ranges{};
  std::string component_names{};  // attributes, as they are written in front of `format`
  bool has_information = false;   // keys of VTK's other than ranges
};

struct VtiPiece {
  VtiValue extent;
  std::string scalars{}, vectors{}, tensors{};  // the names of the arrays that are these
  std::vector<VtiArray> arrays{};
  bool has_cells = false;  // arrays with one value in each cell
};

struct VtiHeader {
  std::string text;  // the file up to the start tag of the appended data
  bool big_endian = false;
  int length_bytes = 4;  // of the numbers in front of each array
  VtiValue whole_extent;
  std::string origin, spacing, direction;  // as in the file; empty if they are not there
  std::string dimensions, index;           // of swr's own
  std::vector<VtiPiece> pieces;
  bool has_fields = false;  // arrays that belong to no pixel
  int64_t data = 0;         // the first byte after the "_" in front of the appended data
};

// SWR_ERROR_CORRUPT; SWR_ERROR_UNSUPPORTED for other kinds of data, and data that are not raw and
// appended.
VtiHeader read_vti_header(const File& file);
// The array that has the pixels: that of Scalars, Vectors or Tensors, else the first one. nullptr
// if there is none.
const VtiArray* pixel_array(const VtiPiece& piece);
// SWR_ERROR_CORRUPT if the text is not six numbers, or if there is no pixel in it.
VtiExtent vti_extent(const VtiValue& value, const std::string& path);
// SWR_ERROR_UNSUPPORTED for types that swr does not have.
PixelType vti_pixel(const VtiPiece& piece, const VtiArray& array, const std::string& path);
// Nothing for an invalid component.
const char* vti_type_name(swr_component component);
// The kind that the header gives without swr's own attribute.
swr_kind vti_kind(swr_component component, int components, bool is_vectors);

}  // namespace swr
