// Copies a region from one packed buffer to another.
#pragma once

#include <cstddef>

#include "image/region.h"

namespace swr {

// Copies the pixels of `part` from the buffer that holds `from_region` to the one that holds
// `to_region`; both are packed and contain `part`.
void copy_region(const Region& part, int64_t pixel_bytes, const std::byte* from,
                 const Region& from_region, std::byte* to, const Region& to_region);

// Between pixels with their components together and one plane for each component; `pixels` pixels.
void interleave(const std::byte* plane, std::byte* pixels, int component, int components,
                int component_bytes, int64_t count);
void deinterleave(const std::byte* pixels, std::byte* plane, int component, int components,
                  int component_bytes, int64_t count);

}  // namespace swr
