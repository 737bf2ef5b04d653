// The header of VTK's XML image data: what precedes the appended pixels.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
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

  // Whether its words are those of the header.
  bool is_plain() const { return text.size() == width; }
};

// First and last index of each axis: x0 x1 y0 y1 z0 z1.
using VtiExtent = std::array<int64_t, size_t{2} * vti_axes>;

// What only a header of the format can hold; it stays.
struct VtiKept {
  std::string attributes{};          // each with a blank in front, as XML
  std::string inside{};              // XML between the tags
  std::vector<std::string> names{};  // of the attributes and elements
  bool is_carried = true;            // all of them are in the members above
};

enum class VtiForm { raw, base64, text };

struct VtiArray {
  std::string name, type, components, kind;
  bool is_appended = true;     // else its values are between its tags
  int64_t offset = 0;          // in the appended data
  int64_t begin = 0, end = 0;  // of the values between its tags; in the file
  VtiForm form = VtiForm::raw;
  // Places of what it says of all values, such as the largest one: first and last byte + 1.
  std::vector<std::pair<size_t, size_t>> ranges{};
  VtiKept kept{};
};

struct VtiPiece {
  VtiValue extent;
  std::string scalars{}, vectors{}, tensors{};  // the names of the arrays that are these
  std::vector<VtiArray> arrays{};
  bool has_cells = false;  // arrays with one value in each cell
  VtiKept kept{};
};

// A string in an array of its own that belongs to no pixel: an entry of the metadata.
struct VtiString {
  std::string name, value;
  size_t begin = 0, end = 0;  // of its element in VtiFields::text
};

// Arrays that belong to no pixel.
struct VtiFields {
  std::string text{};                 // XML, with its tags
  bool is_carried = true;             // it means the same in another file
  std::vector<VtiString> strings{};   // in their order, each name once in a header
  std::vector<std::string> others{};  // the names of its other arrays

  // Whether all that it says is metadata, which is written in another way.
  bool holds_only_strings() const { return !strings.empty() && others.empty(); }
};

struct VtiHeader {
  // The file up to the start tag of the appended data, without values between tags. Places in it
  // are those in the file unless `has_inline`.
  std::string text;
  bool has_inline = false;
  bool big_endian = false;
  int length_bytes = 4;  // of the numbers in front of each array
  VtiValue whole_extent;
  std::string origin, spacing, direction;  // as in the file; empty if they are not there
  std::string dimensions, index;           // of swr's own
  std::vector<VtiPiece> pieces;
  std::vector<VtiFields> fields;
  VtiKept root_kept, image_kept;
  std::string compressor{};        // of arrays that are not text; empty if there is none
  bool has_data = false;           // appended
  bool is_base64 = false;          // what is appended
  std::vector<int64_t> offsets{};  // of all that is appended, as in VtiArray
  int64_t data = 0;                // the first byte after the "_" in front of the appended data
};

// SWR_ERROR_CORRUPT; SWR_ERROR_UNSUPPORTED for other kinds of data, and for compressors that swr
// does not have.
VtiHeader read_vti_header(const File& file);
// The array that has the pixels: that of Scalars, Vectors or Tensors, else the first one. nullptr
// if there is none.
const VtiArray* pixel_array(const VtiPiece& piece);
// Whether the values of both are stored in the same way.
bool have_one_form(const VtiArray& a, const VtiArray& b);
// SWR_ERROR_CORRUPT if the text is not six numbers, or if there is no pixel in it.
VtiExtent vti_extent(const VtiValue& value, const std::string& path);
// SWR_ERROR_UNSUPPORTED for types that swr does not have.
PixelType vti_pixel(const VtiPiece& piece, const VtiArray& array, const std::string& path);
// Nothing for an invalid component.
const char* vti_type_name(swr_component component);
// The kind that the header gives without swr's own attribute.
swr_kind vti_kind(swr_component component, int components, bool is_vectors);

}  // namespace swr
