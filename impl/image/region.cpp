#include "image/region.h"

#include <algorithm>
#include <limits>

#include "base/checked.h"

namespace swr {

bool Region::operator==(const Region& other) const {
  return dimensions == other.dimensions &&
         std::equal(index.begin(), index.begin() + dimensions, other.index.begin()) &&
         std::equal(size.begin(), size.begin() + dimensions, other.size.begin());
}

bool Region::empty() const {
  return dimensions == 0 ||
         std::any_of(size.begin(), size.begin() + dimensions, [](int64_t n) { return n <= 0; });
}

int64_t Region::pixels() const {
  if (empty()) return 0;
  int64_t product = 1;
  for (int axis = 0; axis < dimensions; ++axis) product = checked_multiply(product, size[axis]);
  return product;
}

bool Region::contains(const Region& inner) const {
  if (dimensions != inner.dimensions) return false;
  for (int axis = 0; axis < dimensions; ++axis) {
    if (inner.index[axis] < index[axis] ||
        inner.index[axis] + inner.size[axis] > index[axis] + size[axis])
      return false;
  }
  return true;
}

Region Region::intersection(const Region& other) const {
  Region common = *this;
  for (int axis = 0; axis < dimensions; ++axis) {
    const int64_t begin = std::max(index[axis], other.index[axis]);
    const int64_t end = std::min(index[axis] + size[axis], other.index[axis] + other.size[axis]);
    common.index[axis] = begin;
    common.size[axis] = std::max<int64_t>(0, end - begin);
  }
  return common;
}

Region Region::relative_to(const Index& offset) const {
  Region moved = *this;
  for (int axis = 0; axis < dimensions; ++axis) moved.index[axis] -= offset[axis];
  return moved;
}

Region Region::without_ones(int wanted) const {
  Region fewer = *this;
  for (int axis = dimensions - 1; axis >= wanted; --axis) {
    if (size[axis] != 1) return *this;
    fewer.index[axis] = fewer.size[axis] = 0;
    fewer.dimensions = axis;
  }
  return fewer;
}

std::string Region::text() const {
  std::string out = "(";
  for (int axis = 0; axis < dimensions; ++axis)
    out += (axis > 0 ? "," : "") + std::to_string(index[axis]);
  out += ") size (";
  for (int axis = 0; axis < dimensions; ++axis)
    out += (axis > 0 ? "," : "") + std::to_string(size[axis]);
  return out + ")";
}

swr_region Region::to_c() const {
  swr_region region{};
  region.dimensions = dimensions;
  std::copy_n(index.begin(), dimensions, region.index);
  std::copy_n(size.begin(), dimensions, region.size);
  return region;
}

std::string axis_text(int axis) {
  return axis == 0 ? "axis 0 (the fastest)" : swr::text("axis ", axis, " (0 is the fastest)");
}

void refuse_beyond_largest_index(const Region& region, const std::string& what) {
  int64_t end;
  for (int axis = 0; axis < region.dimensions; ++axis) {
    if (add_overflows(region.index[axis], region.size[axis], end)) {
      fail(SWR_ERROR_REGION, what, " ", region.text(), " ends beyond the largest index, ",
           std::numeric_limits<int64_t>::max(), ", along ", axis_text(axis));
    }
  }
}

Region region_from_c(const swr_region& given, const char* what) {
  if (given.dimensions < 1 || given.dimensions > max_dimensions) {
    fail(SWR_ERROR_ARGUMENT, what, " has ", given.dimensions, " dimensions; 1 to ", max_dimensions,
         " are possible");
  }
  if (given.reserved != 0) {
    fail(SWR_ERROR_ARGUMENT, what, " has ", given.reserved, " as its reserved field; it must be 0");
  }
  Region region;
  region.dimensions = given.dimensions;
  std::copy_n(given.index, given.dimensions, region.index.begin());
  std::copy_n(given.size, given.dimensions, region.size.begin());
  if (region.empty()) fail(SWR_ERROR_REGION, what, " ", region.text(), " is empty");
  refuse_beyond_largest_index(region, what);
  region.pixels();
  return region;
}

Region whole(int dimensions, const Index& size) {
  Region region;
  region.dimensions = dimensions;
  region.size = size;
  return region;
}

}  // namespace swr
