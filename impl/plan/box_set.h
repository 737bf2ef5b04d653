// Disjoint boxes, found by position. The time of each operation grows with the logarithm of the
// number of boxes (amortised) plus the number of boxes that it returns.
//
//   tail      the latest boxes, unordered
//   trees     the others: trees_[k] is empty or has at most 2^k times the boxes of a full tail
//
// A full tail becomes a tree, together with the smaller trees. A tree does not change afterwards,
// except that boxes in it are marked as erased.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "image/region.h"

namespace swr {

class BoxSet {
 public:
  bool empty() const { return count_ == 0; }
  // Requires: `box` overlaps no box of the set, and has as many dimensions.
  void insert(const Region& box);
  // Requires: `box` is in the set.
  void erase(const Region& box);
  // A box that overlaps `region`; if there are several, one near its middle.
  std::optional<Region> find(const Region& region) const;
  std::vector<Region> overlapping(const Region& region) const;
  std::vector<Region> all() const;

 private:
  // 2n numbers for a box of n dimensions: the first pixel on each axis, then the one after the
  // last. An erased box ends where it begins.
  using Corners = std::vector<int64_t>;
  struct Tree {
    Corners boxes;
    Corners hulls;  // of node i, which has the children 2i and 2i + 1; the root is 1
  };
  struct Node {
    size_t number, begin, end;  // and its boxes of the tree
  };
  // Called with the tree (the tail comes after the last tree) and the number of a box in it; false
  // ends the search.
  using Found = std::function<bool(size_t tree, size_t box)>;

  static Node child(const Node& parent, int which);
  size_t width() const { return 2 * static_cast<size_t>(dimensions_); }
  size_t boxes_in(const Corners& corners) const { return corners.size() / width(); }
  Corners corners_of(const Region& box) const;
  Region region_of(const int64_t* corners) const;
  bool overlap(const int64_t* a, const int64_t* b) const;
  bool is_erased(const int64_t* corners) const { return corners[0] == corners[dimensions_]; }
  void append_kept(const Corners& from, Corners& to) const;
  void merge_tail();
  Tree tree_of(const Corners& corners) const;
  void arrange(const Corners& corners, const Node& node, std::vector<size_t>& order,
               Tree& tree) const;
  int longest_axis(const int64_t* hull) const;
  bool search(const Corners& wanted, const Found& found) const;
  bool search_tree(size_t tree, const Node& node, const Corners& wanted, const Found& found) const;
  bool search_boxes(const Corners& boxes, size_t begin, size_t end, const Corners& wanted,
                    size_t tree, const Found& found) const;

  int dimensions_ = 0;
  Corners tail_;
  std::vector<Tree> trees_;
  size_t count_ = 0;
  size_t erased_ = 0;  // that still occupy room in a tree
};

}  // namespace swr
