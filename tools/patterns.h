// Computed images: the value of a pixel depends only on its place in the image, not on the pieces
// that are requested.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "swr/swr.h"

namespace swr::tool {

enum class PatternKind {
  ramp,  // from 0 at the first pixel to the type's largest value (1 for floating types) at the last
  sphere,  // a ball in the middle, bright inside, dark at its rim and outside
  noise,   // uniform, from a hash of the position
};

struct Pattern {
  PatternKind kind = PatternKind::ramp;
  swr_component component = SWR_UINT8;
  swr_region image{};
  std::vector<double> spacing;  // one for each axis

  // The pixels of `region`, packed.
  void fill(const swr_region& region, void* pixels) const;
};

PatternKind parse_pattern(const std::string& option, std::string_view text);

}  // namespace swr::tool
