// Which part of a region has been delivered.
#pragma once

#include <optional>
#include <vector>

#include "image/region.h"

namespace swr {

class Coverage {
 public:
  void add(const Region& region);
  // Boxes without a common pixel that hold all that was added.
  const std::vector<Region>& boxes() const { return boxes_; }
  // Boxes without a common pixel that hold what of `region` was not added, in file order of their
  // first pixels.
  std::vector<Region> missing(const Region& region) const;

 private:
  void insert(Region box);

  std::vector<Region> boxes_;
};

}  // namespace swr
