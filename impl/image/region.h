// A box of pixels in an index space.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "swr/types.h"

namespace swr {

inline constexpr int max_dimensions = SWR_MAX_DIMENSIONS;
using Index = std::array<int64_t, max_dimensions>;

struct Region {
  int dimensions = 0;
  Index index{};
  Index size{};

  bool operator==(const Region& other) const;
  bool empty() const;
  // The number of pixels; fails with SWR_ERROR_REGION on overflow.
  int64_t pixels() const;
  bool contains(const Region& inner) const;
  // The intersection; if there is none, its size is 0 along some axis.
  Region intersection(const Region& other) const;
  // The same box with `offset` subtracted from its index.
  Region relative_to(const Index& offset) const;
  // The same box with `wanted` axes, if the axes to drop at the end have size 1; else unchanged.
  Region without_ones(int wanted) const;
  // Such as "(0,0,10) size (512,512,5)".
  std::string text() const;

  swr_region to_c() const;
};

// For messages: "axis 0 (the fastest)", "axis 2 (0 is the fastest)". Arrays of other languages may
// count their axes from the slowest one.
std::string axis_text(int axis);

// SWR_ERROR_REGION if the region ends beyond the largest index, 2^63 - 1, along an axis. `what`:
// its name in the message, such as "the paste region".
void refuse_beyond_largest_index(const Region& region, const std::string& what);

// Checks a region of an application: 1 to 16 dimensions, sizes of at least 1, no overflow of index
// + size or of the number of pixels. `what` is its name in the message, such as "the paste region".
Region region_from_c(const swr_region& region, const char* what);

// The whole region of an image of `size`, at index 0.
Region whole(int dimensions, const Index& size);

}  // namespace swr
