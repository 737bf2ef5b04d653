// Numbers in the units of files.
#include "image/unit.h"

#include <cmath>
#include <limits>
#include <random>

#include "cmocka_cpp.h"

namespace swr {
namespace {

void decimal_fractions_stay_so(void**) {
  assert_true(to_unit(0.0005, 1e-3) == 0.5 && from_unit(0.5, 1e-3) == 0.0005);
  assert_true(to_unit(0.0007, 1e-3) == 0.7 && from_unit(0.7, 1e-3) == 0.0007);
  assert_true(to_unit(0.000325, 1e-6) == 325);
  assert_true(to_unit(50.8, 25.4) == 2 && from_unit(2, 25.4) == 50.8);
  assert_true(to_unit(-0.3, 10) == -0.03);
  for (const double size : {1e-6, 1e-3, 10.0, 25.4, 1e3}) {
    for (int thousandths = 1; thousandths < 10000; ++thousandths) {
      const double number = thousandths / 1e3;
      assert_true(to_unit(from_unit(number, size), size) == number);
    }
  }
}

void decimal_fractions_come_back_from_decimal_units(void**) {
  assert_true(to_unit(0.0007, 10) == 0.00007 && from_unit(0.00007, 10) == 0.0007);
  for (const double size : {1e3, 10.0, 1.0, 1e-3, 1e-6}) {
    for (int i = -20000; i < 20000; ++i) {
      const double number = i / 1e4;
      assert_true(from_unit(to_unit(number, size), size) == number);
    }
  }
}

void numbers_come_back_from_any_unit(void**) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> numbers(-1000, 1000);
  constexpr int count = 20000;
  for (int unit = SWR_UNIT_NONE; unit <= SWR_UNIT_ANGSTROM; ++unit) {
    const double size = size_of(static_cast<swr_unit>(unit));
    int changed = 0;
    for (int i = 0; i < count; ++i) {
      const double number = numbers(random);
      const double back = from_unit(to_unit(number, size), size);
      assert_true(std::abs(back - number) <=
                  std::numeric_limits<double>::epsilon() * std::abs(number));
      if (back != number) ++changed;
    }
    assert_true(size == 1 ? changed == 0 : changed < count / 4);
    assert_true(from_unit(to_unit(0, size), size) == 0);
  }
}

void numbers_beyond_doubles_are_in_no_unit(void**) {
  assert_true(is_in_every_unit(0) && is_in_every_unit(-1e-20) && is_in_every_unit(1e20));
  assert_false(is_in_every_unit(1e300) || is_in_every_unit(-1e300) || is_in_every_unit(1e-300) ||
               is_in_every_unit(std::numeric_limits<double>::infinity()));
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(decimal_fractions_stay_so),
      cmocka_unit_test(decimal_fractions_come_back_from_decimal_units),
      cmocka_unit_test(numbers_come_back_from_any_unit),
      cmocka_unit_test(numbers_beyond_doubles_are_in_no_unit),
  };
  return cmocka_run_group_tests_name("unit", tests, nullptr, nullptr);
}
