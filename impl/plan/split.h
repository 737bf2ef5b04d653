// How a region is divided into pieces.
#pragma once

#include <cstdint>

#include "image/region.h"

namespace swr {

// Pieces in file order: stretches along one axis, whole along all faster axes, and of one pixel
// along all slower ones.
class Split {
 public:
  // As ITK counts: along the slowest axis with a size above 1, ceil(size / requested) a piece; 0
  // and 1 are one piece.
  static Split in_divisions(const Region& region, int64_t requested);
  // The largest pieces that do not exceed `piece_bytes`, down to one pixel.
  static Split in_bytes(const Region& region, int64_t pixel_bytes, int64_t piece_bytes);

  int64_t count() const { return along_ * outer_; }
  Region piece(int64_t number) const;
  int64_t largest_pixels() const;
  const Region& region() const { return region_; }

 private:
  Split(const Region& region, int axis, int64_t per_piece);

  Region region_;
  int axis_;
  int64_t per_piece_;  // along the axis
  int64_t along_;      // pieces along the axis
  int64_t outer_;      // pixels of all slower axes
};

}  // namespace swr
