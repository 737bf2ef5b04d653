// Arithmetic on sizes and offsets that fails instead of wrapping.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"

namespace swr {

inline std::optional<int64_t> try_multiply(int64_t a, int64_t b) {
  int64_t product;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

inline int64_t checked_multiply(int64_t a, int64_t b) {
  if (const auto product = try_multiply(a, b)) return *product;
  fail(SWR_ERROR_REGION, "the size ", a, " x ", b, " does not fit 63 bits");
}

inline int64_t checked_add(int64_t a, int64_t b) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum))
    fail(SWR_ERROR_REGION, "the position ", a, " + ", b, " does not fit 63 bits");
  return sum;
}

inline int64_t divide_up(int64_t a, int64_t b) {
  return a / b + (a % b != 0 ? 1 : 0);
}

// The largest multiple of `unit` that is not above `a`; `a` is not negative.
inline int64_t round_down(int64_t a, int64_t unit) {
  return a - a % unit;
}
inline int64_t round_up(int64_t a, int64_t unit) {
  return checked_multiply(divide_up(a, unit), unit);
}

}  // namespace swr
