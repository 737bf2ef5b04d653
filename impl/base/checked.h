// Arithmetic on sizes and offsets that fails instead of wrapping.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "base/error.h"

namespace swr {

// Return true if the result does not fit an int64_t; otherwise the result is set. The compilers'
// own functions compile to one instruction.
#if defined(__GNUC__)
inline bool add_overflows(int64_t a, int64_t b, int64_t& sum) {
  return __builtin_add_overflow(a, b, &sum);
}
inline bool subtract_overflows(int64_t a, int64_t b, int64_t& difference) {
  return __builtin_sub_overflow(a, b, &difference);
}
inline bool multiply_overflows(int64_t a, int64_t b, int64_t& product) {
  return __builtin_mul_overflow(a, b, &product);
}
#else
inline constexpr int64_t least_int64 = std::numeric_limits<int64_t>::min();
inline constexpr int64_t most_int64 = std::numeric_limits<int64_t>::max();

inline bool add_overflows(int64_t a, int64_t b, int64_t& sum) {
  if (b < 0 ? a < least_int64 - b : a > most_int64 - b) return true;
  sum = a + b;
  return false;
}
inline bool subtract_overflows(int64_t a, int64_t b, int64_t& difference) {
  if (b < 0 ? a > most_int64 + b : a < least_int64 + b) return true;
  difference = a - b;
  return false;
}
inline bool multiply_overflows(int64_t a, int64_t b, int64_t& product) {
  if (a > 0 && (b > 0 ? a > most_int64 / b : b < least_int64 / a)) return true;
  if (a < 0 && (b > 0 ? a < least_int64 / b : b < most_int64 / a)) return true;
  product = a * b;
  return false;
}
#endif

inline std::optional<int64_t> try_multiply(int64_t a, int64_t b) {
  int64_t product;
  if (multiply_overflows(a, b, product)) return std::nullopt;
  return product;
}

inline int64_t checked_multiply(int64_t a, int64_t b) {
  if (const auto product = try_multiply(a, b)) return *product;
  fail(SWR_ERROR_REGION, "the size ", a, " x ", b, " does not fit 63 bits");
}

inline int64_t checked_add(int64_t a, int64_t b) {
  int64_t sum;
  if (add_overflows(a, b, sum))
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
