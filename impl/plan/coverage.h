// Which part of a region has been delivered.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "plan/box_set.h"

namespace swr {

class Coverage {
 public:
  void add(const Region& region);
  bool empty() const { return boxes_.empty(); }
  // Disjoint boxes that cover all that was added, in the order of their first pixels in a file.
  std::vector<Region> boxes() const;
  // Disjoint boxes that cover the part of `region` that was not added, in the same order.
  std::vector<Region> missing(const Region& region) const;
  // The first of these boxes, with less memory.
  std::optional<Region> first_missing(const Region& region) const;

 private:
  void each_missing(const Region& region, const std::function<void(const Region&)>& act) const;
  void insert(Region box);

  BoxSet boxes_;
};

}  // namespace swr
