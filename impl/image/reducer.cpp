#include "image/reducer.h"

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstring>
#include <type_traits>
#include <vector>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"
#include "image/elements.h"

namespace swr {
namespace {

// Calls visit(index) for the first pixel of each row along axis 0, in the order of the region.
template <typename Visit>
void for_each_row(const Region& region, const Visit& visit) {
  Index at = region.index;
  for (int axis = 0; axis < region.dimensions;) {
    visit(at);
    for (axis = 1; axis < region.dimensions; ++axis) {
      if (++at[axis] < region.index[axis] + region.size[axis]) break;
      at[axis] = region.index[axis];
    }
  }
}

// The number of a pixel in a packed region.
int64_t number_in(const Region& region, const Index& at) {
  int64_t number = 0;
  for (int axis = region.dimensions - 1; axis >= 0; --axis)
    number = number * region.size[axis] + at[axis] - region.index[axis];
  return number;
}

// The sum of some components, and their mean.
template <typename T>
class Sum {
 public:
  void add(T value, int64_t) { sum_ += value; }

  T mean(int64_t count) const {
    if constexpr (std::floating_point<T>) {
      return static_cast<T>(sum_ / static_cast<double>(count));
    } else {
      const auto divisor = static_cast<uint64_t>(count);
      const bool is_power = std::has_single_bit(divisor);
      int64_t quotient = is_power ? sum_ >> std::countr_zero(divisor) : sum_ / count;
      int64_t rest = sum_ - quotient * count;
      if (rest < 0) {
        rest += count;
        --quotient;
      }
      const bool is_up = 2 * rest > count || (2 * rest == count && quotient % 2 != 0);
      return static_cast<T>(quotient + (is_up ? 1 : 0));
    }
  }

 private:
  std::conditional_t<std::floating_point<T>, double, int64_t> sum_ = 0;
};

// The sum of 64-bit integers may be longer: quotients and rests are added. Signed numbers are moved
// to where the least one is 0, which leaves even numbers even.
template <std::integral T>
requires(sizeof(T) == 8) class Sum<T> {
 public:
  void add(T value, int64_t count) {
    const uint64_t moved = static_cast<uint64_t>(value) ^ least;
    quotient_ += moved / static_cast<uint64_t>(count);
    rest_ += moved % static_cast<uint64_t>(count);
  }

  T mean(int64_t count) const {
    const auto divisor = static_cast<uint64_t>(count);
    const uint64_t whole = quotient_ + rest_ / divisor, rest = rest_ % divisor;
    const bool is_up = rest > divisor - rest || (rest == divisor - rest && whole % 2 != 0);
    return static_cast<T>((whole + (is_up ? 1 : 0)) ^ least);
  }

 private:
  static constexpr uint64_t least = std::signed_integral<T> ? uint64_t{1} << 63 : 0;
  uint64_t quotient_ = 0, rest_ = 0;
};

struct Versions {
  const Region& from;
  const std::byte* pixels;
  const Region& to;
  std::byte* out;
};

class Means {
 public:
  Means(const LinearOrder& order, const Index& factors, bool swaps)
      : components_(order.components),
        component_bytes_(order.component_bytes),
        pixel_bytes_(order.pixel_bytes()),
        factors_(factors),
        swaps_(swaps) {}

  template <typename T>
  void run(const Versions& versions) const {
    const Region &from = versions.from, &to = versions.to;
    const std::byte* const pixels = versions.pixels;
    std::byte* const out = versions.out;
    const int64_t row_bytes = from.size[0] * pixel_bytes_;
    std::vector<std::byte> native(static_cast<size_t>(swaps_ ? row_bytes : 0));
    std::vector<Sum<T>> sums(static_cast<size_t>(to.size[0] * components_));
    std::byte* target = out;
    for_each_row(to, [&](const Index& at) {
      const Region rows = rows_of(from, at);
      const int64_t count = rows.pixels() / rows.size[0];
      std::ranges::fill(sums, Sum<T>());
      for_each_row(rows, [&](const Index& source) {
        const std::byte* row = pixels + number_in(from, source) * pixel_bytes_;
        if (swaps_) {
          copy_swapped({row, native.size()}, native.data(), component_bytes_);
          row = native.data();
        }
        add_row(row, from.size[0], count, sums);
      });
      target = write_row<T>(sums, from.size[0], count, target);
    });
    if (swaps_)
      swap_bytes({out, static_cast<size_t>(to.pixels() * pixel_bytes_)}, component_bytes_);
  }

 private:
  // The rows of the larger version for which a row of the smaller one stands.
  Region rows_of(const Region& from, const Index& at) const {
    Region rows = from;
    for (int axis = 1; axis < from.dimensions; ++axis) {
      const int64_t end = from.index[axis] + from.size[axis];
      rows.index[axis] = at[axis] * factors_[axis];
      rows.size[axis] = std::min(factors_[axis], end - rows.index[axis]);
    }
    return rows;
  }

  // `rows`: how many there are in all.
  template <typename T>
  void add_row(const std::byte* row, int64_t width, int64_t rows, std::vector<Sum<T>>& sums) const {
    int64_t source = 0, first = 0;
    for (int64_t left = width; left > 0; left -= factors_[0]) {
      const int64_t together = std::min(left, factors_[0]);
      for (int64_t i = 0; i < together; ++i) {
        for (int64_t c = 0; c < components_; ++c)
          sums[static_cast<size_t>(first + c)].add(element<T>(row, source++), rows * together);
      }
      first += components_;
    }
  }

