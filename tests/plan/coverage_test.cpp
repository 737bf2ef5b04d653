// What was delivered and what is missing, compared with one flag per pixel.
#include "plan/coverage.h"

// clang-format off
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <csetjmp>
extern "C" {
#include <cmocka.h>
}
// clang-format on

#include <random>
#include <vector>

namespace swr {
namespace {

Region box(int64_t x, int64_t y, int64_t z, int64_t size_x, int64_t size_y, int64_t size_z) {
  Region region;
  region.dimensions = 3;
  region.index = {x, y, z};
  region.size = {size_x, size_y, size_z};
  return region;
}

using Flags = std::vector<int>;

void count(Flags& flags, const Region& whole, const Region& part) {
  for (int64_t z = part.index[2]; z < part.index[2] + part.size[2]; ++z) {
    for (int64_t y = part.index[1]; y < part.index[1] + part.size[1]; ++y) {
      for (int64_t x = part.index[0]; x < part.index[0] + part.size[0]; ++x) {
        ++flags[static_cast<size_t>(((z - whole.index[2]) * whole.size[1] + y - whole.index[1]) *
                                        whole.size[0] +
                                    x - whole.index[0])];
      }
    }
  }
}

void random_boxes_and_what_they_leave_equal_a_map_of_flags(void**) {
  std::mt19937 random(17);
  const auto below = [&](int64_t n) {
    return static_cast<int64_t>(random() % static_cast<uint32_t>(n));
  };
  for (int round = 0; round < 300; ++round) {
    const Region whole =
        box(below(9) - 4, below(9) - 4, below(9) - 4, 1 + below(7), 1 + below(7), 1 + below(7));
    Coverage coverage;
    Flags added(static_cast<size_t>(whole.pixels()), 0);
    const auto boxes_to_add = below(12);
    for (int64_t i = 0; i < boxes_to_add; ++i) {
      Region part = whole;
      for (int axis = 0; axis < 3; ++axis) {
        const int64_t skip = below(whole.size[axis]);
        part.index[axis] += skip;
        part.size[axis] = 1 + below(whole.size[axis] - skip);
      }
      coverage.add(part);
      count(added, whole, part);
    }
    Flags covered(added.size(), 0), missing(added.size(), 0);
    for (const Region& part : coverage.boxes()) count(covered, whole, part);
    for (const Region& part : coverage.missing(whole)) count(missing, whole, part);
    for (size_t i = 0; i < added.size(); ++i) {
      assert_int_equal(covered[i], added[i] > 0 ? 1 : 0);  // each once
      assert_int_equal(missing[i], added[i] > 0 ? 0 : 1);
    }
  }
}

// More than the flags can hold: isolated pixels, then boxes over some of them, then the rest.
void coverage_many_isolated_boxes_are_found_and_swallowed(void**) {
  const int64_t side = 40;
  const Region all = box(0, 0, 0, side, side, side);
  Coverage coverage;
  Flags added(static_cast<size_t>(all.pixels()), 0);
  const auto add = [&](const Region& part) {
    coverage.add(part);
    count(added, all, part);
  };
  for (int64_t z = 0; z < side; z += 2) {
    for (int64_t y = 0; y < side; y += 2) {
      for (int64_t x = 0; x < side; x += 2) add(box(x, y, z, 1, 1, 1));
    }
  }
  assert_int_equal(coverage.boxes().size(), 8000);
  for (const int64_t at : {11, 3, 27}) add(box(at, 0, at / 2, 7, side, 9));
  add(box(5, 5, 5, 30, 30, 30));
  Flags covered(added.size(), 0), missing(added.size(), 0);
  for (const Region& part : coverage.boxes()) count(covered, all, part);
  for (const Region& part : coverage.missing(all)) count(missing, all, part);
  for (size_t i = 0; i < added.size(); ++i) {
    assert_int_equal(covered[i], added[i] > 0 ? 1 : 0);
    assert_int_equal(missing[i], added[i] > 0 ? 0 : 1);
  }
  coverage.add(all);
  assert_int_equal(coverage.boxes().size(), 1);
  assert_false(coverage.first_missing(all).has_value());
}

// As many steps for the last box as for the first, so that this ends within a second; with a list
// of boxes it took minutes.
void coverage_a_hundred_thousand_isolated_pixels_names_the_first_missing(void**) {
  const int64_t rows = 400, columns = 250;
  Coverage coverage;
  for (int64_t y = 0; y < rows; ++y) {
    for (int64_t x = 0; x < columns; ++x) coverage.add(box(2 * x + (y & 1), y, 0, 1, 1, 1));
  }
  assert_int_equal(coverage.boxes().size(), rows * columns);
  const Region all = box(0, 0, 0, 2 * columns, rows, 1);
  assert_int_equal(coverage.missing(all).size(), rows * columns);
  assert_true(coverage.first_missing(all) == box(1, 0, 0, 1, 1, 1));
  coverage.add(box(0, 0, 0, 2 * columns, 7, 1));
  assert_true(coverage.first_missing(all) == box(0, 7, 0, 1, 1, 1));
}

void slabs_that_touch_become_one_box(void**) {
  Coverage coverage;
  for (const int64_t z : {5, 1, 0, 3, 2, 4}) coverage.add(box(0, 0, z, 9, 8, 1));
  assert_int_equal(coverage.boxes().size(), 1);
  assert_true(coverage.boxes()[0] == box(0, 0, 0, 9, 8, 6));
  assert_true(coverage.missing(box(0, 0, 0, 9, 8, 6)).empty());
}

void what_is_missing_comes_in_file_order(void**) {
  Coverage coverage;
  coverage.add(box(0, 0, 3, 9, 8, 1));
  coverage.add(box(0, 0, 6, 9, 8, 1));
  const auto missing = coverage.missing(box(0, 0, 0, 9, 8, 9));
  assert_int_equal(missing.size(), 3);
  assert_true(missing[0] == box(0, 0, 0, 9, 8, 3));
  assert_true(missing[1] == box(0, 0, 4, 9, 8, 2));
  assert_true(missing[2] == box(0, 0, 7, 9, 8, 2));
}

void many_slabs_in_any_order_leave_nothing_missing(void**) {
  Coverage coverage;
  const int64_t slabs = 2000;
  for (int64_t i = 0; i < slabs; ++i)
    coverage.add(box(0, 0, i * 7919 % slabs, 9, 8, 1));  // 7919 and 2000 have no common factor
  assert_true(coverage.missing(box(0, 0, 0, 9, 8, slabs)).empty());
  assert_true(coverage.missing(box(0, 0, 0, 9, 8, slabs + 1)) ==
              std::vector<Region>{box(0, 0, slabs, 9, 8, 1)});
}

void nothing_added_leaves_all_missing(void**) {
  const Coverage coverage;
  const auto missing = coverage.missing(box(1, 2, 3, 4, 5, 6));
  assert_int_equal(missing.size(), 1);
  assert_true(missing[0] == box(1, 2, 3, 4, 5, 6));
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(random_boxes_and_what_they_leave_equal_a_map_of_flags),
      cmocka_unit_test(coverage_many_isolated_boxes_are_found_and_swallowed),
      cmocka_unit_test(coverage_a_hundred_thousand_isolated_pixels_names_the_first_missing),
      cmocka_unit_test(slabs_that_touch_become_one_box),
      cmocka_unit_test(what_is_missing_comes_in_file_order),
      cmocka_unit_test(many_slabs_in_any_order_leave_nothing_missing),
      cmocka_unit_test(nothing_added_leaves_all_missing),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
