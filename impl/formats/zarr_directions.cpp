#include "formats/zarr_directions.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace swr {
namespace {

struct Word {
  std::string_view text;
  int row;      // of left, posterior, superior
  double sign;  // of the pixels' numbers along it
};
constexpr Word words[] = {{"right-to-left", 0, 1},         {"left-to-right", 0, -1},
                          {"anterior-to-posterior", 1, 1}, {"posterior-to-anterior", 1, -1},
                          {"inferior-to-superior", 2, 1},  {"superior-to-inferior", 2, -1}};

using Position = std::array<double, max_dimensions>;

}  // namespace

std::vector<std::string> orientations_of(const Image& image, int count) {
  std::vector<std::string> orientations;
  const int n = image.dimensions();
  if (count != zarr_space_axes || !has_parallel_directions(image)) return orientations;
  for (int axis = 0; axis < count; ++axis) {
    for (const Word& word : words) {
      if (image.direction[word.row * n + axis] == word.sign) orientations.emplace_back(word.text);
    }
  }
  // A row may belong to an axis that is not one of space.
  if (std::ssize(orientations) != count) orientations.clear();
  return orientations;
}

bool set_oriented_directions(std::span<const std::string> orientations, Image& image) {
  const int n = image.dimensions();
  std::array<const Word*, zarr_space_axes> found{};
  std::array<bool, zarr_space_axes> is_taken{};
  if (std::ssize(orientations) != zarr_space_axes || n < zarr_space_axes) return false;
  for (size_t axis = 0; axis < zarr_space_axes; ++axis) {
    const auto* const word = std::ranges::find(words, orientations[axis], &Word::text);
    if (word == std::end(words) || is_taken[static_cast<size_t>(word->row)]) return false;
    is_taken[static_cast<size_t>(word->row)] = true;
    found[axis] = word;
  }
  for (int axis = 0; axis < zarr_space_axes; ++axis) {
    const Word& word = *found[static_cast<size_t>(axis)];
    for (int row = 0; row < n; ++row)
      image.direction[row * n + axis] = row == word.row ? word.sign : 0;
  }
  return true;
}

bool set_named_directions(std::span<const std::string> names, Image& image) {
  constexpr std::string_view letters = "xyz";
  const int n = image.dimensions(), count = static_cast<int>(std::ssize(names));
  if (count < 2 || count > zarr_space_axes || count > n) return false;
  std::array<int, zarr_space_axes> rows{};
  for (int axis = 0; axis < count; ++axis) {
    const std::string& name = names[static_cast<size_t>(axis)];
    const size_t row = name.size() == 1 ? letters.find(name.front()) : letters.npos;
    const auto end = rows.begin() + axis;
    if (row >= static_cast<size_t>(count) || std::find(rows.begin(), end, row) != end) return false;
    *end = static_cast<int>(row);
  }
  if (std::is_sorted(rows.begin(), rows.begin() + count)) return false;
  for (int axis = 0; axis < count; ++axis) {
    for (int row = 0; row < n; ++row)
      image.direction[row * n + axis] = row == rows[static_cast<size_t>(axis)] ? 1 : 0;
  }
  return true;
}

bool has_parallel_directions(const Image& image) {
  const int n = image.dimensions();
  std::array<int, max_dimensions> in_row{};
  for (int axis = 0; axis < n; ++axis) {
    int in_column = 0;
    for (int row = 0; row < n; ++row) {
      const double part = image.direction[row * n + axis];
      if (part == 0) continue;
      if (std::abs(part) != 1) return false;
      ++in_column;
      ++in_row[row];
    }
    if (in_column != 1) return false;
  }
  return std::all_of(in_row.begin(), in_row.begin() + n, [](int count) { return count == 1; });
}

Position position_of(const Image& image, const Position& along) {
  const int n = image.dimensions();
  Position position{};
  for (int row = 0; row < n; ++row) {
    for (int axis = 0; axis < n; ++axis)
      position[row] += image.direction[row * n + axis] * along[axis];
  }
  return position;
}

Position along_axes(const Image& image, const Position& position) {
  const int n = image.dimensions();
  Position along{};
  for (int axis = 0; axis < n; ++axis) {
    for (int row = 0; row < n; ++row)
      along[axis] += image.direction[row * n + axis] * position[row];
    along[axis] += 0.0;  // not -0
  }
  return along;
}

bool is_position_along(const Image& image, const Position& position, const Position& along) {
  constexpr double of_pixel = 1e-6, of_number = 1e-12;
  const Position expected = along_axes(image, position);
  for (int axis = 0; axis < image.dimensions(); ++axis) {
    const double most =
        of_pixel * std::abs(image.spacing[axis]) + of_number * std::abs(along[axis]);
    if (!(std::abs(expected[axis] - along[axis]) <= most)) return false;
  }
  return true;
}

}  // namespace swr
