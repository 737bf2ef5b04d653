// Pixels of an image that boxes and a mask select.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mask.h"

namespace swr::tool {

class Selection {
 public:
  // The boxes are in the image's index space; the mask, if there is one, has the image's size.
  // Throws a Failure or UsageError where that is not so.
  Selection(const std::string& file, const Facts& facts, std::vector<swr_region> boxes,
            const std::optional<std::string>& mask, const WriteOptions& options);

  bool empty() const { return boxes_.empty() && !mask_; }
  // Requires: not empty.
  swr_region bounds() const;
  // Clears the bytes of `selected`, one for each pixel of `part`, whose pixel is not selected.
  void apply(const swr_region& part, std::vector<uint8_t>& selected);
  // Calls visit(part, selected) for parts that hold all selected pixels, each of at most `pixels`
  // pixels.
  void for_each_part(
      int64_t pixels,
      const std::function<void(const swr_region&, const std::vector<uint8_t>&)>& visit);

 private:
  swr_region image_;
  std::vector<swr_region> boxes_;
  std::optional<Mask> mask_;
};

}  // namespace swr::tool
