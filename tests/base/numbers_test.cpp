// Numbers from text: both ends of every range, and every notation.
#include "base/numbers.h"

// clang-format off
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <csetjmp>
extern "C" {
#include <cmocka.h>
}
// clang-format on

#include <bit>
#include <charconv>
#include <cmath>
#include <random>
#include <string>

namespace swr {
namespace {

const std::string zeros(350, '0');

// Too large and too small are distinguished by the value, not by the notation.
template <typename T>
void expect_ends_of_range(const std::string& large, const std::string& small) {
  const std::string points[] = {large,
                                "-" + large,
                                "1" + zeros,
                                "1" + zeros + "e-1",
                                "-1" + zeros + ".5e-1",
                                "0.5e400",
                                "0.1e999",
                                "-0.0001e9999999999999999999999",
                                "12e400"};
  for (const std::string& text : points) {
    T value = 7;
    assert_int_equal(parse_real(text, value), Parsed::out_of_range);
  }
  const std::string tiny[] = {small, "0." + zeros + "1", "0." + zeros + "1e5", "12e-400",
                              "12E-9999999999999999999999"};
  for (const std::string& text : tiny) {
    for (const bool negative : {false, true}) {
      T value = 7;
      assert_int_equal(parse_real((negative ? "-" : "") + text, value), Parsed::ok);
      assert_true(value == 0);
      assert_int_equal(std::signbit(value), negative);
    }
  }
  for (const std::string& text : {"0e999" + zeros, "0.000e-999" + zeros, "-0." + zeros + "e400"}) {
    T value = 7;
    assert_int_equal(parse_real(text, value), Parsed::ok);
    assert_true(value == 0);
  }
}

void real_at_the_ends_of_the_range_is_too_large_or_tiny(void**) {
  expect_ends_of_range<double>("1.8e308", "1e-324");
  expect_ends_of_range<float>("3.5e38", "1e-46");
  double wide;
  assert_int_equal(parse_real("4.94e-324", wide), Parsed::ok);
  assert_true(wide == 4.94e-324);
  // Many digits and an exponent that compensates for them.
  assert_int_equal(parse_real("1" + zeros + "e-350", wide), Parsed::ok);
  assert_true(wide == 1);
  assert_int_equal(parse_real("0." + zeros + "1e351", wide), Parsed::ok);
  assert_true(wide == 1);
  float narrow;
  assert_int_equal(parse_real("1e-45", narrow), Parsed::ok);
  assert_true(narrow == 1e-45f);
  assert_int_equal(parse_real("-inf", narrow), Parsed::ok);
  assert_true(std::isinf(narrow));
}

void whole_any_way_of_writing_is_exact(void**) {
  const auto whole = [](const std::string& text) {
    int64_t value = 0;
    assert_int_equal(parse_whole(text, value), Parsed::ok);
    return value;
  };
  assert_true(whole("3") == 3 && whole("3.0") == 3 && whole("-2.") == -2 && whole(".3e1") == 3);
  assert_true(whole("1e3") == 1000 && whole("1000e-3") == 1 && whole("-0.0") == 0);
  assert_true(whole("0e999") == 0 && whole("1" + zeros + "e-350") == 1);
  // A double cannot hold any of these exactly.
  assert_true(whole("9007199254740993.0") == 9007199254740993);
  assert_true(whole("9223372036854775807.00") == INT64_MAX);
  assert_true(whole("-9.223372036854775808e18") == INT64_MIN);
  uint64_t most = 0;
  assert_int_equal(parse_whole("18446744073709551615.", most), Parsed::ok);
  assert_true(most == UINT64_MAX);
}

void whole_outside_the_type_is_out_of_range(void**) {
  for (const char* text : {"9223372036854775808.0", "-9223372036854775809", "1e19", "1e400",
                           "0.5e400", "1.5", "1e-400", "nan", "-inf", "1e99999999999999999999"}) {
    int64_t value = 0;
    assert_int_equal(parse_whole(text, value), Parsed::out_of_range);
  }
  for (const char* text : {"256", "-1", "2.56e2", "300e999"}) {
    uint8_t value = 0;
    assert_int_equal(parse_whole(text, value), Parsed::out_of_range);
  }
  uint64_t wide = 0;
  assert_int_equal(parse_whole("18446744073709551616", wide), Parsed::out_of_range);
  int8_t narrow = 0;
  assert_int_equal(parse_whole("-128", narrow), Parsed::ok);
  assert_int_equal(parse_whole("-129", narrow), Parsed::out_of_range);
}

// However many digits are written.
template <typename T, typename Bits>
void expect_round_trips(uint64_t seed) {
  std::mt19937_64 random(seed);
  for (int i = 0; i < 5000; ++i) {
    const T value = std::bit_cast<T>(static_cast<Bits>(random()));
    if (!std::isfinite(value)) continue;
    char text[1100];
    const int digits = i % 3 == 0 ? 60 : std::numeric_limits<T>::max_digits10 - 1;
    const auto end =
        std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, digits).ptr;
    T parsed = 0;
    assert_int_equal(parse_real(std::string_view(text, end), parsed), Parsed::ok);
    assert_true(std::bit_cast<Bits>(parsed) == std::bit_cast<Bits>(value));
  }
}

void real_round_trip_keeps_each_bit(void**) {
  expect_round_trips<double, uint64_t>(1);
  expect_round_trips<float, uint32_t>(2);
}

void real_halfway_between_two_goes_to_the_even_one(void**) {
  double value = 0;
  assert_int_equal(parse_real("9007199254740993", value), Parsed::ok);
  assert_true(value == 9007199254740992);
  assert_int_equal(parse_real("9007199254740993." + zeros + "1", value), Parsed::ok);
  assert_true(value == 9007199254740994);
}

void real_without_digits_is_inf_or_nan(void**) {
  for (const char* text : {"nan", "-nan", "NaN", "nan(1_a)"}) {
    float value = 0;
    assert_int_equal(parse_real(text, value), Parsed::ok);
    assert_true(std::isnan(value));
  }
  for (const std::string text : {"inf", "INF", "Infinity"}) {
    for (const bool negative : {false, true}) {
      double value = 0;
      assert_int_equal(parse_real((negative ? "-" : "") + text, value), Parsed::ok);
      assert_true(std::isinf(value) && std::signbit(value) == negative);
    }
  }
  for (const char* text : {"in", "infinit", "infinityx", "na", "nanx", "nan(", "nan(-)", "--inf"}) {
    double value = 0;
    assert_int_equal(parse_real(text, value), Parsed::not_a_number);
  }
}

void text_that_is_no_number_is_told(void**) {
  for (const char* text : {"", "-", ".", "e5", "1e", "1e+", "1x", "x1", "--1", "+1", "1.5.2",
                           "0x10", "1 ", " 1", "1e5.5"}) {
    double real;
    int32_t whole;
    assert_int_equal(parse_real(text, real), Parsed::not_a_number);
    assert_int_equal(parse_whole(text, whole), Parsed::not_a_number);
  }
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(real_at_the_ends_of_the_range_is_too_large_or_tiny),
      cmocka_unit_test(whole_any_way_of_writing_is_exact),
      cmocka_unit_test(whole_outside_the_type_is_out_of_range),
      cmocka_unit_test(real_round_trip_keeps_each_bit),
      cmocka_unit_test(real_halfway_between_two_goes_to_the_even_one),
      cmocka_unit_test(real_without_digits_is_inf_or_nan),
      cmocka_unit_test(text_that_is_no_number_is_told),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
