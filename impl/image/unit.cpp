#include "image/unit.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/numbers.h"

namespace swr {
namespace {

struct Row {
  swr_unit unit;
  const char* name;
  Quantity quantity;
  double size;
};

constexpr Row rows[] = {
    {SWR_UNIT_NONE, "", Quantity::none, 1},
    {SWR_UNIT_METRE, "m", Quantity::length, 1e3},
    {SWR_UNIT_CENTIMETRE, "cm", Quantity::length, 10},
    {SWR_UNIT_MILLIMETRE, "mm", Quantity::length, 1},
    {SWR_UNIT_MICROMETRE, "um", Quantity::length, 1e-3},
    {SWR_UNIT_NANOMETRE, "nm", Quantity::length, 1e-6},
    {SWR_UNIT_INCH, "in", Quantity::length, 25.4},
    {SWR_UNIT_SECOND, "s", Quantity::time, 1},
    {SWR_UNIT_MILLISECOND, "ms", Quantity::time, 1e-3},
    {SWR_UNIT_MICROSECOND, "us", Quantity::time, 1e-6},
    {SWR_UNIT_HERTZ, "Hz", Quantity::frequency, 1},
    {SWR_UNIT_PPM, "ppm", Quantity::shift, 1},
    {SWR_UNIT_RADIANS_PER_SECOND, "rad/s", Quantity::angular_frequency, 1},
    {SWR_UNIT_ANGSTROM, "Angstrom", Quantity::length, 1},  // numbers in Angstrom stay as they are
};

struct Spelling {
  std::string_view text;  // lower case
  swr_unit unit;
};

// Spellings in addition to the names above, in upper or lower case. The micro sign is U+00B5 or the
// Greek letter U+03BC, in UTF-8 or, as one byte, in Latin-1. The sign of
// Angstrom is U+00C5 or U+212B.
constexpr Spelling spellings[] = {
    {"metre", SWR_UNIT_METRE},
    {"metres", SWR_UNIT_METRE},
    {"meter", SWR_UNIT_METRE},
    {"meters", SWR_UNIT_METRE},
    {"centimetre", SWR_UNIT_CENTIMETRE},
    {"centimetres", SWR_UNIT_CENTIMETRE},
    {"centimeter", SWR_UNIT_CENTIMETRE},
    {"centimeters", SWR_UNIT_CENTIMETRE},
    {"millimetre", SWR_UNIT_MILLIMETRE},
    {"millimetres", SWR_UNIT_MILLIMETRE},
    {"millimeter", SWR_UNIT_MILLIMETRE},
    {"millimeters", SWR_UNIT_MILLIMETRE},
    {"micron", SWR_UNIT_MICROMETRE},
    {"microns", SWR_UNIT_MICROMETRE},
    {"micrometre", SWR_UNIT_MICROMETRE},
    {"micrometres", SWR_UNIT_MICROMETRE},
    {"micrometer", SWR_UNIT_MICROMETRE},
    {"micrometers", SWR_UNIT_MICROMETRE},
    {"\xc2\xb5m", SWR_UNIT_MICROMETRE},
    {"\xce\xbcm", SWR_UNIT_MICROMETRE},
    {"\xb5m", SWR_UNIT_MICROMETRE},
    {"nanometre", SWR_UNIT_NANOMETRE},
    {"nanometres", SWR_UNIT_NANOMETRE},
    {"nanometer", SWR_UNIT_NANOMETRE},
    {"nanometers", SWR_UNIT_NANOMETRE},
    {"angstroms", SWR_UNIT_ANGSTROM},
    {"\xc3\x85", SWR_UNIT_ANGSTROM},
    {"\xe2\x84\xab", SWR_UNIT_ANGSTROM},
    {"\xc5", SWR_UNIT_ANGSTROM},
    {"inch", SWR_UNIT_INCH},
    {"inches", SWR_UNIT_INCH},
    {"\"", SWR_UNIT_INCH},
    {"sec", SWR_UNIT_SECOND},
    {"secs", SWR_UNIT_SECOND},
    {"second", SWR_UNIT_SECOND},
    {"seconds", SWR_UNIT_SECOND},
    {"msec", SWR_UNIT_MILLISECOND},
    {"millisecond", SWR_UNIT_MILLISECOND},
    {"milliseconds", SWR_UNIT_MILLISECOND},
    {"usec", SWR_UNIT_MICROSECOND},
    {"microsecond", SWR_UNIT_MICROSECOND},
    {"microseconds", SWR_UNIT_MICROSECOND},
    {"\xc2\xb5s", SWR_UNIT_MICROSECOND},
    {"\xce\xbcs", SWR_UNIT_MICROSECOND},
    {"\xb5s", SWR_UNIT_MICROSECOND},
    {"hertz", SWR_UNIT_HERTZ},
    {"rads", SWR_UNIT_RADIANS_PER_SECOND},
    {"radians/second", SWR_UNIT_RADIANS_PER_SECOND},
};

const Row& row(swr_unit unit) {
  const auto* const found = std::find_if(std::begin(rows), std::end(rows),
                                         [&](const Row& entry) { return entry.unit == unit; });
  return found == std::end(rows) ? rows[0] : *found;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// The number with as many digits as decimal text keeps through a double.
double rounded_to_decimal(double number) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::general,
                                 std::numeric_limits<double>::digits10);
  double rounded = number;
  parse_real({digits, static_cast<size_t>(end.ptr - digits)}, rounded);
  return rounded;
}

struct DecimalPower {
  double size;
  int exponent;
};

constexpr DecimalPower decimal_powers[] = {{1e3, 3}, {10, 1}, {1e-3, -3}, {1e-6, -6}};

// A decimal fraction of up to 15 digits with its point moved; nothing for other numbers.
std::optional<double> shifted(double number, int places) {
  char digits[40];
  const auto end =
      std::to_chars(digits, digits + sizeof digits, number, std::chars_format::scientific);
  const std::string_view whole(digits, static_cast<size_t>(end.ptr - digits));
  const size_t mark = whole.find('e');
  const size_t others = (number < 0 ? 1 : 0) + (mark > 2 ? 1 : 0);  // the sign and the point
  if (mark - others > std::numeric_limits<double>::digits10) return std::nullopt;
  const size_t sign = mark + (whole[mark + 1] == '+' ? 2 : 1);
  int exponent = 0;
  std::from_chars(whole.data() + sign, end.ptr, exponent);
  const std::string moved = text(whole.substr(0, mark), 'e', exponent + places);
  double result = 0;
  return parse_real(moved, result) == Parsed::ok ? std::optional(result) : std::nullopt;
}

}  // namespace

