// The positions of a region's pixels in a linear sequence of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "image/pixel_type.h"
#include "image/region.h"

namespace swr {

// The linear order of the pixels of an image of `size`: axis 0 is fastest. The components of a
// pixel are adjacent, or an axis of their own between the others: the slowest one (planes) or any
// other.
struct LinearOrder {
  int dimensions = 0;
  Index size{};
  int component_bytes = 1;
  int components = 1;
  int component_axis = 0;  // how many of the axes are faster than the components
  // if components are an axis: the place of each component there; empty: its number
  std::vector<int> planes{};

  bool interleaved() const { return component_axis == 0 || components == 1; }
  int plane_of(int component) const { return planes.empty() ? component : planes[component]; }
  int64_t bytes() const;
  // The same sequence with the components as one more axis, and a region of it: `count` places of
  // the components from `first` on. Requires: !interleaved().
  LinearOrder unfolded() const;
  Region unfolded(const Region& region, int first, int count) const;
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
