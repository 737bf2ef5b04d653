// What a header says about an image.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "image/metadata.h"
#include "image/pixel_type.h"
#include "image/region.h"
#include "image/unit.h"

namespace swr {

// From stored to real values: real = slope * stored + intercept.
struct ValueScale {
  double slope = 1, intercept = 0;
  bool stated = false;  // the file states it; otherwise the meaning of the values is open

  bool operator==(const ValueScale&) const = default;
  bool is_identity() const { return slope == 1 && intercept == 0; }
};
// Whether both give the same real values, up to the rounding of float32.
bool same_scale(const ValueScale& a, const ValueScale& b);

// The position of an image of one or two axes in three-dimensional space. The first columns are the
// image's own axes, the others complete the space.
struct Placement {
  std::array<double, 9> direction{};  // 3 x 3, row-major
  std::array<double, 3> spacing{};    // mm; along the image's own axes that of the image
  std::array<double, 3> origin{};     // mm, LPS, of the pixel with index zero
};

struct Image {
  Region region;  // its index is the start index
  PixelType pixel;
  std::array<double, max_dimensions> spacing{};  // mm, s, ...: see unit.h
  std::array<double, max_dimensions> origin{};   // as spacing, LPS, of the pixel with index zero
  std::array<double, max_dimensions * max_dimensions>
      direction{};  // n x n, row-major, packed: entry (r, c) is [r * n + c]
  std::array<swr_unit, max_dimensions> units{};  // the file's unit of each axis
  std::optional<Placement> placement;            // for what origin and direction cannot express
  ValueScale scale;
  Metadata metadata;

  int dimensions() const { return region.dimensions; }
  int64_t bytes() const;  // of all stored pixels; fails with SWR_ERROR_REGION on overflow

  // Spacing 1, origin 0, direction identity, no units and no placement, for the region's number of
  // dimensions.
  void set_default_geometry();
  // Of the axes of space: the first three, or as many as there are.
  void set_space_unit(swr_unit unit);
  // Changes the region, which may get more or fewer axes. Common axes keep their geometry; new ones
  // get that of set_default_geometry(). Along dropped axes the image is at its start index, so that
  // a plane of a volume keeps its position in space.
  void set_region(const Region& to);
  // Converts the origin to the position of the pixel at the start index, which files hold, and
  // back.
  std::array<double, max_dimensions> first_pixel_position() const;
  void set_origin_from_first_pixel(const std::array<double, max_dimensions>& position);

  void set_space(const Placement& place);
  // Whether origin and direction alone do not give the image's position.
  bool is_out_of_plane() const;

  const std::string* find_metadata(std::string_view key) const { return metadata.find(key); }
  void set_metadata(std::string_view key, std::string_view value) { metadata.set(key, value); }
};

// The changes that turn one list of metadata into another.
struct MetadataChange {
  std::vector<std::string> removed;
  Metadata set;  // new entries, and those with another value
};
MetadataChange metadata_change(const Metadata& from, const Metadata& to);

// The metadata key of the start index in formats without a field for it: "0 100 200".
inline constexpr const char* start_index_key = "swr_index";
std::string start_index_text(const Region& region);
// Returns false, and leaves the region unchanged, if the text does not hold `dimensions` numbers or
// if index + size would overflow.
bool set_start_index(Region& region, std::string_view text);

// Whether two images with the same number of dimensions agree, up to the rounding of a double. A
// header that describes one then also describes the other.
bool has_spacing_of(const Image& a, const Image& b);
bool has_direction_of(const Image& a, const Image& b);
bool has_first_pixel_of(const Image& a, const Image& b);

// The first difference between two images, such as "the spacing is 1 1 2 in the file and 1 1 3 in
// the writer"; empty if they match. Geometry is compared with a tolerance of 1e-6 of the spacing.
// `compare_size` false ignores sizes and start index.
std::string difference(const Image& file, const Image& writer, bool compare_size);

}  // namespace swr
