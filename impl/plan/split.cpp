#include "plan/split.h"

#include <algorithm>

#include "base/checked.h"

namespace swr {

Split::Split(const Region& region, int axis, int64_t per_piece)
    : region_(region),
      axis_(axis),
      per_piece_(per_piece),
      along_(divide_up(region.size[axis], per_piece)),
      outer_(1) {
  for (int slower = axis + 1; slower < region.dimensions; ++slower) outer_ *= region.size[slower];
}

Split Split::in_divisions(const Region& region, int64_t requested) {
  int axis = region.dimensions - 1;
  while (axis > 0 && region.size[axis] == 1) --axis;
  return Split(region, axis, divide_up(region.size[axis], std::max<int64_t>(1, requested)));
}

Split Split::in_bytes(const Region& region, int64_t pixel_bytes, int64_t piece_bytes) {
  int64_t unit = pixel_bytes;  // bytes of one step along the axis
  for (int axis = 0;; ++axis) {
    const auto grown = try_multiply(unit, region.size[axis]);
    const bool fits = grown && *grown <= piece_bytes;
    if (fits && axis + 1 < region.dimensions) {
      unit = *grown;
      continue;
    }
    return Split(region, axis, std::clamp<int64_t>(piece_bytes / unit, 1, region.size[axis]));
  }
}

Region Split::piece(int64_t number) const {
  Region piece = region_;
  const int64_t begin = (number % along_) * per_piece_;
  piece.index[axis_] += begin;
  piece.size[axis_] = std::min(per_piece_, region_.size[axis_] - begin);
  int64_t rest = number / along_;
  for (int slower = axis_ + 1; slower < region_.dimensions; ++slower) {
    piece.index[slower] += rest % region_.size[slower];
    piece.size[slower] = 1;
    rest /= region_.size[slower];
  }
  return piece;
}

int64_t Split::largest_pixels() const {
  int64_t pixels = std::min(per_piece_, region_.size[axis_]);
  for (int faster = 0; faster < axis_; ++faster) pixels *= region_.size[faster];
  return pixels;
}

}  // namespace swr
