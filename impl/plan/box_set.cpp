#include "plan/box_set.h"

#include <algorithm>
#include <numeric>

namespace swr {
namespace {

constexpr size_t most_in_tail = 32;
constexpr size_t boxes_of_leaf = 8;

}  // namespace

// --- Boxes as numbers ---

BoxSet::Corners BoxSet::corners_of(const Region& box) const {
  const auto n = static_cast<size_t>(box.dimensions);
  Corners corners(2 * n);
  for (size_t axis = 0; axis < n; ++axis) {
    corners[axis] = box.index[axis];
    corners[n + axis] = box.index[axis] + box.size[axis];
  }
  return corners;
}

Region BoxSet::region_of(const int64_t* corners) const {
  Region box;
  box.dimensions = dimensions_;
  for (int axis = 0; axis < dimensions_; ++axis) {
    box.index[axis] = corners[axis];
    box.size[axis] = corners[dimensions_ + axis] - corners[axis];
  }
  return box;
}

bool BoxSet::overlap(const int64_t* a, const int64_t* b) const {
  for (int axis = 0; axis < dimensions_; ++axis) {
    if (a[axis] >= b[dimensions_ + axis] || b[axis] >= a[dimensions_ + axis]) return false;
  }
  return true;
}

void BoxSet::append_kept(const Corners& from, Corners& to) const {
  for (size_t at = 0; at < from.size(); at += width()) {
    const int64_t* const box = &from[at];
    if (!is_erased(box)) to.insert(to.end(), box, box + width());
  }
}

// --- Changing ---

void BoxSet::insert(const Region& box) {
  dimensions_ = box.dimensions;
  const Corners corners = corners_of(box);
  tail_.insert(tail_.end(), corners.begin(), corners.end());
  ++count_;
  if (boxes_in(tail_) == most_in_tail) merge_tail();
}

void BoxSet::erase(const Region& box) {
  const Corners wanted = corners_of(box);
  search(wanted, [&](size_t tree, size_t number) {
    Corners& boxes = tree < trees_.size() ? trees_[tree].boxes : tail_;
    int64_t* const corners = &boxes[number * width()];
    if (tree < trees_.size()) {
      corners[dimensions_] = corners[0];
      ++erased_;
    } else {
      std::copy_n(tail_.end() - static_cast<ptrdiff_t>(width()), width(), corners);
      tail_.resize(tail_.size() - width());
    }
    return false;
  });
  --count_;
}

void BoxSet::merge_tail() {
  Corners boxes;
  const bool has_many_erased = erased_ > count_;
  append_kept(tail_, boxes);
  tail_.clear();
  for (Tree& tree : trees_) {
    if (tree.boxes.empty()) {
      if (has_many_erased) continue;
      break;
    }
    const size_t before = boxes.size();
    append_kept(tree.boxes, boxes);
    erased_ -= (tree.boxes.size() - (boxes.size() - before)) / width();
    tree = {};
  }
  size_t level = 0;
  while (most_in_tail << level < boxes_in(boxes)) ++level;
  if (level >= trees_.size()) trees_.resize(level + 1);
  trees_[level] = tree_of(boxes);
}

// --- Trees ---

// The first child has half of the leaves, rounded up.
BoxSet::Node BoxSet::child(const Node& parent, int which) {
  const size_t leaves = (parent.end - parent.begin + boxes_of_leaf - 1) / boxes_of_leaf;
  const size_t middle = parent.begin + (leaves + 1) / 2 * boxes_of_leaf;
  if (which == 0) return {2 * parent.number, parent.begin, middle};
  return {2 * parent.number + 1, middle, parent.end};
}

BoxSet::Tree BoxSet::tree_of(const Corners& corners) const {
  const size_t count = boxes_in(corners);
  size_t nodes = 2;
  for (size_t leaves = 1; leaves * boxes_of_leaf < count; leaves *= 2) nodes *= 2;
  Tree tree;
  tree.boxes.resize(corners.size());
  tree.hulls.resize(nodes * width());
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  if (count > 0) arrange(corners, {1, 0, count}, order, tree);
  return tree;
}

// Splits the boxes of a node in two along the axis of their largest extent, down to the leaves.
void BoxSet::arrange(const Corners& corners, const Node& node, std::vector<size_t>& order,
                     Tree& tree) const {
  int64_t* const hull = &tree.hulls[node.number * width()];
  std::copy_n(&corners[order[node.begin] * width()], width(), hull);
  for (size_t i = node.begin; i < node.end; ++i) {
    const int64_t* const box = &corners[order[i] * width()];
    for (int axis = 0; axis < dimensions_; ++axis) {
      hull[axis] = std::min(hull[axis], box[axis]);
      hull[dimensions_ + axis] = std::max(hull[dimensions_ + axis], box[dimensions_ + axis]);
    }
  }
  if (node.end - node.begin <= boxes_of_leaf) {
    for (size_t i = node.begin; i < node.end; ++i)
      std::copy_n(&corners[order[i] * width()], width(), &tree.boxes[i * width()]);
    return;
  }
  const auto axis = static_cast<size_t>(longest_axis(hull));
  const Node first = child(node, 0);
  const auto at = [&](size_t place) { return order.begin() + static_cast<ptrdiff_t>(place); };
  std::nth_element(at(node.begin), at(first.end), at(node.end), [&](size_t a, size_t b) {
    return corners[a * width() + axis] < corners[b * width() + axis];
  });
  arrange(corners, first, order, tree);
  arrange(corners, child(node, 1), order, tree);
}

int BoxSet::longest_axis(const int64_t* hull) const {
  int longest = 0;
  for (int axis = 1; axis < dimensions_; ++axis) {
    if (hull[dimensions_ + axis] - hull[axis] > hull[dimensions_ + longest] - hull[longest])
      longest = axis;
  }
  return longest;
}

// --- Searching ---

// Whether the search ended early.
bool BoxSet::search(const Corners& wanted, const Found& found) const {
  if (empty()) return false;
  for (size_t tree = trees_.size(); tree-- > 0;) {
    const size_t count = boxes_in(trees_[tree].boxes);
    if (count > 0 && search_tree(tree, {1, 0, count}, wanted, found)) return true;
  }
  return search_boxes(tail_, 0, boxes_in(tail_), wanted, trees_.size(), found);
}

bool BoxSet::search_tree(size_t tree, const Node& node, const Corners& wanted,
                         const Found& found) const {
  const Corners& hulls = trees_[tree].hulls;
  if (!overlap(&hulls[node.number * width()], wanted.data())) return false;
  if (node.end - node.begin <= boxes_of_leaf)
    return search_boxes(trees_[tree].boxes, node.begin, node.end, wanted, tree, found);
  // The child that holds the middle of the wanted region comes first.
  const Node second = child(node, 1);
  const int64_t* const hull = &hulls[second.number * width()];
  int has_middle = 1;
  for (int axis = 0; axis < dimensions_; ++axis) {
    const auto low = wanted[static_cast<size_t>(axis)];
    const int64_t middle = low + (wanted[static_cast<size_t>(dimensions_ + axis)] - low) / 2;
    if (middle < hull[axis] || middle >= hull[dimensions_ + axis]) has_middle = 0;
  }
  return search_tree(tree, child(node, has_middle), wanted, found) ||
         search_tree(tree, child(node, 1 - has_middle), wanted, found);
}

bool BoxSet::search_boxes(const Corners& boxes, size_t begin, size_t end, const Corners& wanted,
                          size_t tree, const Found& found) const {
  for (size_t i = begin; i < end; ++i) {
    const int64_t* const box = &boxes[i * width()];
    if (!is_erased(box) && overlap(box, wanted.data()) && !found(tree, i)) return true;
  }
  return false;
}

std::optional<Region> BoxSet::find(const Region& region) const {
  std::optional<Region> result;
  search(corners_of(region), [&](size_t tree, size_t box) {
    result = region_of(&(tree < trees_.size() ? trees_[tree].boxes : tail_)[box * width()]);
    return false;
  });
  return result;
}

std::vector<Region> BoxSet::overlapping(const Region& region) const {
  std::vector<Region> result;
  search(corners_of(region), [&](size_t tree, size_t box) {
    result.push_back(
        region_of(&(tree < trees_.size() ? trees_[tree].boxes : tail_)[box * width()]));
    return true;
  });
  return result;
}

std::vector<Region> BoxSet::all() const {
  Corners corners;
  for (const Tree& tree : trees_) append_kept(tree.boxes, corners);
  append_kept(tail_, corners);
  std::vector<Region> result;
  result.reserve(count_);
  for (size_t at = 0; at < corners.size(); at += width()) result.push_back(region_of(&corners[at]));
  return result;
}

}  // namespace swr
