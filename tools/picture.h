// A picture of panels side by side, and its PNG file.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "slices.h"

namespace swr::tool {

inline constexpr int panel_gap = 4;  // pixels between panels

struct Picture {
  int width = 0, height = 0, channels = 1;
  std::vector<uint8_t> bytes;
};

// The values that become black and white.
using Window = std::pair<float, float>;

// The 1st and the 99th percentile of all panels; if they are equal, the least and largest value.
// The range is never empty.
Window percentile_window(const std::vector<Panel>& panels);
Picture side_by_side(const std::vector<Panel>& panels, const Window& window);
// Written under a staging name and renamed when it is complete.
void write_png(const Picture& picture, const std::string& path);

}  // namespace swr::tool