Quantity quantity_of(swr_unit unit) {
  return row(unit).quantity;
}

double size_of(swr_unit unit) {
  return row(unit).size;
}

const char* unit_name(swr_unit unit) {
  return row(unit).name;
}

swr_unit unit_of_name(std::string_view name) {
  // Case matters only where it changes the meaning: "Mm" is not millimetre, "MS" not millisecond.
  for (const Row& entry : rows) {
    if (entry.name == name) return entry.unit;
  }
  const std::string wanted = lower_case(name);
  const bool megas = name.size() == 2 && name.front() == 'M';
  for (const Row& entry : rows) {
    if (!megas && wanted == lower_case(entry.name)) return entry.unit;
  }
  const auto* const found =
      std::find_if(std::begin(spellings), std::end(spellings),
                   [&](const Spelling& entry) { return entry.text == wanted; });
  return found == std::end(spellings) ? SWR_UNIT_NONE : found->unit;
}

double from_unit(double number, double size) {
  const double product = size < 1 ? number / (1 / size) : number * size;
  const auto* const power =
      std::find_if(std::begin(decimal_powers), std::end(decimal_powers),
                   [&](const DecimalPower& entry) { return entry.size == size; });
  const bool is_decimal = power != std::end(decimal_powers) && std::isnormal(product);
  return is_decimal ? shifted(number, power->exponent).value_or(product) : product;
}

double to_unit(double number, double size) {
  const double quotient = size < 1 ? number * (1 / size) : number / size;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto error_of = [&](double candidate) {
    return std::abs(from_unit(candidate, size) - number);
  };
  const double fraction = rounded_to_decimal(quotient);
  if (error_of(fraction) == 0) return fraction;
  double best = quotient;
  for (const double candidate :
       {std::nextafter(quotient, infinity), std::nextafter(quotient, -infinity)}) {
    if (error_of(candidate) < error_of(best)) best = candidate;
  }
  return best;
}

bool is_in_every_unit(double number) {
  constexpr double least = 1e-280, most = 1e280;
  return number == 0 || (std::abs(number) > least && std::abs(number) < most);
}

}  // namespace swr
