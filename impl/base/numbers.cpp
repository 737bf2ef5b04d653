#include "base/numbers.h"

#include <algorithm>
#include <charconv>
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
