// Split, compared with another implementation of ITK's rule, and with the properties of every
// division.
#include "plan/split.h"

// clang-format off
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <csetjmp>
extern "C" {
#include <cmocka.h>
}
// clang-format on

#include <algorithm>
#include <initializer_list>
#include <random>
#include <set>

namespace swr {
namespace {

Region region_of(std::initializer_list<int64_t> index, std::initializer_list<int64_t> size) {
  Region region;
  region.dimensions = static_cast<int>(size.size());
  std::copy(index.begin(), index.end(), region.index.begin());
  std::copy(size.begin(), size.end(), region.size.begin());
  return region;
}

void divisions_of_10x11_are_counted_as_itk_counts(void**) {
  const int64_t asked[] = {0, 1, 2, 3, 4, 7, 11, 12, 99},
                expected[] = {1, 1, 2, 3, 4, 6, 11, 11, 11};
  for (int i = 0; i < 9; ++i)
    assert_int_equal(Split::in_divisions(region_of({0, 0}, {10, 11}), asked[i]).count(),
                     expected[i]);
}

void the_slowest_axis_of_more_than_one_is_divided(void**) {
  const Split split = Split::in_divisions(region_of({16, 20, 1}, {16, 20, 1}), 10);
  assert_int_equal(split.count(), 10);
  for (int64_t i = 0; i < 10; ++i)
    assert_true(split.piece(i) == region_of({16, 20 + 2 * i, 1}, {16, 2, 1}));
  assert_int_equal(Split::in_divisions(region_of({5, 5, 5}, {1, 1, 1}), 7).count(), 1);
  assert_int_equal(Split::in_divisions(region_of({0, 0, 0}, {6, 1, 1}), 4).count(), 3);
}

void the_last_piece_takes_the_rest(void**) {
  const Split split = Split::in_divisions(region_of({0, 0, 0}, {48, 62, 42}), 10);
  assert_int_equal(split.count(), 9);
  assert_true(split.piece(0) == region_of({0, 0, 0}, {48, 62, 5}));
  assert_true(split.piece(8) == region_of({0, 0, 40}, {48, 62, 2}));
  assert_int_equal(split.largest_pixels(), 48 * 62 * 5);
}

void divisions_of_huge_regions_do_not_overflow(void**) {
  const int64_t huge = int64_t{1} << 62;
  const Split split = Split::in_divisions(region_of({0}, {huge}), INT64_MAX);
  assert_int_equal(split.count(), huge);
  assert_int_equal(split.piece(huge - 1).index[0], huge - 1);
  assert_int_equal(Split::in_divisions(region_of({0}, {huge}), 3).count(), 3);
}

// The consecutive pieces are the region's pixels in file order, each once.
void check_covers(const Split& split, const Region& region) {
  int64_t pixels = 0, largest = 0;
  for (int64_t i = 0; i < split.count(); ++i) {
    const Region piece = split.piece(i);
    assert_true(region.contains(piece) && !piece.empty());
    int64_t first = 0;  // the number of its first pixel in the region
    bool below_whole = true;
    for (int axis = region.dimensions - 1; axis >= 0; --axis)
      first = first * region.size[axis] + piece.index[axis] - region.index[axis];
    for (int axis = 0; axis < region.dimensions; ++axis) {
      if (!below_whole)
        assert_int_equal(piece.size[axis],
                         1);  // whole axes, then a stretch of one, then single ones
      below_whole = below_whole && piece.size[axis] == region.size[axis];
    }
    assert_int_equal(first, pixels);
    pixels += piece.pixels();
    largest = std::max(largest, piece.pixels());
  }
  assert_int_equal(pixels, region.pixels());
  assert_int_equal(largest, split.largest_pixels());
}

void random_divisions_cover_the_region_in_file_order(void**) {
  std::mt19937 random(5);
  const auto below = [&](int64_t n) {
    return static_cast<int64_t>(random() % static_cast<uint32_t>(n));
  };
  for (int round = 0; round < 3000; ++round) {
    Region region;
    region.dimensions = static_cast<int>(1 + below(5));
    for (int axis = 0; axis < region.dimensions; ++axis) {
      region.index[axis] = below(20) - 10;
      region.size[axis] = 1 + below(7);
    }
    check_covers(Split::in_divisions(region, below(20)), region);
    const int64_t pixel_bytes = 1 + below(8), piece_bytes = 1 + below(300);
    const Split split = Split::in_bytes(region, pixel_bytes, piece_bytes);
    check_covers(split, region);
    assert_true(split.largest_pixels() == 1 || split.largest_pixels() * pixel_bytes <= piece_bytes);
  }
}

void pieces_of_chunks_begin_and_end_where_chunks_do(void**) {
  std::mt19937 random(6);
  const auto below = [&](int64_t n) {
    return static_cast<int64_t>(random() % static_cast<uint32_t>(n));
  };
  for (int round = 0; round < 3000; ++round) {
    Region region;
    Index chunk{}, first{};
    region.dimensions = static_cast<int>(1 + below(4));
    for (int axis = 0; axis < region.dimensions; ++axis) {
      first[axis] = below(20) - 10;
      region.index[axis] = first[axis] + below(12);
      region.size[axis] = 1 + below(30);
      chunk[axis] = 1 + below(8);
    }
    const int64_t requested = below(12);
    const Split split = Split::in_chunks(region, requested, chunk, first);
    check_covers(split, region);
    assert_true(split.count() <= std::max<int64_t>(1, requested));
    for (int64_t number = 1; number < split.count(); ++number) {
      const Region piece = split.piece(number);
      for (int axis = 0; axis < region.dimensions; ++axis) {
        if (piece.index[axis] != region.index[axis])
          assert_int_equal((piece.index[axis] - first[axis]) % chunk[axis], 0);
      }
    }
  }
}

void pieces_near_chunks_end_where_chunks_do(void**) {
  std::mt19937 random(7);
  const auto below = [&](int64_t n) {
    return static_cast<int64_t>(random() % static_cast<uint32_t>(n));
  };
  for (int round = 0; round < 3000; ++round) {
    const int64_t start = below(12), chunk = 1 + below(9), size = 1 + below(40);
    const Region region = region_of({3, start - 5}, {6, size});
    const int64_t rows = 1 + below(20);
    const Split bytes = Split::in_bytes(region, 2, 6 * 2 * rows);
    const Split split = bytes.near_chunks({4, chunk}, {0, -5});
    check_covers(split, region);
    if (rows >= size) {
      assert_int_equal(split.count(), 1);
    } else if (chunk > 2 * rows) {
      assert_int_equal(split.count(), bytes.count());
    } else {
      assert_in_range(split.piece(0).size[1], 1, 2 * rows);
      for (int64_t number = 1; number < split.count(); ++number)
        assert_int_equal((split.piece(number).index[1] + 5) % chunk, 0);
    }
  }
  const Region region = region_of({0, 0, 0}, {100, 50, 40});
  const auto slices = [&](int64_t of_bytes, int64_t of_chunk) {
    const Split split = Split::in_bytes(region, 2, 100 * 50 * 2 * of_bytes);
    return split.near_chunks({10, 10, of_chunk}, {}).piece(1).size[2];
  };
  assert_int_equal(slices(10, 4), 8);
  assert_int_equal(slices(5, 10), 10);
  assert_int_equal(slices(4, 9), 4);  // would more than double them
}

void pieces_of_so_many_bytes_are_as_large_as_fits(void**) {
  const Region region = region_of({0, 0, 0}, {100, 50, 20});
  assert_int_equal(Split::in_bytes(region, 2, 1 << 20).count(), 1);
  assert_int_equal(Split::in_bytes(region, 2, 100 * 50 * 2 * 3).piece(0).size[2], 3);
  assert_int_equal(Split::in_bytes(region, 2, 100 * 50 * 2 - 1).piece(0).size[2], 1);
  assert_int_equal(Split::in_bytes(region, 2, 100 * 7 * 2).piece(0).size[1], 7);
  assert_int_equal(Split::in_bytes(region, 2, 199).piece(0).size[0], 99);
  assert_int_equal(Split::in_bytes(region, 8, 1).largest_pixels(), 1);
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(divisions_of_10x11_are_counted_as_itk_counts),
      cmocka_unit_test(the_slowest_axis_of_more_than_one_is_divided),
      cmocka_unit_test(the_last_piece_takes_the_rest),
      cmocka_unit_test(divisions_of_huge_regions_do_not_overflow),
      cmocka_unit_test(random_divisions_cover_the_region_in_file_order),
      cmocka_unit_test(pieces_of_chunks_begin_and_end_where_chunks_do),
      cmocka_unit_test(pieces_near_chunks_end_where_chunks_do),
      cmocka_unit_test(pieces_of_so_many_bytes_are_as_large_as_fits),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
