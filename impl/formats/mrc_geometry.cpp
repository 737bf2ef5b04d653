#include "formats/mrc_geometry.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace swr {
namespace {

// The pixels along an axis that the length of the cell is divided into; 0 if that is unknown.
int64_t divisor_of(const MrcHeader& header, int axis) {
  return header.integer(header.divides_by_size(axis) ? mrc::size : mrc::grid, axis);
}

// 1 where the header does not say.
double spacing_of(const MrcHeader& header, int axis) {
  const int64_t divisor = divisor_of(header, axis);
  const double length = header.number(mrc::cell, axis);
  if (divisor < 1 || !(length > 0) || !std::isfinite(length)) return 1;
  return length / static_cast<double>(divisor);
}

// Of the first pixel. A field of -0 says 0: where all are 0, old files have it in the start index.
std::array<double, max_dimensions> position_of(const MrcHeader& header, const Image& image) {
  std::array<double, max_dimensions> position{};
  bool is_set = false;
  for (int axis = 0; axis < mrc_spatial_axes && header.has_mark(); ++axis) {
    const float value = header.number(mrc::origin, axis);
    is_set = is_set || value != 0 || std::signbit(value);
  }
  for (int axis = 0; axis < std::min(image.dimensions(), mrc_spatial_axes); ++axis) {
    const double value = header.number(mrc::origin, axis);
    const double start = header.integer(mrc::start, axis);
    position[axis] = !is_set ? start * image.spacing[axis] : std::isfinite(value) ? value : 0;
  }
  return position;
}

// Pixels along an axis; of a volume, if there are several.
int32_t pixels_along(const MrcHeader& header, int axis) {
  return header.integer(axis == 2 && header.volumes() > 0 ? mrc::grid : mrc::size, axis);
}

}  // namespace

void read_mrc_geometry(const MrcHeader& header, Image& image) {
  image.set_default_geometry();
  for (int axis = 0; axis < std::min(image.dimensions(), mrc_spatial_axes); ++axis)
    image.spacing[axis] = spacing_of(header, axis);
  image.set_space_unit(SWR_UNIT_ANGSTROM);
  image.set_origin_from_first_pixel(position_of(header, image));
}

void resize_mrc_axis(MrcHeader& header, int axis, int32_t pixels, int32_t volumes) {
  const double spacing = spacing_of(header, axis);
  const int32_t before = pixels_along(header, axis);
  const bool fits = header.integer(mrc::grid, axis) == before;
  const bool by_size = !fits && header.divides_by_size(axis);
  header.set_integer(mrc::size, axis, pixels * volumes);
  if (!fits && !by_size) return;
  if (fits) header.set_integer(mrc::grid, axis, pixels);
  if (header.number(mrc::cell, axis) > 0)
    header.set_number(mrc::cell, axis, static_cast<float>(spacing * pixels));
}

}  // namespace swr
