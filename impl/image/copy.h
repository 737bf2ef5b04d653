// Copies a region from one packed buffer to another.
#pragma once

#include <cstddef>

#include "image/region.h"

namespace swr {

// Copies the pixels of `part` from the buffer of `from_region` to the buffer of `to_region`. Both
// are packed and contain `part`.
void copy_region(const Region& part, int64_t pixel_bytes, const std::byte* from,
                 const Region& from_region, std::byte* to, const Region& to_region);

// Convert between interleaved components and one plane per component, for `pixels` pixels.
void interleave(const std::byte* plane, std::byte* pixels, int component, int components,
                int component_bytes, int64_t count);
void deinterleave(const std::byte* pixels, std::byte* plane, int component, int components,
                  int component_bytes, int64_t count);

}  // namespace swr
