#include "formats/nrrd_new_geometry.h"

#include <algorithm>

#include "base/error.h"
#include "image/unit.h"

namespace swr {
namespace {

constexpr std::string_view geometry_fields[] = {
    "space",        "space dimension",  "space directions", "spacings",
    "axis mins",    "axis maxs",        "space units",      "units",
    "space origin", "measurement frame"};

std::string quoted(swr_unit unit) {
  return text('"', unit_name(unit), '"');
}

class GeometryWriter {
 public:
  GeometryWriter(HeaderDraft& draft, const Image& image, int component_axis)
      : draft_(draft), image_(image), component_axis_(component_axis), n_(image.dimensions()) {}

  void write() {
    for (const auto name : geometry_fields) draft_.erase(name);
    if (needs_placement()) {
      write_placement();
    } else if (n_ <= most_nrrd_space_axes) {
      write_space();
    } else {
      write_axes();
    }
  }

 private:
  HeaderDraft& draft_;
  const Image& image_;
  const int component_axis_;
  const int n_;

  template <typename Word>
  void per_axis(std::string_view name, std::string_view component, const Word& word) {
    set_nrrd_axis_words(draft_, name, n_, component_axis_, component, word);
  }

  double in_unit(int axis, double number) const {
    return to_unit(number, size_of(image_.units[axis]));
  }

  bool states_units(int count) const {
    return std::any_of(image_.units.begin(), image_.units.begin() + count,
                       [](swr_unit unit) { return unit != SWR_UNIT_NONE; });
  }

  // Whether only the placement gives the image's position.
  bool needs_placement() const { return image_.is_out_of_plane() || (image_.placement && n_ == 1); }

  void write_placement() {
    const Placement& place = *image_.placement;
    draft_.set("space", "left-posterior-superior");
    per_axis("space directions", "none", [&](int axis) {
      double vector[3];
      for (int row = 0; row < 3; ++row)
        vector[row] = in_unit(0, place.direction[3 * row + axis] * image_.spacing[axis]);
      return nrrd_vector_text(vector, 3);
    });
    auto origin = nrrd_first_pixel(image_);
    for (double& value : origin) value = in_unit(0, value);
    draft_.set("space origin", nrrd_vector_text(origin.data(), 3));
    if (!states_units(1)) return;
    const std::string word = quoted(image_.units[0]);
    draft_.set("space units", text(word, " ", word, " ", word));
  }

  void write_space() {
    if (n_ == 3) {
      draft_.set("space", "left-posterior-superior");
    } else {
      draft_.set("space dimension", text(n_));
    }
    per_axis("space directions", "none", [&](int axis) {
      double vector[max_dimensions];
      for (int row = 0; row < n_; ++row)
        vector[row] = in_unit(row, image_.direction[row * n_ + axis] * image_.spacing[axis]);
      return nrrd_vector_text(vector, n_);
    });
    auto origin = image_.first_pixel_position();
    for (int row = 0; row < n_; ++row) origin[row] = in_unit(row, origin[row]);
    draft_.set("space origin", nrrd_vector_text(origin.data(), n_));
    if (!states_units(n_)) return;
    std::vector<std::string> words;
    words.reserve(static_cast<size_t>(n_));
    for (int row = 0; row < n_; ++row) words.push_back(quoted(image_.units[row]));
    draft_.set("space units", joined_nrrd_words(words));
  }

  // For more axes than a space can have.
  void write_axes() {
    const auto position = image_.first_pixel_position();
    per_axis("spacings", "NaN",
             [&](int axis) { return double_text(in_unit(axis, image_.spacing[axis])); });
    per_axis("axis mins", "NaN",
             [&](int axis) { return double_text(in_unit(axis, position[axis]) + 0.0); });
    per_axis("centers", "???", [](int) { return "node"; });
    if (states_units(n_))
      per_axis("units", "\"\"", [&](int axis) { return quoted(image_.units[axis]); });
  }
};

}  // namespace

void write_nrrd_geometry(HeaderDraft& draft, const Image& image, int component_axis) {
  GeometryWriter(draft, image, component_axis).write();
}

std::array<double, max_dimensions> nrrd_first_pixel(const Image& image) {
  if (!image.placement) return image.first_pixel_position();
  const Placement& place = *image.placement;
  std::array<double, max_dimensions> position{};
  for (int row = 0; row < 3; ++row) {
    position[row] = place.origin[row];
    for (int axis = 0; axis < image.dimensions(); ++axis)
      position[row] += place.direction[3 * row + axis] * image.spacing[axis] *
                       static_cast<double>(image.region.index[axis]);
  }
  return position;
}

}  // namespace swr
