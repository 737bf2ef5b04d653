// Directions of axes in NGFF: words of RFC-4 for axes along those of the patient, and positions
// along the axes themselves, which translations are.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image/image.h"

namespace swr {

inline constexpr int zarr_space_axes = 3;

// Of axes 0, 1 and 2, such as "right-to-left": from low numbers of pixels to high ones. Empty if
// the image has other than three axes of space, or if one of them is oblique.
std::vector<std::string> orientations_of(const Image& image, int space_axes);
// The inverse. False, and the direction unchanged, if the words are not those of three axes along
// left, posterior and superior, in any order and sense.
bool set_oriented_directions(std::span<const std::string> orientations, Image& image);

// The axes of space in the order of these names, such as "z", "y" and "x" if axis 0 of the image is
// along z. False, and the direction unchanged, if these are not x and y, or x, y and z, or if they
// are in this order.
bool set_named_directions(std::span<const std::string> names, Image& image);

// Whether each axis is along an axis of the space, in either sense.
bool has_parallel_directions(const Image& image);

// The position in space of the point that has these coordinates along the image's axes.
std::array<double, max_dimensions> position_of(const Image& image,
                                               const std::array<double, max_dimensions>& along);
// The coordinates of a position along the image's axes.
std::array<double, max_dimensions> along_axes(const Image& image,
                                              const std::array<double, max_dimensions>& position);
// Whether these are the coordinates of that position, up to 1e-6 of a pixel.
bool is_position_along(const Image& image, const std::array<double, max_dimensions>& position,
                       const std::array<double, max_dimensions>& along);

}  // namespace swr
