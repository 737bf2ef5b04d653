// Changes the number of components of packed pixels.
#pragma once

#include <cstddef>
#include <cstdint>

#include "swr/types.h"

namespace swr {

// Changes the number of components of `count` pixels of one component type: 1 to 3 or 4 (grey;
// alpha is opaque: the largest value of an integer, 1 of a floating type), 3 to 4 (opaque), 4 to 3
// (alpha is dropped).
void convert_components(const std::byte* from, int from_components, std::byte* to,
                        int to_components, swr_component type, int64_t count);

// Whether convert_components supports it.
bool components_convert(int from_components, int to_components);

}  // namespace swr
