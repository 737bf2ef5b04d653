// What the tags and the description of a TIFF file say of the image, besides its pixels.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "formats/tiff_directory.h"
#include "formats/tiff_text.h"
#include "image/image.h"

namespace swr {

// The resolution tags: numerator and denominator of pixels in a unit of length.
struct TiffResolution {
  std::array<uint32_t, 2> x{1, 1}, y{1, 1};
  uint16_t unit = 1;  // 1 none, 2 inch, 3 cm
};
// The nearest fractions; no unit if the spacing is one that they cannot say.
TiffResolution tiff_resolution_of(const Image& image);

// Sizes, spacing, origin, direction, units, value scale, metadata, kind. `count`: the pages of
// the image, which have that form. Requires: the image's pixel type.
void read_tiff_image(const TiffPages& pages, const TiffForm& form, const TiffText& text,
                     int64_t count, Image& image);

}  // namespace swr
