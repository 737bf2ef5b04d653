// The positions of a region's pixels in a linear sequence of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "image/pixel_type.h"
#include "image/region.h"

namespace swr {

// The linear order of the pixels of an image of `size`: axis 0 is fastest. Interleaved: the
// components of a pixel are adjacent. Planar: the components are the slowest axis.
struct LinearOrder {
  int dimensions = 0;
  Index size{};
  int component_bytes = 1;
  int components = 1;
  bool planar = false;
  std::vector<int>
      planes{};  // planar only: the plane of each component; empty: plane n holds component n

  int plane_of(int component) const { return planes.empty() ? component : planes[component]; }
  int64_t bytes() const;
};

// A stretch of bytes that is contiguous in the region and in the linear sequence.
struct Run {
  int64_t linear;  // first byte in the linear sequence
  int64_t packed;  // first byte in the packed region, whose components are interleaved
  int64_t bytes;
};

// Calls visit(run) for every run of `region` (index 0 is the image's first pixel), in ascending
// order of `linear`; adjacent runs are merged, so that a slab is one run. Only for interleaved
// order, or one component.
void for_each_run(const LinearOrder& order, const Region& region,
                  const std::function<void(const Run&)>& visit);

// The first byte of the region if it is one stretch of the linear sequence; else -1.
int64_t contiguous_begin(const LinearOrder& order, const Region& region);

}  // namespace swr
