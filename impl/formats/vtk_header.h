// The header of a VTK legacy file of structured points, as it is in the file.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "formats/header_text.h"
#include "image/pixel_type.h"

namespace swr {

inline constexpr int vtk_axes = 3;

struct VtkHeader {
  // Numbers that can be patched.
  struct Field {
    std::string text;
    size_t offset = 0;
    HeaderValue value() const { return {text, offset}; }
  };

  std::string title;
  bool is_text = false;
  std::string fields;  // FIELD sections before DIMENSIONS, which describe the whole image
  std::array<int64_t, vtk_axes> size{};
  std::array<double, vtk_axes> spacing{1, 1, 1}, origin{};
  std::string spacing_text = "1 1 1", origin_text = "0 0 0";
  PixelType pixel;
  // Components are `long`, of 8 bytes or 4: it depends on the program that wrote the file.
  bool has_long = false;
  bool is_colour = false;  // COLOR_SCALARS: parts of 1 where they are written as text
  std::string keyword;     // of the pixels' array, in lower case
  std::string array;       // its name
  Field dimensions, points;
  size_t end = 0;  // the first byte of the pixels
};

inline constexpr std::string_view vtk_first_line = "# vtk DataFile Version";

// SWR_ERROR_CORRUPT, SWR_ERROR_UNSUPPORTED.
VtkHeader read_vtk_header(const File& file);

// The type's name in a file; nullptr if VTK has no such type.
const char* vtk_type_name(swr_component component);

}  // namespace swr
