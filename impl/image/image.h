// What a header says about an image.
#pragma once

#include <array>
#include <string>

#include "image/metadata.h"
#include "image/pixel_type.h"
#include "image/region.h"

namespace swr {

struct Image {
  Region region;  // its index is the start index
  PixelType pixel;
  std::array<double, max_dimensions> spacing{};  // mm
  std::array<double, max_dimensions> origin{};   // mm, LPS, of the pixel with index zero
  std::array<double, max_dimensions * max_dimensions>
      direction{};  // n x n, row-major, packed: entry (r, c) is [r * n + c]
  Metadata metadata;

  int dimensions() const { return region.dimensions; }
  int64_t bytes() const;  // of all stored pixels; fails with SWR_ERROR_REGION on overflow

  // Spacing 1, origin 0, direction identity, for the region's number of dimensions.
  void set_default_geometry();
  // Converts the origin to the position of the pixel at the start index, which files hold, and
  // back.
  std::array<double, max_dimensions> first_pixel_position() const;
  void set_origin_from_first_pixel(const std::array<double, max_dimensions>& position);

  const std::string* find_metadata(std::string_view key) const { return metadata.find(key); }
  void set_metadata(std::string_view key, std::string_view value) { metadata.set(key, value); }
};

// The metadata key of the start index in formats without a field for it: "0 100 200".
inline constexpr const char* start_index_key = "swr_index";
std::string start_index_text(const Region& region);
// False, without changing the region, if the text does not hold `dimensions` numbers or if index +
// size would overflow.
bool set_start_index(Region& region, std::string_view text);

// The first difference between two images, such as "the spacing is 1 1 2 in the file and 1 1 3 in
// the writer"; empty if they match. Geometry is compared with a tolerance of 1e-6 of the spacing.
// `compare_size` false ignores sizes and start index.
std::string difference(const Image& file, const Image& writer, bool compare_size);

}  // namespace swr
