// ImageJ's own tags: 50838 counts the bytes of what is in 50839, such as the labels of slices.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace swr {

inline constexpr uint16_t imagej_counts_tag = 50838, imagej_values_tag = 50839;

// The values of 50839 of a big-endian file, whose numbers and letters are in the file's order, as a
// little-endian file has them. `counts` are those of 50838, little-endian. Nothing if there is
// something else in them.
std::optional<std::string> little_imagej_values(std::string values, std::string_view counts);

// Whether there are labels of slices among the values of 50839, in either order of bytes.
bool has_imagej_labels(std::string_view values);

}  // namespace swr
