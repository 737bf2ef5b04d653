// OME-XML (docs.openmicroscopy.org/ome-model), the description of .ome.tif files: the sizes, the
// lengths of pixels, and which page is which plane. swr's notes are in a comment at its end.
//
// Numbers are changed where they are in the text, so that all that swr does not know stays.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/image.h"

namespace swr {

struct OmeAxis {
  char name = 'Z';  // or 'C', 'T'
  int64_t size = 1;
  size_t begin = 0, length = 0;  // of the number in the text
};

// Consecutive planes in consecutive pages.
struct OmePlanes {
  int64_t page = 0, count = 1;
  std::array<int64_t, 3> first{};            // along the axes, in their order
  size_t count_begin = 0, count_length = 0;  // in the text; 0 if it does not say the count
};

struct OmeText {
  int64_t images = 0;
  std::array<OmeAxis, 3> axes{};    // after x and y, the fastest first
  int64_t samples = 1;              // of the first channel: these are no planes of their own
  std::array<double, 3> spacing{};  // x, y, z in mm; 0 if unknown
  std::array<swr_unit, 3> units{};
  double time_step = 0;  // seconds
  swr_unit time_unit = SWR_UNIT_SECOND;
  std::vector<OmePlanes> planes{};
  std::string_view notes{};  // of swr, in the text

  // The planes along an axis.
  int64_t size(const OmeAxis& axis) const {
    return axis.name == 'C' ? axis.size / samples : axis.size;
  }
};

// Nothing if the text is not OME-XML of pixels. `text` must outlive the result.
std::optional<OmeText> read_ome(std::string_view text);

// The page of each plane; empty if that cannot be.
std::vector<int64_t> pages_of_ome(const OmeText& ome, int64_t pages);

// New OME-XML. `notes` is empty, or begins with their first line.
std::string ome_text(const Image& image, int64_t pages, const std::string& notes);

// The text with another size along the slowest axis; nothing if it says more of each plane.
std::optional<std::string> grown_ome(std::string text, int64_t size);

}  // namespace swr
