#include "plan/coverage.h"

#include <algorithm>

namespace swr {
namespace {

// What is left of `box` when `hole` is cut out: at most two boxes an axis, slabs along the slowest
// axis first.
void subtract(const Region& box, const Region& hole, std::vector<Region>& rest) {
  const Region common = box.intersection(hole);
  if (common.empty()) {
    rest.push_back(box);
    return;
  }
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

std::vector<Region> without(const std::vector<Region>& boxes, const Region& hole) {
  std::vector<Region> rest;
  for (const Region& box : boxes) subtract(box, hole, rest);
  return rest;
}

// Makes one box of two that differ along one axis only and touch there.
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

bool before(const Region& a, const Region& b) {
  for (int axis = a.dimensions - 1; axis >= 0; --axis) {
    if (a.index[axis] != b.index[axis]) return a.index[axis] < b.index[axis];
  }
  return false;
}

}  // namespace

void Coverage::add(const Region& region) {
  std::vector<Region> fresh{region};
  for (const Region& box : boxes_) {
    if (!box.intersection(region).empty()) fresh = without(fresh, box);
  }
  for (const Region& box : fresh) insert(box);
}

// Joins the box with those that it touches, again and again, so that pieces in any order end as few
// boxes. The last box is looked at first: pieces come mostly in order.
void Coverage::insert(Region box) {
  for (size_t i = boxes_.size(); i-- > 0;) {
    if (!join(box, boxes_[i])) continue;
    boxes_[i] = boxes_.back();
    boxes_.pop_back();
    i = boxes_.size();
  }
  boxes_.push_back(box);
}

std::vector<Region> Coverage::missing(const Region& region) const {
  std::vector<Region> rest{region};
  for (const Region& box : boxes_) rest = without(rest, box);
  std::sort(rest.begin(), rest.end(), before);
  return rest;
}

}  // namespace swr
