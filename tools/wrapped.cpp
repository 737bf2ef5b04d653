#include "wrapped.h"

#include <sstream>

namespace swr::tool {

std::string wrapped_entry(const std::string& title, const std::string& text, size_t column) {
  constexpr size_t most = 100;
  std::string lines, line = "  " + title;
  const auto end_line = [&] {
    lines += line + "\n";
    line.assign(column, ' ');
  };
  if (line.size() + 2 > column) end_line();
  line.resize(column, ' ');
  std::istringstream words(text);
  bool is_first = true;
  for (std::string word; words >> word; is_first = false) {
    if (line.size() > column && line.size() + 1 + word.size() > most) {
      end_line();
      is_first = true;
    }
    line += (is_first ? "" : " ") + word;
  }
  return lines + line + "\n";
}

}  // namespace swr::tool
