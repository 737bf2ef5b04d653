// Makes the pixels of a smaller version of an image from those of a larger one.
//
// A pixel of the smaller version stands for a box of the larger one: as many pixels along each axis
// as the factor says, fewer at the far ends. The mean of integers is exact, and halves are rounded
// to the even number; floating numbers are added as doubles, axis 0 fastest, and the sum is
// divided. The nearest pixel is the one before the middle of the box.
#pragma once

#include <cstddef>
#include <span>

#include "image/pyramid.h"
#include "image/region.h"
#include "image/runs.h"

namespace swr {

class Reducer {
 public:
  // Of components as the pyramid says. Requires: the sizes are of neighbouring versions, which
  // factors_between() knows; components are interleaved.
  Reducer(const Pyramid& pyramid, bool big_endian, const LinearOrder& larger,
          const LinearOrder& smaller);

  // Of how many pixels along each axis the smaller version has one.
  const Index& factors() const { return factors_; }
  // The pixels of the larger version for which those of a region stand.
  Region source_of(const Region& region) const;
  // The pixels of the smaller version that stand for pixels of a region.
  Region touched_by(const Region& region) const;
  // Makes the pixels of `to`. Both are packed. Requires: `from` is source_of(to).
  void reduce(const Region& from, const std::byte* pixels, const Region& to, std::byte* out) const;
  // Whether a larger version all of whose pixels are this one has a smaller version of it. Means of
  // float64 are rounded.
  bool keeps(std::span<const std::byte> pixel) const;

 private:
  const Pyramid& pyramid_;
  const bool swaps_;
  const LinearOrder larger_, smaller_;
  const Index factors_;
};

}  // namespace swr
