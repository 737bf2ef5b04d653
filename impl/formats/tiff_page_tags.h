// The tags of new pages and their smaller versions that say what the pixels are, and how they are
// stored.
#pragma once

#include <cstdint>

#include "formats/tiff_directory.h"
#include "formats/tiff_directory_bytes.h"
#include "formats/tiff_geometry.h"
#include "image/pixel_type.h"

namespace swr {

namespace tiff_photometric {
inline constexpr uint16_t grey = 1, rgb = 2, palette = 3, cmyk = 5;
}  // namespace tiff_photometric

struct TiffPageTags {
  TiffNumbers numbers;
  PixelType pixel;
  uint64_t photometric = tiff_photometric::grey;

  // What all directories have, but for the places of pixels.
  TiffDirectoryBytes directory(const TiffForm& form, uint64_t subfile_type,
                               const TiffResolution& resolution) const;
  // The lists of chunks are empty until these have places.
  void add_chunks(TiffDirectoryBytes& directory, const TiffForm& form) const;

  bool is_colour() const { return pixel.kind == SWR_KIND_RGB || pixel.kind == SWR_KIND_RGBA; }

 private:
  void add_samples(TiffDirectoryBytes& directory, const TiffForm& form) const;
};

}  // namespace swr
