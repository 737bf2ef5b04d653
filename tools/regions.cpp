#include "regions.h"

#include <algorithm>

#include "status.h"

namespace swr::tool {

int64_t pixel_count(const swr_region& region) {
  int64_t pixels = 1;
  for (int d = 0; d < region.dimensions; ++d) {
    if (__builtin_mul_overflow(pixels, region.size[d], &pixels))
      throw Failure(SWR_ERROR_REGION, region_text(region) + " has too many pixels");
  }
  return pixels;
}

bool contains(const swr_region& outer, const swr_region& inner) {
  for (int d = 0; d < outer.dimensions; ++d) {
    int64_t outer_end, inner_end;
    if (__builtin_add_overflow(outer.index[d], outer.size[d], &outer_end)) return false;
    if (__builtin_add_overflow(inner.index[d], inner.size[d], &inner_end)) return false;
    if (inner.index[d] < outer.index[d] || inner_end > outer_end) return false;
  }
  return outer.dimensions == inner.dimensions;
}

swr_region enclosing(const swr_region& a, const swr_region& b) {
  swr_region both = a;
  for (int d = 0; d < a.dimensions; ++d) {
    int64_t a_end, b_end;
    both.index[d] = std::min(a.index[d], b.index[d]);
    if (__builtin_add_overflow(a.index[d], a.size[d], &a_end) ||
        __builtin_add_overflow(b.index[d], b.size[d], &b_end) ||
        __builtin_sub_overflow(std::max(a_end, b_end), both.index[d], &both.size[d])) {
      throw Failure(SWR_ERROR_REGION, "a box that holds " + region_text(a) + " and " +
                                          region_text(b) + " would be too large");
    }
  }
  return both;
}

std::string list_text(const int64_t* values, int count, const char* between) {
  std::string text;
  for (int d = 0; d < count; ++d) text += (d ? between : "") + std::to_string(values[d]);
  return text;
}

std::string region_text(const swr_region& region) {
  return list_text(region.index, region.dimensions, ",") + ":" +
         list_text(region.size, region.dimensions, ",");
}

void for_each_part(const swr_region& region, int64_t pixels,
                   const std::function<void(const swr_region&)>& visit) {
  if (pixel_count(region) <= pixels) return visit(region);
  int axis = region.dimensions - 1;
  while (axis > 0 && region.size[axis] == 1) --axis;
  const int64_t slice = pixel_count(region) / region.size[axis];
  const int64_t thickness = std::max<int64_t>(1, pixels / slice);
  swr_region part = region;
  for (int64_t done = 0; done < region.size[axis]; done += thickness) {
    part.index[axis] = region.index[axis] + done;
    part.size[axis] = std::min(thickness, region.size[axis] - done);
    for_each_part(part, pixels, visit);
  }
}

}  // namespace swr::tool
