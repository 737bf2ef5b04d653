#include "plan/split.h"

#include <algorithm>

#include "base/checked.h"

namespace swr {

Split::Split(const Region& region, int axis, int64_t per_piece, int64_t before)
    : region_(region),
      axis_(axis),
      per_piece_(per_piece),
      before_(before),
      along_(divide_up(checked_add(region.size[axis], before), per_piece)),
      outer_(1) {
  for (int slower = axis + 1; slower < region.dimensions; ++slower) outer_ *= region.size[slower];
}

int Split::divided_axis(const Region& region) {
  int axis = region.dimensions - 1;
  while (axis > 0 && region.size[axis] == 1) --axis;
  return axis;
}

Split Split::in_divisions(const Region& region, int64_t requested) {
  const int axis = divided_axis(region);
  return Split(region, axis, divide_up(region.size[axis], std::max<int64_t>(1, requested)));
}

Split Split::in_chunks(const Region& region, int64_t requested, const Index& chunk,
                       const Index& first) {
  const int axis = divided_axis(region);
  const int64_t length = chunk[axis], before = (region.index[axis] - first[axis]) % length;
  const int64_t chunks = divide_up(checked_add(region.size[axis], before), length);
  const int64_t per_piece = divide_up(chunks, std::max<int64_t>(1, requested));
  return Split(region, axis, checked_multiply(per_piece, length), before);
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

Split Split::near_chunks(const Index& chunk, const Index& first) const {
  const int64_t length = chunk[axis_];
  const int64_t per_piece = std::max(length, round_down(per_piece_, length));
  if (along_ == 1 || per_piece - per_piece_ > per_piece_) return *this;
  return Split(region_, axis_, per_piece, (region_.index[axis_] - first[axis_]) % length);
}

Region Split::piece(int64_t number) const {
  Region piece = region_;
  const int64_t in_line = number % along_;
  const int64_t begin = std::max<int64_t>(0, in_line * per_piece_ - before_);
  const int64_t end =
      in_line + 1 == along_ ? region_.size[axis_] : (in_line + 1) * per_piece_ - before_;
  piece.index[axis_] += begin;
  piece.size[axis_] = end - begin;
  int64_t rest = number / along_;
  for (int slower = axis_ + 1; slower < region_.dimensions; ++slower) {
    piece.index[slower] += rest % region_.size[slower];
    piece.size[slower] = 1;
    rest /= region_.size[slower];
  }
  return piece;
}

int64_t Split::largest_pixels() const {
  const int64_t size = region_.size[axis_], first = std::min(per_piece_ - before_, size);
  int64_t pixels = std::max(first, std::min(per_piece_, size - first));
  for (int faster = 0; faster < axis_; ++faster) pixels *= region_.size[faster];
  return pixels;
}

}  // namespace swr
