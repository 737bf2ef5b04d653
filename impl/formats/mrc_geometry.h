// The place of an MRC image in space.
#pragma once

#include <cstdint>

#include "formats/mrc_header.h"
#include "image/image.h"

namespace swr {

// The first axes of an image are those of space; a fourth one counts volumes.
inline constexpr int mrc_spatial_axes = 3, mrc_volumes_axis = 3;

// Spacing and origin. Requires: the region.
void read_mrc_geometry(const MrcHeader& header, Image& image);

// Changes the pixels along an axis, with what depends on them. The cell grows with the pixels,
// unless it has another number of them, as that of a part of a map.
void resize_mrc_axis(MrcHeader& header, int axis, int32_t pixels, int32_t volumes);

}  // namespace swr
