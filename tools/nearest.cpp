#include "nearest.h"

#include <algorithm>

namespace swr::tool {
namespace {

// The number of changes from one word to the other (optimal string alignment).
size_t distance(const std::string& a, const std::string& b) {
  // Rows of a table: changes[i][j] is the distance of the first i letters of a and j of b.
  std::vector<std::vector<size_t>> changes(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      size_t& here = changes[i][j];
      here = std::max(i, j);
      if (i == 0 || j == 0) continue;
      const size_t replaced = changes[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      here = std::min({changes[i - 1][j] + 1, changes[i][j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) here = std::min(here, changes[i - 2][j - 2] + 1);
    }
  }
  return changes[a.size()][b.size()];
}

}  // namespace

std::string nearest(const std::string& given, const std::vector<std::string>& words) {
  std::string best;
  size_t fewest = 0;
  for (const std::string& word : words) {
    const size_t changes = distance(given, word);
    if (changes > std::max<size_t>(1, word.size() / 3)) continue;
    if (!best.empty() && changes >= fewest) continue;
    best = word;
    fewest = changes;
  }
  return best;
}

}  // namespace swr::tool
