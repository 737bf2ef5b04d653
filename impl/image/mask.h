// Pixels of a region that a mask selects, as boxes.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "image/region.h"

namespace swr {

// Calls visit(box) for disjoint boxes that cover the pixels of `region` whose byte in `mask` is not
// 0. The mask is packed: a byte for each pixel, axis 0 fastest. A slab without a gap is one box,
// and so are equal stretches of consecutive rows. Requires: mask.size() == region.pixels().
void for_each_masked_box(const Region& region, std::span<const uint8_t> mask,
                         const std::function<void(const Region&)>& visit);

}  // namespace swr
