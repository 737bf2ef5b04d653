#include "base/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>

namespace swr {
namespace {

// The value is 0.DIGITS times ten to the power of `point`. There are no zeros at the front or at
// the end of the digits, and none at all if the value is 0.
struct Decimal {
  bool negative = false;
  std::string digits;
  int64_t point = 0;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto digits = text.substr(0, static_cast<size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// The exponent with its 'e'. An exponent beyond all numbers is limited to a large value.
std::optional<int64_t> take_exponent(std::string_view& text) {
  if (!take(text, 'e') && !take(text, 'E')) return 0;
  const bool negative = take(text, '-');
  if (!negative) take(text, '+');
  const std::string_view digits = take_digits(text);
  if (digits.empty()) return std::nullopt;
  constexpr int64_t large = int64_t{1} << 62;
  int64_t exponent = 0;
  for (const char digit : digits)
    exponent = exponent > large / 10 ? large : std::min(large, exponent * 10 + (digit - '0'));
  return negative ? -exponent : exponent;
}

std::optional<Decimal> decimal_of(std::string_view text) {
  Decimal decimal;
  decimal.negative = take(text, '-');
  const std::string_view whole = take_digits(text);
  const std::string_view fraction = take(text, '.') ? take_digits(text) : std::string_view();
  const auto exponent = take_exponent(text);
  if (whole.size() + fraction.size() == 0 || !exponent || !text.empty()) return std::nullopt;
  std::string& digits = decimal.digits;
  digits.append(whole).append(fraction);
  digits.erase(digits.find_last_not_of('0') + 1);
  const size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
  digits.erase(0, zeros);
  decimal.point = *exponent + static_cast<int64_t>(whole.size()) - static_cast<int64_t>(zeros);
  return decimal;
}

#if defined(__cpp_lib_to_chars) && !defined(SWR_WITHOUT_REAL_FROM_CHARS)

template <std::floating_point T>
Parsed parse(std::string_view text, T& value) {
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ptr != end || result.ec == std::errc::invalid_argument) return Parsed::not_a_number;
  if (result.ec == std::errc{}) return Parsed::ok;
  // from_chars() does not distinguish "too small" from "too large".
  const auto decimal = decimal_of(text);
  if (!decimal || decimal->point > 0) return Parsed::out_of_range;
  double tiny = 0;
  if (std::from_chars(text.data(), end, tiny).ec != std::errc{})
    tiny = decimal->negative ? -0. : 0.;
  value = static_cast<T>(tiny);
  return Parsed::ok;
}

#else  // a C++ library, such as that of clang 16, which reads whole numbers only

bool is_word(std::string_view text, std::string_view word) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(text, word, {}, lower);
}

// "inf", "infinity", "nan" and "nan(...)", in upper or lower case.
template <std::floating_point T>
std::optional<T> without_digits(std::string_view text) {
  const bool negative = take(text, '-');
  const auto signed_value = [&](T value) { return negative ? -value : value; };
  if (is_word(text, "inf") || is_word(text, "infinity"))
    return signed_value(std::numeric_limits<T>::infinity());
  if (!is_word(text.substr(0, 3), "nan")) return std::nullopt;
  text.remove_prefix(3);
  const auto is_tag = [](char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  const bool tagged = text.size() >= 2 && text.front() == '(' && text.back() == ')' &&
                      std::all_of(text.begin() + 1, text.end() - 1, is_tag);
  if (!text.empty() && !tagged) return std::nullopt;
  return signed_value(std::numeric_limits<T>::quiet_NaN());
}

void nearest(const std::string& text, float& value) {
  value = std::strtof(text.c_str(), nullptr);
}

void nearest(const std::string& text, double& value) {
  value = std::strtod(text.c_str(), nullptr);
}

template <std::floating_point T>
Parsed parse(std::string_view text, T& value) {
  if (const auto special = without_digits<T>(text)) {
    value = *special;
    return Parsed::ok;
  }
  const auto decimal = decimal_of(text);
  if (!decimal) return Parsed::not_a_number;
  constexpr int64_t beyond = 400;  // powers of ten that no double reaches
  T magnitude = 0;
  if (!decimal->digits.empty() && decimal->point > beyond) return Parsed::out_of_range;
  if (!decimal->digits.empty() && decimal->point > -beyond) {
    const auto digits = static_cast<int64_t>(decimal->digits.size());
    // The locale has a say in the decimal point, and here is none.
    nearest(decimal->digits + "e" + std::to_string(decimal->point - digits), magnitude);
  }
  if (std::isinf(magnitude)) return Parsed::out_of_range;
  value = decimal->negative ? -magnitude : magnitude;
  return Parsed::ok;
}

#endif

}  // namespace

Parsed parse_real(std::string_view text, float& value) {
  return parse(text, value);
}

Parsed parse_real(std::string_view text, double& value) {
  return parse(text, value);
}

Parsed parse_magnitude(std::string_view text, bool& negative, uint64_t& magnitude) {
  const auto decimal = decimal_of(text);
  if (!decimal) {
    double real;
    return parse_real(text, real) == Parsed::not_a_number ? Parsed::not_a_number
                                                          : Parsed::out_of_range;
  }
  negative = decimal->negative;
  magnitude = 0;
  if (decimal->digits.empty()) return Parsed::ok;
  const auto digits = static_cast<int64_t>(decimal->digits.size());
  constexpr int64_t most_digits = std::numeric_limits<uint64_t>::digits10 + 1;
  if (decimal->point < digits || decimal->point > most_digits) return Parsed::out_of_range;
  const std::string all =
      decimal->digits + std::string(static_cast<size_t>(decimal->point - digits), '0');
  const auto result = std::from_chars(all.data(), all.data() + all.size(), magnitude);
  return result.ec == std::errc{} ? Parsed::ok : Parsed::out_of_range;
}

}  // namespace swr
