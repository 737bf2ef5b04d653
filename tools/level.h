// The option of commands that can read a smaller version of an image instead of it.
#pragma once

#include "command_line.h"

namespace swr::tool {

inline constexpr int most_level = 30;

inline void add_level_to(Command& command, int& level) {
  command
      .add("--level", level,
           "Read the smaller version of the image with this number; 1 is the largest one, and 0, "
           "unless given, the image itself")
      .takes("N")
      .between(0, most_level);
}

}  // namespace swr::tool
