// The description of a TIFF file (tag 270 of its first page), as ImageJ writes it, with notes of
// what TIFF has no tag for:
//
//   ImageJ=1.11a
//   images=0000000005            pages; the digits are room to grow
//   slices=0000000005            along the third axis
//   frames=0000000001            all further axes
//   hyperstack=true
//   mode=grayscale
//   unit=cm                      of spacing, and of the resolution in the tags
//   spacing=0.25                 between slices
//   swr 1                        the notes (notes.h)
//   swr_size = 13 7 5
//   swr_spacing = 0.7 0.8 2.5    mm; the tags have fractions
//   swr.Modality = MR            metadata
//
// tifffile writes {"shape": [5, 7, 13]} instead, the slowest axis first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/tiff_ome.h"
#include "image/image.h"

namespace swr {

struct TiffText {
  enum class Kind { other, imagej, shape, ome };
  Kind kind = Kind::other;
  // Of ImageJ. A size of 1 may be missing, a spacing of 0 is.
  int64_t images = 1, channels = 1, slices = 1, frames = 1;
  double spacing = 0;
  std::string unit{};
  std::string other_lines{};  // which swr does not write itself
  // Of tifffile, the slowest axis first; and whether it says more, such as the axes' names.
  std::vector<int64_t> shape{};
  bool has_more_than_shape = false;
  bool is_one_stretch = false;   // one directory stands for all pages
  std::optional<OmeText> ome{};  // its notes are in `notes`
  bool has_notes = false;
  Metadata notes{};
};

TiffText tiff_text_of(std::string_view description);

namespace tiff_note {
inline constexpr std::string_view size = "swr_size", spacing = "swr_spacing",
                                  first = "swr_first_pixel", direction = "swr_direction",
                                  units = "swr_units", scale = "swr_value_scale",
                                  placement = "swr_placement", metadata = "swr.";
}  // namespace tiff_note

// The description for an image of `pages`. `unit` is empty and `spacing` is not written if lengths
// have no unit.
struct NewTiffText {
  const Image& image;
  int64_t pages = 1;
  std::string unit{};
  double unit_mm = 1;
  std::string other_lines{};
  // ImageJ takes the pixels of all pages from one stretch if the text counts them, and else page by
  // page.
  bool is_one_stretch = true;
};
std::string imagej_text(const NewTiffText& text);
// The same as OME-XML.
std::string own_ome_text(const Image& image, int64_t pages);

// The description of the same file with more pages along the slowest axis, which are not in one
// stretch with the old ones; nothing if swr does not know how to change it.
std::optional<std::string> grown_tiff_text(const std::string& description, const Image& grown,
                                           int64_t pages);

}  // namespace swr
