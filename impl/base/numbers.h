// Exact numbers from decimal text, independent of the locale.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>

namespace swr {

enum class Parsed { ok, not_a_number, out_of_range };

// The whole of `text` must be one number: digits with an optional sign '-', point and exponent, or
// "inf" or "nan". A number that is too small gives the nearest number of the type, which may be 0;
// one that is too large is out of range.
Parsed parse_real(std::string_view text, float& value);
Parsed parse_real(std::string_view text, double& value);

// The absolute value of a whole number, which may be written as 3, 3.0 or 0.3e1. A number with a
// fraction, "inf" and "nan" are out of range.
Parsed parse_magnitude(std::string_view text, bool& negative, uint64_t& magnitude);

template <std::integral T>
Parsed parse_whole(std::string_view text, T& value) {
  bool negative;
  uint64_t magnitude;
  const Parsed parsed = parse_magnitude(text, negative, magnitude);
  if (parsed != Parsed::ok) return parsed;
  const auto most = static_cast<uint64_t>(std::numeric_limits<T>::max());
  const uint64_t least = std::signed_integral<T> ? most + 1 : 0;  // its absolute value
  if (magnitude > (negative ? least : most)) return Parsed::out_of_range;
  value = static_cast<T>(negative ? 0 - magnitude : magnitude);
  return Parsed::ok;
}

}  // namespace swr
