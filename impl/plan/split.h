// How a region is divided into pieces.
#pragma once

#include <cstdint>

#include "image/region.h"

namespace swr {

// Pieces in file order. A piece is a stretch along one axis, complete along all faster axes, and
// one pixel thick along all slower ones.
class Split {
 public:
  // As in ITK: along the slowest axis with a size above 1, ceil(size / requested) per piece; 0 and
  // 1 give one piece.
  static Split in_divisions(const Region& region, int64_t requested);
  // The same with pieces that begin and end at borders of chunks, and are longer for that. A chunk
  // has the size `chunk`, and one begins at the index `first`.
  static Split in_chunks(const Region& region, int64_t requested, const Index& chunk,
                         const Index& first);
  // The largest pieces that do not exceed `piece_bytes`, down to one pixel.
  static Split in_bytes(const Region& region, int64_t pixel_bytes, int64_t piece_bytes);
  // The same pieces, made longer or shorter so that they begin and end at borders of chunks, as in
  // in_chunks(); as they are where that would more than double them.
  Split near_chunks(const Index& chunk, const Index& first) const;

  int64_t count() const { return along_ * outer_; }
  Region piece(int64_t number) const;
  int64_t largest_pixels() const;
  const Region& region() const { return region_; }

 private:
  // The first piece is `before` shorter.
  Split(const Region& region, int axis, int64_t per_piece, int64_t before = 0);
  static int divided_axis(const Region& region);

  Region region_;
  int axis_;
  int64_t per_piece_;  // along the axis
  int64_t before_;
  int64_t along_;  // pieces along the axis
  int64_t outer_;  // pixels of all slower axes
};

}  // namespace swr
