// The differences of two headers: the facts that `swr info` shows, except the encoding of the
// pixels.
#pragma once

#include <string>
#include <vector>

#include "facts.h"
#include "json.h"

namespace swr::tool {

struct FieldDifference {
  std::string field;  // as `swr info --json` names it
  std::string key;    // of a metadata entry
  Json a, b;          // null: the file has no such entry
};

// In the order of `swr info`. Spacing, origin, direction and value scale are equal if they agree up
// to the rounding of float32, because some formats have no better precision.
std::vector<FieldDifference> header_differences(const Facts& a, const Facts& b);
bool same_value_scale(const Facts& a, const Facts& b);

}  // namespace swr::tool
