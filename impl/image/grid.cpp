#include "image/grid.h"

#include <algorithm>

#include "base/checked.h"

namespace swr {
namespace {

// Of all axes before this one.
int64_t slice_pixels(const Grid& grid, int axis) {
  int64_t pixels = 1;
  for (int faster = 0; faster < axis; ++faster)
    pixels = checked_multiply(pixels, grid.size[faster]);
  return pixels;
}

}  // namespace

int64_t Grid::chunks_along(int axis) const {
  return divide_up(size[axis], chunk[axis]);
}

int64_t Grid::count() const {
  int64_t count = 1;
  for (int axis = 0; axis < dimensions; ++axis) count = checked_multiply(count, chunks_along(axis));
  return count;
}

Index Grid::place_of(int64_t number) const {
  Index place{};
  for (int axis = 0; axis < dimensions; ++axis) {
    place[axis] = number % chunks_along(axis);
    number /= chunks_along(axis);
  }
  return place;
}

Region Grid::box(int64_t number) const {
  const Index place = place_of(number);
  Region box;
  box.dimensions = dimensions;
  for (int axis = 0; axis < dimensions; ++axis) {
    box.index[axis] = place[axis] * chunk[axis];
    box.size[axis] = std::min(chunk[axis], size[axis] - box.index[axis]);
  }
  return box;
}

std::vector<int64_t> Grid::chunks_of(const Region& region) const {
  std::vector<int64_t> numbers;
  if (region.empty()) return numbers;
  numbers.push_back(0);
  for (int axis = dimensions - 1; axis >= 0; --axis) {
    const int64_t first = region.index[axis] / chunk[axis];
    const int64_t last = (region.index[axis] + region.size[axis] - 1) / chunk[axis];
    std::vector<int64_t> finer;
    for (const int64_t number : numbers) {
      for (int64_t at = first; at <= last; ++at) finer.push_back(number * chunks_along(axis) + at);
    }
    numbers = std::move(finer);
  }
  return numbers;
}

// Whole rows of pixels, at least.
int Grid::layer_axis() const {
  int axis = dimensions - 1;
  while (axis > 1 && std::min(chunk[axis], size[axis]) == 1) --axis;
  return axis;
}

int64_t Grid::layer_pixels() const {
  const int axis = layer_axis();
  return checked_multiply(slice_pixels(*this, axis), std::min(chunk[axis], size[axis]));
}

Region Grid::layer_at(int64_t pixel) const {
  Region layer = whole(dimensions, size);
  const int first = layer_axis();
  pixel /= slice_pixels(*this, first);
  for (int axis = first; axis < dimensions; ++axis) {
    layer.index[axis] = pixel % size[axis];
    layer.size[axis] = 1;
    pixel /= size[axis];
  }
  layer.index[first] = layer.index[first] / chunk[first] * chunk[first];
  layer.size[first] = std::min(chunk[first], size[first] - layer.index[first]);
  return layer;
}

int64_t Grid::layer_end(int64_t pixel) const {
  const Region layer = layer_at(pixel);
  const int axis = layer_axis();
  const int64_t slice = slice_pixels(*this, axis);
  const int64_t slices_before = pixel / slice / size[axis] * size[axis];
  return (slices_before + layer.index[axis] + layer.size[axis]) * slice;
}

}  // namespace swr
