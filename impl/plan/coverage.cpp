#include "plan/coverage.h"

#include <algorithm>

namespace swr {
namespace {

// Cuts `hole` out of `box`. At most two boxes per axis remain, slabs along the slowest axis first.
// Requires: the two overlap.
void subtract(const Region& box, const Region& hole, std::vector<Region>& rest) {
  const Region common = box.intersection(hole);
  Region left = box;
  for (int axis = box.dimensions - 1; axis >= 0; --axis) {
    Region low = left;
    low.size[axis] = common.index[axis] - left.index[axis];
    if (low.size[axis] > 0) rest.push_back(low);
    Region high = left;
    high.index[axis] = common.index[axis] + common.size[axis];
    high.size[axis] = left.index[axis] + left.size[axis] - high.index[axis];
    if (high.size[axis] > 0) rest.push_back(high);
    left.index[axis] = common.index[axis];
    left.size[axis] = common.size[axis];
  }
}

// Merges two boxes that differ along one axis only and touch there.
bool join(Region& box, const Region& other) {
  int different = -1;
  for (int axis = 0; axis < box.dimensions; ++axis) {
    if (box.index[axis] == other.index[axis] && box.size[axis] == other.size[axis]) continue;
    if (different >= 0) return false;
    different = axis;
  }
  if (different < 0) return false;
  if (box.index[different] + box.size[different] == other.index[different]) {
    box.size[different] += other.size[different];
    return true;
  }
  if (other.index[different] + other.size[different] == box.index[different]) {
    box.index[different] = other.index[different];
    box.size[different] += other.size[different];
    return true;
  }
  return false;
}

Region grown_by_one(Region box) {
  for (int axis = 0; axis < box.dimensions; ++axis) {
    --box.index[axis];
    box.size[axis] += 2;
  }
  return box;
}

bool before(const Region& a, const Region& b) {
  for (int axis = a.dimensions - 1; axis >= 0; --axis) {
    if (a.index[axis] != b.index[axis]) return a.index[axis] < b.index[axis];
  }
  return false;
}

}  // namespace

void Coverage::add(const Region& region) {
  if (region.empty()) return;
  for (const Region& box : boxes_.overlapping(region)) {
    if (box.contains(region)) return;
    if (region.contains(box)) boxes_.erase(box);
  }
  std::vector<Region> fresh;
  each_missing(region, [&](const Region& box) { fresh.push_back(box); });
  for (const Region& box : fresh) insert(box);
}

// Merges the box with boxes that it touches, repeatedly, so that pieces in any order become few
// boxes.
void Coverage::insert(Region box) {
  for (bool joined = true; joined;) {
    joined = false;
    for (const Region& other : boxes_.overlapping(grown_by_one(box))) {
      if (!join(box, other)) continue;
      boxes_.erase(other);
      joined = true;
    }
  }
  boxes_.insert(box);
}

std::vector<Region> Coverage::boxes() const {
  std::vector<Region> boxes = boxes_.all();
  std::sort(boxes.begin(), boxes.end(), before);
  return boxes;
}

// The boxes are unordered.
void Coverage::each_missing(const Region& region,
                            const std::function<void(const Region&)>& act) const {
  std::vector<Region> parts{region};
  while (!parts.empty()) {
    const Region part = parts.back();
    parts.pop_back();
    if (const auto box = boxes_.find(part)) {
      subtract(part, *box, parts);
    } else {
      act(part);
    }
  }
}

std::vector<Region> Coverage::missing(const Region& region) const {
  std::vector<Region> rest;
  each_missing(region, [&](const Region& part) { rest.push_back(part); });
  std::sort(rest.begin(), rest.end(), before);
  return rest;
}

std::optional<Region> Coverage::first_missing(const Region& region) const {
  std::optional<Region> first;
  each_missing(region, [&](const Region& part) {
    if (!first || before(part, *first)) first = part;
  });
  return first;
}

}  // namespace swr
