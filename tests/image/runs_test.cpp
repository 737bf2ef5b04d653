// Regions as runs of a linear sequence, against a walk over every pixel.
#include "image/runs.h"

#include <algorithm>
#include <random>
#include <vector>

#include "base/error.h"
#include "cmocka_cpp.h"
#include "image/copy.h"

namespace swr {
namespace {

LinearOrder order_of(std::initializer_list<int64_t> size, int component_bytes = 1,
                     int components = 1) {
  LinearOrder order;
  order.dimensions = static_cast<int>(size.size());
  std::copy(size.begin(), size.end(), order.size.begin());
  order.component_bytes = component_bytes;
  order.components = components;
  return order;
}

std::vector<Run> runs_of(const LinearOrder& order, const Region& region) {
  std::vector<Run> runs;
  for_each_run(order, region, [&](const Run& run) { runs.push_back(run); });
  return runs;
}

// The byte in the linear sequence of each byte of the packed region, pixel by pixel.
std::vector<int64_t> walk(const LinearOrder& order, const Region& region) {
  std::vector<int64_t> bytes;
  const int64_t pixel_bytes = int64_t{order.component_bytes} * order.components;
  for (int64_t pixel = 0; pixel < region.pixels(); ++pixel) {
    int64_t rest = pixel, linear = 0, step = pixel_bytes;
    for (int axis = 0; axis < order.dimensions; ++axis) {
      linear += (region.index[axis] + rest % region.size[axis]) * step;
      rest /= region.size[axis];
      step *= order.size[axis];
    }
    for (int64_t byte = 0; byte < pixel_bytes; ++byte) bytes.push_back(linear + byte);
  }
  return bytes;
}

void check_against_walk(const LinearOrder& order, const Region& region) {
  const auto expected = walk(order, region);
  std::vector<int64_t> bytes;
  int64_t end = -1;
  const auto runs = runs_of(order, region);
  for (const Run& run : runs) {
    assert_true(run.linear > end);  // ascending, and joined where they touch
    assert_int_equal(run.packed, bytes.size());
    for (int64_t i = 0; i < run.bytes; ++i) bytes.push_back(run.linear + i);
    end = run.linear + run.bytes;
  }
  assert_true(bytes == expected);
  assert_int_equal(contiguous_begin(order, region), runs.size() == 1 ? runs[0].linear : -1);
}

void runs_of_random_regions_equal_a_walk_over_the_pixels(void**) {
  std::mt19937 random(7);
  const auto below = [&](int64_t n) {
    return static_cast<int64_t>(random() % static_cast<uint32_t>(n));
  };
  for (int round = 0; round < 3000; ++round) {
    LinearOrder order;
    Region region;
    order.dimensions = region.dimensions = static_cast<int>(1 + below(5));
    order.component_bytes = 1 << below(4);
    order.components = static_cast<int>(1 + below(3));
    for (int axis = 0; axis < order.dimensions; ++axis) {
      order.size[axis] = 1 + below(5);
      region.index[axis] = below(3) > 0 ? 0 : below(order.size[axis]);
      region.size[axis] = below(3) > 0 ? order.size[axis] - region.index[axis]
                                       : 1 + below(order.size[axis] - region.index[axis]);
    }
    check_against_walk(order, region);
  }
}

void runs_of_a_slab_are_one(void**) {
  const auto runs = runs_of(order_of({48, 62, 42}, 2), region_of({0, 0, 5}, {48, 62, 7}));
  assert_int_equal(runs.size(), 1);
  assert_int_equal(runs[0].linear, 5 * 48 * 62 * 2);
  assert_int_equal(runs[0].bytes, 7 * 48 * 62 * 2);
}

void runs_of_a_box_are_its_rows(void**) {
  const auto runs = runs_of(order_of({48, 62, 42}), region_of({16, 20, 14}, {16, 20, 14}));
  assert_int_equal(runs.size(), 20 * 14);
  assert_int_equal(runs[0].linear, (14 * 62 + 20) * 48 + 16);
  assert_int_equal(runs[0].bytes, 16);
}

void runs_of_the_whole_terabyte_are_one(void**) {
  const int64_t side = int64_t{1} << 20;
  const auto runs =
      runs_of(order_of({side, side, 4096}, 8), region_of({0, 0, 0}, {side, side, 4096}));
  assert_int_equal(runs.size(), 1);
  assert_int_equal(runs[0].bytes, side * side * 4096 * 8);
}

void runs_of_an_order_that_overflows_fail(void**) {
  const int64_t side = int64_t{1} << 31;
  const auto order = order_of({side, side, 4});
  try {
    runs_of(order, region_of({0, 0, 0}, {1, 1, 1}));
    fail();
  } catch (const Error& error) {
    assert_int_equal(error.status(), SWR_ERROR_REGION);
  }
}

void runs_of_a_region_outside_fail(void**) {
  const auto order = order_of({4, 4});
  for (const Region& region : {region_of({-1, 0}, {1, 1}), region_of({1, 0}, {4, 1}),
                               region_of({0, INT64_MAX}, {1, 1}), region_of({0}, {1})}) {
    try {
      runs_of(order, region);
      fail();
    } catch (const Error& error) {
      assert_int_equal(error.status(), SWR_ERROR_REGION);
    }
  }
}

void runs_of_an_empty_region_are_none(void**) {
  assert_int_equal(runs_of(order_of({4, 4}), region_of({0, 0}, {0, 4})).size(), 0);
  assert_int_equal(contiguous_begin(order_of({4, 4}), region_of({0, 0}, {4, 0})), -1);
}

void contiguous_begin_of_planar_components_is_none(void**) {
  auto order = order_of({4, 4}, 1, 2);
  order.component_axis = order.dimensions;
  assert_int_equal(contiguous_begin(order, region_of({0, 0}, {4, 4})), -1);
  order.components = 1;
  assert_int_equal(contiguous_begin(order, region_of({0, 1}, {4, 2})), 4);
}

void copy_of_random_regions_equals_a_walk_over_the_pixels(void**) {
  std::mt19937 random(11);
  const auto between = [&](int64_t least, int64_t most) {
    return least + static_cast<int64_t>(random() % static_cast<uint32_t>(most - least + 1));
  };
  for (int round = 0; round < 2000; ++round) {
    const int64_t pixel_bytes = between(1, 6);
    Region part, from_region, to_region;
    part.dimensions = from_region.dimensions = to_region.dimensions =
        static_cast<int>(between(1, 4));
    for (int axis = 0; axis < part.dimensions; ++axis) {
      part.index[axis] = between(-5, 5);
      part.size[axis] = between(1, 4);
      for (Region* region : {&from_region, &to_region}) {
        region->index[axis] = part.index[axis] - (between(0, 2) == 0 ? between(0, 2) : 0);
        region->size[axis] = part.index[axis] + part.size[axis] - region->index[axis] +
                             (between(0, 2) == 0 ? between(0, 2) : 0);
      }
    }
    std::vector<std::byte> from(static_cast<size_t>(from_region.pixels() * pixel_bytes)),
        to(static_cast<size_t>(to_region.pixels() * pixel_bytes));
    for (auto& byte : from) byte = static_cast<std::byte>(random());
    for (auto& byte : to) byte = static_cast<std::byte>(random());
    auto expected = to;
    LinearOrder from_order, to_order;
    from_order.dimensions = to_order.dimensions = part.dimensions;
    from_order.size = from_region.size;
    to_order.size = to_region.size;
    from_order.component_bytes = to_order.component_bytes = static_cast<int>(pixel_bytes);
    const auto from_bytes = walk(from_order, part.relative_to(from_region.index)),
               to_bytes = walk(to_order, part.relative_to(to_region.index));
    for (size_t i = 0; i < from_bytes.size(); ++i)
      expected[static_cast<size_t>(to_bytes[i])] = from[static_cast<size_t>(from_bytes[i])];
    copy_region(part, pixel_bytes, from.data(), from_region, to.data(), to_region);
    assert_true(to == expected);
  }
}

void copy_of_a_part_that_is_not_held_fails(void**) {
  std::vector<std::byte> from(16), to(16);
  try {
    copy_region(region_of({0, 0}, {4, 4}), 1, from.data(), region_of({0, 1}, {4, 4}), to.data(),
                region_of({0, 0}, {4, 4}));
    fail();
  } catch (const Error& error) {
    assert_int_equal(error.status(), SWR_ERROR_REGION);
  }
}

void deinterleave_then_interleave_brings_the_pixels_back(void**) {
  for (const int bytes : {1, 2, 4, 8}) {
    const int components = 3, count = 17;
    std::vector<std::byte> pixels(static_cast<size_t>(bytes * components * count)),
        back(pixels.size()), plane(static_cast<size_t>(bytes * count));
    for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::byte>(i * 7);
    for (int component = 0; component < components; ++component) {
      deinterleave(pixels.data(), plane.data(), component, components, bytes, count);
      assert_memory_equal(plane.data() + bytes, pixels.data() + (components + component) * bytes,
                          bytes);
      interleave(plane.data(), back.data(), component, components, bytes, count);
    }
    assert_true(back == pixels);
  }
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(runs_of_random_regions_equal_a_walk_over_the_pixels),
      cmocka_unit_test(runs_of_a_slab_are_one),
      cmocka_unit_test(runs_of_a_box_are_its_rows),
      cmocka_unit_test(runs_of_the_whole_terabyte_are_one),
      cmocka_unit_test(runs_of_an_order_that_overflows_fail),
      cmocka_unit_test(runs_of_a_region_outside_fail),
      cmocka_unit_test(runs_of_an_empty_region_are_none),
      cmocka_unit_test(contiguous_begin_of_planar_components_is_none),
      cmocka_unit_test(copy_of_random_regions_equals_a_walk_over_the_pixels),
      cmocka_unit_test(copy_of_a_part_that_is_not_held_fails),
      cmocka_unit_test(deinterleave_then_interleave_brings_the_pixels_back),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
