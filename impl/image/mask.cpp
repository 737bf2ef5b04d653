#include "image/mask.h"

#include <algorithm>
#include <vector>

namespace swr {
namespace {

using Visit = std::function<void(const Region&)>;

bool is_selected(uint8_t value) {
  return value != 0;
}

// A stretch of a row.
struct Stretch {
  int64_t begin, size;
  bool operator==(const Stretch& other) const = default;
};

std::vector<Stretch> stretches_of(std::span<const uint8_t> row) {
  std::vector<Stretch> stretches;
  for (auto at = row.begin();;) {
    at = std::find_if(at, row.end(), is_selected);
    if (at == row.end()) return stretches;
    const auto end = std::find(at, row.end(), uint8_t{0});
    stretches.push_back({at - row.begin(), end - at});
    at = end;
  }
}

// Rows of a plane with equal stretches become boxes together.
void visit_plane(const Region& plane, std::span<const uint8_t> mask, const Visit& visit) {
  const auto row_pixels = static_cast<size_t>(plane.size[0]);
  const int64_t rows = plane.dimensions > 1 ? plane.size[1] : 1;
  std::vector<Stretch> open;  // of the rows from `first` on
  int64_t first = 0;
  const auto close = [&](int64_t row) {
    for (const Stretch& stretch : open) {
      Region box = plane;
      box.index[0] += stretch.begin;
      box.size[0] = stretch.size;
      if (plane.dimensions > 1) {
        box.index[1] += first;
        box.size[1] = row - first;
      }
      visit(box);
    }
  };
  for (int64_t row = 0; row < rows; ++row) {
    auto stretches = stretches_of(mask.subspan(static_cast<size_t>(row) * row_pixels, row_pixels));
    if (row > 0 && stretches == open) continue;
    close(row);
    open = std::move(stretches);
    first = row;
  }
  close(rows);
}

// `axis`: the slowest one along which the region may be longer than one pixel.
void visit_slabs(const Region& region, int axis, std::span<const uint8_t> mask,
                 const Visit& visit) {
  if (std::all_of(mask.begin(), mask.end(), is_selected)) return visit(region);
  if (axis < 2) return visit_plane(region, mask, visit);
  const size_t slab_pixels = mask.size() / static_cast<size_t>(region.size[axis]);
  Region slab = region;
  slab.size[axis] = 1;
  for (int64_t i = 0; i < region.size[axis]; ++i) {
    slab.index[axis] = region.index[axis] + i;
    visit_slabs(slab, axis - 1, mask.subspan(static_cast<size_t>(i) * slab_pixels, slab_pixels),
                visit);
  }
}

}  // namespace

void for_each_masked_box(const Region& region, std::span<const uint8_t> mask, const Visit& visit) {
  visit_slabs(region, region.dimensions - 1, mask, visit);
}

}  // namespace swr
