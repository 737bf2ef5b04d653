/**
 * @file cpp/region.hpp
 * Boxes of pixels.
 */
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <type_traits>

#include "swr/cpp/error.hpp"
#include "swr/cpp/span.hpp"
#include "swr/types.h"

namespace swr {
inline namespace cpp {

/** A whole number for each axis, x first: an index or a size. */
class Axes {
 public:
  /** The numbers of a braced list. swr::ArgumentError for more than SWR_MAX_DIMENSIONS. */
  Axes(std::initializer_list<int64_t> numbers) { take(numbers.begin(), numbers.size()); }
  /** Those of a container of any whole numbers. swr::ArgumentError if one is above 2^63 - 1. */
  template <class Container,
            class = std::enable_if_t<std::is_integral_v<detail::element_of<const Container>>>>
  Axes(const Container &numbers) {
    take(std::data(numbers), std::size(numbers));
  }

  /** The number of axes. */
  int32_t count() const noexcept { return count_; }
  /** The number of an axis, which must be below count(). */
  int64_t operator[](int32_t axis) const noexcept { return numbers_[axis]; }

 private:
  template <class Number>
  void take(const Number *numbers, std::size_t count) {
    if (count > SWR_MAX_DIMENSIONS)
      throw ArgumentError(std::to_string(count) + " axes; there can be " +
                          std::to_string(SWR_MAX_DIMENSIONS));
    for (std::size_t i = 0; i < count; ++i) {
      if constexpr (std::is_unsigned_v<Number> && sizeof(Number) >= sizeof(int64_t)) {
        if (numbers[i] > static_cast<Number>(std::numeric_limits<int64_t>::max()))
          throw ArgumentError("the number " + std::to_string(numbers[i]) + " of axis " +
                              std::to_string(i) + " is too large");
      }
      numbers_[i] = static_cast<int64_t>(numbers[i]);
    }
    count_ = static_cast<int32_t>(count);
  }

  int64_t numbers_[SWR_MAX_DIMENSIONS] = {};
  int32_t count_ = 0;
};

/** A box of pixels: an swr_region, so that its members are those of C and `&region` is for C. */
struct Region : swr_region {
  /** A region without axes, to be filled. */
  Region() noexcept : swr_region() {}
  /** The region of C. */
  template <class C, class = std::enable_if_t<std::is_same_v<C, swr_region>>>
  Region(const C &region) noexcept : swr_region(region) {}
  /** A box of this size whose first pixel has index zero. */
  explicit Region(const Axes &sizes) : swr_region() {
    dimensions = sizes.count();
    for (int32_t axis = 0; axis < dimensions; ++axis) size[axis] = sizes[axis];
  }
  /** A box of this first pixel and size. swr::ArgumentError if they differ in length. */
  Region(const Axes &first, const Axes &sizes) : Region(sizes) {
    if (first.count() != sizes.count())
      throw ArgumentError("an index of " + std::to_string(first.count()) + " axes and a size of " +
                          std::to_string(sizes.count()));
    for (int32_t axis = 0; axis < dimensions; ++axis) index[axis] = first[axis];
  }

  /** The number of pixels. swr::RegionError if there cannot be such a region. */
  int64_t pixels() const {
    if (dimensions < 1 || dimensions > SWR_MAX_DIMENSIONS)
      throw RegionError("a region of " + std::to_string(dimensions) + " axes");
    int64_t product = 1;
    for (int32_t axis = 0; axis < dimensions; ++axis) {
      if (size[axis] < 0 ||
          (size[axis] > 0 && product > std::numeric_limits<int64_t>::max() / size[axis]))
        throw RegionError("the size of the region is negative or too large");
      product *= size[axis];
    }
    return product;
  }

  /** Whether they have the same axes, index and size. */
  friend bool operator==(const Region &a, const Region &b) noexcept {
    const int32_t axes = std::min(a.dimensions, int32_t{SWR_MAX_DIMENSIONS});
    return a.dimensions == b.dimensions &&
           (axes < 1 || (std::equal(a.index, a.index + axes, b.index) &&
                         std::equal(a.size, a.size + axes, b.size)));
  }
  /** Whether they differ. */
  friend bool operator!=(const Region &a, const Region &b) noexcept { return !(a == b); }
};

}  // namespace cpp
}  // namespace swr
