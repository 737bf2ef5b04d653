// The chunks of an image, against a walk over every pixel.
#include "image/grid.h"

#include <algorithm>
#include <initializer_list>
#include <random>
#include <set>

#include "cmocka_cpp.h"

namespace swr {
namespace {

Index index_of(std::initializer_list<int64_t> numbers) {
  Index index{};
  std::copy(numbers.begin(), numbers.end(), index.begin());
  return index;
}

int64_t chunk_of(const Grid& grid, const Index& pixel) {
  int64_t number = 0;
  for (int axis = grid.dimensions - 1; axis >= 0; --axis)
    number = number * grid.chunks_along(axis) + pixel[axis] / grid.chunk[axis];
  return number;
}

template <typename Visit>
void for_each_pixel(const Region& region, const Visit& visit) {
  for (int64_t number = 0; number < region.pixels(); ++number) {
    Index pixel{};
    int64_t rest = number;
    for (int axis = 0; axis < region.dimensions; ++axis) {
      pixel[axis] = region.index[axis] + rest % region.size[axis];
      rest /= region.size[axis];
    }
    visit(pixel);
  }
}

const Grid grid{3, index_of({10, 7, 5}), index_of({4, 7, 2})};

void boxes_of_all_chunks_are_the_image(void**) {
  assert_int_equal(grid.count(), 9);
  int64_t pixels = 0;
  for (int64_t chunk = 0; chunk < grid.count(); ++chunk) {
    const Region box = grid.box(chunk);
    pixels += box.pixels();
    for_each_pixel(box,
                   [&](const Index& pixel) { assert_int_equal(chunk_of(grid, pixel), chunk); });
  }
  assert_int_equal(pixels, 10 * 7 * 5);
}

void chunks_of_random_regions_are_those_of_their_pixels(void**) {
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    Region region = whole(3, grid.size);
    for (int axis = 0; axis < 3; ++axis) {
      region.index[axis] = static_cast<int64_t>(random()) % grid.size[axis];
      region.size[axis] =
          1 + static_cast<int64_t>(random()) % (grid.size[axis] - region.index[axis]);
    }
    std::set<int64_t> expected;
    for_each_pixel(region, [&](const Index& pixel) { expected.insert(chunk_of(grid, pixel)); });
    assert_true(grid.chunks_of(region) == std::vector<int64_t>(expected.begin(), expected.end()));
  }
}

void chunks_of_an_empty_region_are_none(void**) {
  Region region = whole(3, grid.size);
  region.size[1] = 0;
  assert_true(grid.chunks_of(region).empty());
}

void layers_follow_each_other_and_the_last_is_cut_off(void**) {
  assert_int_equal(grid.layer_pixels(), 10 * 7 * 2);
  int64_t pixel = 0, layers = 0;
  for (; pixel < 10 * 7 * 5; ++layers) {
    const Region layer = grid.layer_at(pixel);
    assert_int_equal(layer.index[2], 2 * layers);
    pixel += layer.pixels();
  }
  assert_int_equal(layers, 3);
  assert_int_equal(pixel, 10 * 7 * 5);
}

// Chunks that are thin along the slowest axes: a layer is a row of them within a slice.
void layers_of_thin_chunks_end_with_their_slice(void**) {
  const Grid thin{4, index_of({10, 7, 3, 2}), index_of({4, 3, 1, 1})};
  assert_int_equal(thin.layer_pixels(), 10 * 3);
  const int64_t rows[] = {3, 3, 1};
  int64_t pixel = 0, layers = 0;
  std::set<int64_t> chunks;
  for (; pixel < 10 * 7 * 3 * 2; ++layers) {
    const Region layer = thin.layer_at(pixel);
    assert_int_equal(layer.pixels(), 10 * rows[layers % 3]);
    assert_int_equal(layer.index[1], 3 * (layers % 3));
    assert_int_equal(layer.index[2], layers / 3 % 3);
    assert_int_equal(layer.index[3], layers / 9);
    assert_true(thin.layer_at(pixel + layer.pixels() - 1) == layer);
    assert_int_equal(thin.layer_end(pixel + layer.pixels() - 1), pixel + layer.pixels());
    for (const int64_t chunk : thin.chunks_of(layer)) assert_true(chunks.insert(chunk).second);
    pixel = thin.layer_end(pixel);
  }
  assert_int_equal(layers, 18);
  assert_int_equal(chunks.size(), thin.count());
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(boxes_of_all_chunks_are_the_image),
      cmocka_unit_test(chunks_of_random_regions_are_those_of_their_pixels),
      cmocka_unit_test(chunks_of_an_empty_region_are_none),
      cmocka_unit_test(layers_follow_each_other_and_the_last_is_cut_off),
      cmocka_unit_test(layers_of_thin_chunks_end_with_their_slice),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