  template <typename T>
  std::byte* write_row(const std::vector<Sum<T>>& sums, int64_t width, int64_t rows,
                       std::byte* out) const {
    int64_t first = 0;
    for (int64_t left = width; left > 0; left -= factors_[0]) {
      const int64_t count = rows * std::min(left, factors_[0]);
      for (int64_t c = 0; c < components_; ++c)
        set_element(out, first + c, sums[static_cast<size_t>(first + c)].mean(count));
      first += components_;
    }
    return out + first * component_bytes_;
  }

  const int64_t components_;
  const int component_bytes_;
  const int64_t pixel_bytes_;
  const Index& factors_;
  const bool swaps_;
};

void run(const Means& means, swr_component component, const Versions& versions) {
  switch (component) {
    case SWR_UINT8: return means.run<uint8_t>(versions);
    case SWR_INT8: return means.run<int8_t>(versions);
    case SWR_UINT16: return means.run<uint16_t>(versions);
    case SWR_INT16: return means.run<int16_t>(versions);
    case SWR_UINT32: return means.run<uint32_t>(versions);
    case SWR_INT32: return means.run<int32_t>(versions);
    case SWR_UINT64: return means.run<uint64_t>(versions);
    case SWR_INT64: return means.run<int64_t>(versions);
    case SWR_FLOAT32: return means.run<float>(versions);
    case SWR_FLOAT64: return means.run<double>(versions);
    default: fail(SWR_ERROR_INTERNAL, "a pyramid of an unknown component type");
  }
}

void take_nearest(const LinearOrder& order, const Index& factors, const Versions& versions) {
  const auto bytes = static_cast<size_t>(order.pixel_bytes());
  const Region &from = versions.from, &to = versions.to;
  const std::byte* const pixels = versions.pixels;
  const auto nearest = [&](int axis, int64_t at) {
    const int64_t last = from.index[axis] + from.size[axis] - 1;
    return std::min(at * factors[axis] + (factors[axis] - 1) / 2, last);
  };
  std::byte* target = versions.out;
  for_each_row(to, [&](const Index& row) {
    Index source{};
    for (int axis = 0; axis < to.dimensions; ++axis) source[axis] = nearest(axis, row[axis]);
    const std::byte* const line = pixels + number_in(from, source) * order.pixel_bytes();
    const int64_t first = source[0];
    for (int64_t x = 0; x < to.size[0]; ++x, target += bytes) {
      const int64_t distance = nearest(0, row[0] + x) - first;
      std::memcpy(target, line + distance * order.pixel_bytes(), bytes);
    }
  });
}

Index known_factors(const LinearOrder& larger, const LinearOrder& smaller) {
  const auto factors = factors_between(larger.dimensions, larger.size, smaller.size);
  if (!factors) fail(SWR_ERROR_INTERNAL, "a level of a pyramid has another shape");
  return *factors;
}

}  // namespace

Reducer::Reducer(const Pyramid& pyramid, bool big_endian, const LinearOrder& larger,
                 const LinearOrder& smaller)
    : pyramid_(pyramid),
      swaps_(big_endian != machine_is_big_endian && larger.component_bytes > 1),
      larger_(larger),
      smaller_(smaller),
      factors_(known_factors(larger, smaller)) {}

Region Reducer::source_of(const Region& region) const {
  Region source = region;
  for (int axis = 0; axis < region.dimensions; ++axis) {
    const int64_t end = (region.index[axis] + region.size[axis]) * factors_[axis];
    source.index[axis] = region.index[axis] * factors_[axis];
    source.size[axis] = std::min(end, larger_.size[axis]) - source.index[axis];
  }
  return source;
}

Region Reducer::touched_by(const Region& region) const {
  Region touched = region;
  for (int axis = 0; axis < region.dimensions; ++axis) {
    const int64_t end = divide_up(region.index[axis] + region.size[axis], factors_[axis]);
    touched.index[axis] = region.index[axis] / factors_[axis];
    // Of an odd size that was rounded down, the last pixels are in no box.
    touched.size[axis] =
        std::max<int64_t>(0, std::min(end, smaller_.size[axis]) - touched.index[axis]);
  }
  return touched;
}

void Reducer::reduce(const Region& from, const std::byte* pixels, const Region& to,
                     std::byte* out) const {
  const Versions versions{from, pixels, to, out};
  if (pyramid_.method == PyramidMethod::nearest) return take_nearest(larger_, factors_, versions);
  run(Means(larger_, factors_, swaps_), pyramid_.component, versions);
}

// Boxes differ in size only where they are the last ones along an axis.
bool Reducer::keeps(std::span<const std::byte> pixel) const {
  Region corner = whole(smaller_.dimensions, smaller_.size);
  std::vector<int> halved;
  for (int axis = 0; axis < smaller_.dimensions; ++axis) {
    corner.size[axis] = 1;
    if (factors_[axis] > 1) halved.push_back(axis);
  }
  std::vector<std::byte> from, made(pixel.size());
  for (size_t number = 0; number < size_t{1} << halved.size(); ++number) {
    for (size_t i = 0; i < halved.size(); ++i)
      corner.index[halved[i]] = (number >> i & 1) != 0 ? smaller_.size[halved[i]] - 1 : 0;
    const Region source = source_of(corner);
    from.clear();
    for (int64_t i = 0; i < source.pixels(); ++i)
      from.insert(from.end(), pixel.begin(), pixel.end());
    reduce(source, from.data(), corner, made.data());
    if (!std::ranges::equal(made, pixel)) return false;
  }
  return true;
}

}  // namespace swr
