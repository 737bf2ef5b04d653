// What two files' headers say differently: the facts that `swr info` shows, but for how the pixels
// are stored.
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

// In the order in which `swr info` shows the fields. Spacing, origin, direction and value scale are
// the same if they agree to the rounding of float32, since some formats hold no more.
std::vector<FieldDifference> header_differences(const Facts& a, const Facts& b);
bool same_value_scale(const Facts& a, const Facts& b);

}  // namespace swr::tool
