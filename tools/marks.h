// What is drawn over a picture: letters of the patient's directions, and a scale bar.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "facts.h"
#include "picture.h"
#include "slices.h"

namespace swr::tool {

struct ScaleBar {
  double length = 0;  // in the unit
  std::string unit;   // "mm", "A"; "" where the file's numbers have none
  int pixels = 0;
};

// A bar of 1, 2 or 5 times a power of ten, at most a third of the panel wide. Nothing if the
// panel is too small for marks, or its axes are not lengths of one unit. `spacing`: of a pixel of
// the panel.
std::optional<ScaleBar> scale_bar(const Facts& facts, const Plane& plane, const Panel& panel,
                                  double spacing);
// Draws R (the patient's right), A (anterior) and S (superior) at the edges of the panels that
// show anatomical planes and are large enough, and the bar in the first panel.
void draw_marks(Picture& picture, const std::vector<Plane>& planes,
                const std::vector<Panel>& panels, const std::optional<ScaleBar>& bar);

}  // namespace swr::tool
