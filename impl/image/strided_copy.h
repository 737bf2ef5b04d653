// Copies the elements of a box between two orders of its axes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace swr {

struct StridedAxis {
  int64_t count = 0;         // of the box, along this axis
  int64_t from = 0, to = 0;  // bytes between neighbours
};

// `from` and `to`: the first element. The last of the axes changes fastest.
void copy_strided(std::span<const StridedAxis> axes, int64_t element_bytes, const std::byte* from,
                  std::byte* to);

}  // namespace swr
