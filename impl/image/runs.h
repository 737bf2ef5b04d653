// Where the pixels of a region lie in a linear sequence of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "image/pixel_type.h"
#include "image/region.h"

namespace swr {

// How the pixels of an image of `size` follow each other: axis 0 fastest. The components of a pixel
// lie together, or are an axis of their own between the others: the slowest one, as planes, or any.
struct LinearOrder {
  int dimensions = 0;
  Index size{};
  int component_bytes = 1;
  int components = 1;
  int component_axis = 0;  // how many of the axes are faster than the components
  std::vector<int>
      planes{};  // where components are an axis: the place there of each; empty: its own number

  bool interleaved() const { return component_axis == 0 || components == 1; }
  int plane_of(int component) const { return planes.empty() ? component : planes[component]; }
  int64_t bytes() const;
  // The same sequence with the components as one more axis, and a region of it: `count` places of
  // the components from `first` on. Requires: !interleaved().
  LinearOrder unfolded() const;
  Region unfolded(const Region& region, int first, int count) const;
};

// A stretch of bytes that a region and the linear sequence have in common.
struct Run {
  int64_t linear;  // first byte in the linear sequence
  int64_t packed;  // first byte in the packed region, whose components lie together
  int64_t bytes;
};

// Calls visit(run) for every run of `region` (index 0 is the image's first pixel), in ascending
// order of `linear`; neighbouring runs are joined, so that a slab is one run. Only for interleaved
// order, or one component.
void for_each_run(const LinearOrder& order, const Region& region,
                  const std::function<void(const Run&)>& visit);

// If the region is one stretch of the linear sequence: its first byte; -1 if it is not.
int64_t contiguous_begin(const LinearOrder& order, const Region& region);

}  // namespace swr
