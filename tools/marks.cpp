#include "marks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace swr::tool {
namespace {

constexpr int least_edge = 128;  // of a panel with marks, in pixels
constexpr int glyph_width = 5, glyph_height = 7;

// Rows from top to bottom; the highest of the five bits is the leftmost pixel.
struct Glyph {
  char letter;
  std::array<uint8_t, glyph_height> rows;
};

constexpr Glyph glyphs[] = {
    {'R', {0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001}},
    {'A', {0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001}},
    {'S', {0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110}},
    {'m', {0b00000, 0b00000, 0b11010, 0b10101, 0b10101, 0b10101, 0b10101}},
    {'.', {0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b01100, 0b01100}},
    {'-', {0b00000, 0b00000, 0b00000, 0b11111, 0b00000, 0b00000, 0b00000}},
    {'+', {0b00000, 0b00100, 0b00100, 0b11111, 0b00100, 0b00100, 0b00000}},
    {'e', {0b00000, 0b00000, 0b01110, 0b10001, 0b11111, 0b10000, 0b01110}},
    {'0', {0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110}},
    {'1', {0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110}},
    {'2', {0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111}},
    {'5', {0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110}},
};

// A white shape on a picture, with a black outline of one dot.
class Pen {
 public:
  Pen(Picture& picture, int dot) : picture_(picture), dot_(dot) {}

  int dot() const { return dot_; }
  int width_of(std::string_view text) const {
    return (static_cast<int>(text.size()) * (glyph_width + 1) - 1) * dot_;
  }
  int height() const { return glyph_height * dot_; }

  void rectangle(int left, int top, int width, int height) {
    paint(left - dot_, top - dot_, width + 2 * dot_, height + 2 * dot_, 0);
    paint(left, top, width, height, 255);
  }
  void write(std::string_view text, int left, int top) {
    dots(text, left, top, dot_, 0);
    dots(text, left, top, 0, 255);
  }

 private:
  void dots(std::string_view text, int left, int top, int outline, uint8_t shade) {
    for (const char letter : text) {
      const auto* glyph = std::find_if(std::begin(glyphs), std::end(glyphs),
                                       [letter](const Glyph& g) { return g.letter == letter; });
      for (int y = 0; y < glyph_height && glyph != std::end(glyphs); ++y) {
        for (int x = 0; x < glyph_width; ++x) {
          if (!(glyph->rows[static_cast<size_t>(y)] >> (glyph_width - 1 - x) & 1)) continue;
          paint(left + x * dot_ - outline, top + y * dot_ - outline, dot_ + 2 * outline,
                dot_ + 2 * outline, shade);
        }
      }
      left += (glyph_width + 1) * dot_;
    }
  }

  void paint(int left, int top, int width, int height, uint8_t shade) {
    const int right = std::min(left + width, picture_.width),
              bottom = std::min(top + height, picture_.height);
    left = std::max(left, 0);
    for (int y = std::max(top, 0); y < bottom && left < right; ++y) {
      const size_t at = static_cast<size_t>(y) * picture_.width + left;
      std::fill_n(picture_.bytes.begin() + static_cast<std::ptrdiff_t>(at * picture_.channels),
                  (right - left) * picture_.channels, shade);
    }
  }

  Picture& picture_;
  int dot_;
};

bool has_room(const Panel& panel) {
  return panel.width >= least_edge && panel.height >= least_edge;
}

// The letters at the left edge and at the top of a plane.
std::pair<const char*, const char*> letters_of(const Plane& plane) {
  if (plane.name == "axial") return {"R", "A"};
  if (plane.name == "coronal") return {"R", "S"};
  if (plane.name == "sagittal") return {"A", "S"};
  return {"", ""};
}

// The unit of the numbers along an axis, if that is a length or unknown.
std::optional<std::string> length_unit(const Facts& facts, int axis) {
  switch (facts.units[static_cast<size_t>(axis)]) {
    case SWR_UNIT_NONE: return "";
    case SWR_UNIT_METRE:
    case SWR_UNIT_CENTIMETRE:
    case SWR_UNIT_MILLIMETRE:
    case SWR_UNIT_MICROMETRE:
    case SWR_UNIT_NANOMETRE:
    case SWR_UNIT_INCH: return "mm";
    case SWR_UNIT_ANGSTROM: return "A";
    default: return std::nullopt;
  }
}

std::string label_of(const ScaleBar& bar) {
  return number_text(bar.length) + (bar.unit.empty() ? "" : " " + bar.unit);
}

}  // namespace

std::optional<ScaleBar> scale_bar(const Facts& facts, const Plane& plane, const Panel& panel,
                                  double spacing) {
  if (!has_room(panel) || plane.row_axis < 0) return std::nullopt;
  const auto unit = length_unit(facts, plane.column_axis);
  if (!unit || unit != length_unit(facts, plane.row_axis)) return std::nullopt;
  const double most = panel.width * spacing / 3;
  double length = std::pow(10, std::floor(std::log10(most)));
  for (const double factor : {5.0, 2.0}) {
    if (length * factor > most) continue;
    length *= factor;
    break;
  }
  return ScaleBar{length, *unit, static_cast<int>(std::lround(length / spacing))};
}

void draw_marks(Picture& picture, const std::vector<Plane>& planes,
                const std::vector<Panel>& panels, const std::optional<ScaleBar>& bar) {
  for (size_t i = 0, left = 0; i < panels.size(); left += panels[i++].width + panel_gap) {
    const Panel& panel = panels[i];
    if (!has_room(panel)) continue;
    Pen pen(picture, 1 + std::min(panel.width, panel.height) / 300);
    const int x = static_cast<int>(left), y = (picture.height - panel.height) / 2;
    const int margin = 3 * pen.dot();
    const auto [at_left, at_top] = letters_of(planes[i]);
    pen.write(at_left, x + margin, y + (panel.height - pen.height()) / 2);
    pen.write(at_top, x + (panel.width - pen.width_of(at_top)) / 2, y + margin);
    if (i > 0 || !bar) continue;
    const int thickness = 2 * pen.dot(), bottom = y + panel.height - margin;
    pen.rectangle(x + margin, bottom - thickness, bar->pixels, thickness);
    pen.write(label_of(*bar), x + margin, bottom - thickness - margin - pen.height());
  }
}

}  // namespace swr::tool
