#include "formats/pyramid_level.h"

#include <algorithm>

#include "base/error.h"

namespace swr {
namespace {

// Makes pixels `factor` times as long along an axis; the first one begins where it did.
void lengthen(Image& image, int axis, double factor) {
  const int n = image.dimensions();
  const double shift = image.spacing[axis] * (factor - 1) / 2;
  for (int row = 0; row < n; ++row) image.origin[row] += image.direction[row * n + axis] * shift;
  image.spacing[axis] *= factor;
  if (!image.placement) return;
  Placement& place = *image.placement;
  const auto column = static_cast<size_t>(axis);
  for (size_t row = 0; row < 3; ++row)
    place.origin[row] += place.direction[3 * row + column] * shift;
  place.spacing[column] *= factor;
}

}  // namespace

Description level_of(const Description& image, int level, const std::string& path) {
  const Pyramid* const pyramid = image.layout.pyramid.get();
  const auto levels = pyramid ? static_cast<int>(pyramid->levels.size()) : 0;
  if (level > levels)
    fail(SWR_ERROR_NOT_FOUND, path, ": the image has ", levels,
         " smaller versions that swr has made; the option pyramid.level asks for number ", level);
  Description found;
  found.image = image.image;
  Image& small = found.image;
  small.origin = image.image.first_pixel_position();
  small.region.index = {};
  Index size = image.layout.order.size;
  for (int i = 0; i < level; ++i) {
    const LinearOrder& order = pyramid->levels[static_cast<size_t>(i)].order;
    const Index factors = factors_between(order.dimensions, size, order.size).value();
    for (int axis = 0; axis < order.dimensions; ++axis)
      lengthen(small, axis, static_cast<double>(factors[axis]));
    size = order.size;
  }
  small.region.size = size;
  found.layout = pyramid->levels[static_cast<size_t>(level - 1)];
  found.read_only = "it is a smaller version of another image";
  found.header_path = image.header_path;
  found.journal_path = image.journal_path;
  return found;
}

}  // namespace swr
