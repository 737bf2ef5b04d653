// Unused stretches of a file, against a file of single bytes.
#include "stores/holes.h"

#include <algorithm>
#include <random>
#include <vector>

#include "image/cmocka_cpp.h"

namespace swr {
namespace {

void neighbours_are_joined(void**) {
  Holes holes;
  holes.add(100, 10);
  holes.add(120, 10);
  assert_int_equal(holes.count(), 2);
  holes.add(110, 10);
  assert_int_equal(holes.count(), 1);
  assert_int_equal(holes.bytes(), 30);
  assert_int_equal(*holes.take(30), 100);
  assert_int_equal(holes.count(), 0);
}

void the_first_hole_that_fits_is_taken_from_its_front(void**) {
  Holes holes;
  holes.add(10, 4);
  holes.add(20, 9);
  holes.add(40, 8);
  holes.add(60, 1000);
  assert_int_equal(*holes.take(8), 20);
  assert_int_equal(*holes.take(8), 40);
  assert_int_equal(*holes.take(8), 60);
  assert_int_equal(*holes.take(4), 10);
  assert_int_equal(holes.bytes(), 1 + 1000 - 8);
  assert_false(holes.take(1000).has_value());
}

void an_odd_byte_stays_free(void**) {
  Holes holes;
  holes.add(11, 8);
  assert_false(holes.take(8).has_value());
  assert_int_equal(*holes.take(7), 12);
  assert_int_equal(holes.bytes(), 1);
  holes.add(12, 7);
  assert_int_equal(holes.count(), 1);
}

void the_hole_at_the_end_is_taken_as_a_whole(void**) {
  Holes holes;
  assert_false(holes.take_last(50).has_value());
  holes.add(10, 5);
  holes.add(30, 20);
  assert_false(holes.take_last(60).has_value());
  assert_int_equal(*holes.take_last(50), 30);
  assert_false(holes.take_last(50).has_value());
  assert_int_equal(holes.bytes(), 5);
}

// The first place that a search byte by byte finds.
int64_t first_fit(const std::vector<bool>& is_free, int64_t bytes) {
  const auto size = std::ssize(is_free);
  for (int64_t at = 0; at < size; at += 2) {
    int64_t end = at;
    while (end < size && end < at + bytes && is_free[static_cast<size_t>(end)]) ++end;
    if (end == at + bytes) return at;
  }
  return -1;
}

void random_stretches_are_taken_where_a_search_finds_them(void**) {
  std::mt19937 random(5);
  std::vector<bool> is_free(2000);
  Holes holes;
  for (int i = 0; i < 4000; ++i) {
    const auto bytes = static_cast<int64_t>(1 + random() % 60);
    if (random() % 2 == 0) {
      const auto at = static_cast<int64_t>(random() % (is_free.size() - 60));
      const auto begin = is_free.begin() + at;
      if (std::any_of(begin, begin + bytes, [](bool free) { return free; })) continue;
      holes.add(at, bytes);
      std::fill(begin, begin + bytes, true);
      continue;
    }
    const int64_t expected = first_fit(is_free, bytes);
    assert_int_equal(holes.take(bytes).value_or(-1), expected);
    if (expected >= 0)
      std::fill(is_free.begin() + expected, is_free.begin() + expected + bytes, false);
  }
  assert_int_equal(holes.bytes(), std::ranges::count(is_free, true));
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(neighbours_are_joined),
      cmocka_unit_test(the_first_hole_that_fits_is_taken_from_its_front),
      cmocka_unit_test(an_odd_byte_stays_free),
      cmocka_unit_test(the_hole_at_the_end_is_taken_as_a_whole),
      cmocka_unit_test(random_stretches_are_taken_where_a_search_finds_them),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
