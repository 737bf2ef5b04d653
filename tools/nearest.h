// The word of a list that was probably meant.
#pragma once

#include <string>
#include <vector>

namespace swr::tool {

// The word that becomes `given` by the fewest changed, missing, additional or swapped letters; ""
// if every word differs in more than a third of its letters, and in more than one.
std::string nearest(const std::string& given, const std::vector<std::string>& words);

}  // namespace swr::tool
