// Which part of a region has been delivered.
#pragma once

#include <functional>
#include <vector>

#include "plan/box_set.h"

namespace swr {

class Coverage {
 public:
  void add(const Region& region);
  bool empty() const { return boxes_.empty(); }
  // Boxes without a common pixel that hold all that was added.
  std::vector<Region> boxes() const { return boxes_.all(); }
  // Boxes without a common pixel that hold what of `region` was not added: each, in no particular
  // order, or all, in the order of their first pixels in a file.
  void each_missing(const Region& region, const std::function<void(const Region&)>& act) const;
  std::vector<Region> missing(const Region& region) const;

 private:
  void insert(Region box);

  BoxSet boxes_;
};

}  // namespace swr
