#include "formats/zarr_image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "base/error.h"
#include "formats/header_text.h"
#include "formats/ngff_units.h"
#include "formats/zarr_directions.h"
#include "formats/zarr_fields.h"
#include "image/unit.h"

namespace swr {
namespace {

using Position = std::array<double, max_dimensions>;

// Finite numbers; none if the value is not a list of exactly `count`.
std::vector<double> numbers_of(const Json* value, int count) {
  std::vector<double> numbers;
  if (!value || !value->is_array() || std::ssize(*value->array()) != count) return numbers;
  for (const Json& element : *value->array()) {
    const auto number = element.real();
    if (!number || !std::isfinite(*number)) return {};
    numbers.push_back(*number);
  }
  return numbers;
}

class ImageReader {
 public:
  ImageReader(const ZarrArray& array, const NgffImage* ngff, size_t level, const Json& attributes,
              const std::string& path)
      : array_(array), ngff_(ngff), level_(level), path_(path) {
    const Json* const swr = attributes.find(zarr_swr_attribute);
    if (swr && swr->is_object()) swr_ = swr;
  }

  ZarrImage read() {
    read_axes();
    image_.set_default_geometry();
    if (ngff_) read_places();
    if (swr_) {
      read_units();
      read_geometry();
      read_meaning();
    }
    image_.set_origin_from_first_pixel(first_pixel_);
    return std::move(read_);
  }

 private:
  const Json* member(std::string_view key) const { return swr_ ? swr_->find(key) : nullptr; }

  // The axis of the array that is this one of the image.
  size_t axis_of_array(int axis) const {
    const int of_array = array_.dimensions() - 1 - axis;
    return static_cast<size_t>(of_array <= read_.channel_axis ? of_array - 1 : of_array);
  }

  void read_axes() {
    const int rank = array_.dimensions();
    if (ngff_ && std::ssize(ngff_->axes) != rank) {
      fail(SWR_ERROR_CORRUPT, path_, ": the array ", in_quotes(ngff_->levels[level_].path), " has ",
           rank, " axes, and multiscales has ", ngff_->axes.size());
    }
    read_.channel_axis = channel_axis();
    image_.pixel = array_.pixel;
    if (read_.channel_axis >= 0) read_components();
    read_kind();
    image_.region.dimensions = rank - (read_.channel_axis >= 0 ? 1 : 0);
    if (image_.dimensions() == 0)
      fail(SWR_ERROR_UNSUPPORTED, path_, ": the array has no axis but that of channels");
    for (int axis = 0; axis < image_.dimensions(); ++axis)
      image_.region.size[axis] = array_.shape[axis_of_array(axis)];
  }

  int channel_axis() const {
    if (array_.pixel.components > 1) return -1;  // complex numbers of several channels
    if (ngff_) return ngff_->channel_axis();
    const Json* const axis = member("channel_axis");
    const auto number = axis ? axis->whole() : std::nullopt;
    return number && *number >= 0 && *number < array_.dimensions() ? static_cast<int>(*number) : -1;
  }

  void read_components() {
    constexpr int64_t most = 65535;
    const int64_t channels = array_.shape[static_cast<size_t>(read_.channel_axis)];
    if (channels > most) {
      fail(SWR_ERROR_UNSUPPORTED, path_, ": the array has ", channels, " channels; swr reads ",
           most);
    }
    image_.pixel.components = static_cast<int>(channels);
    image_.pixel.kind = default_kind(image_.pixel.components);
  }

  void read_kind() {
    const Json* const name = member("kind");
    const auto kind = name && name->string() ? kind_of_name(*name->string()) : std::nullopt;
    if (kind && kind_fits(*kind, image_.pixel.components)) image_.pixel.kind = *kind;
  }

  // Scales, translations and orientations of NGFF.
  void read_places() {
    const NgffLevel& level = ngff_->levels[level_];
    const int n = image_.dimensions();
    std::vector<std::string> orientations, names;
    Position along{};
    std::array<bool, max_dimensions> is_reversed{};
    for (int axis = 0; axis < n; ++axis) {
      const size_t of_array = axis_of_array(axis);
      const NgffAxis& ngff_axis = ngff_->axes[of_array];
      const NgffUnit unit = read_ngff_unit(ngff_axis.unit).value_or(NgffUnit{});
      const double spacing = from_unit(level.scale[of_array], unit.size);
      along[axis] = from_unit(level.translation[of_array], unit.size);
      if (spacing == 0 || !std::isfinite(spacing) || !std::isfinite(along[axis])) {
        fail(SWR_ERROR_CORRUPT, path_, ": the transformations of axis ", in_quotes(ngff_axis.name),
             " in ", in_quotes(ngff_axis.unit), " give pixels without a place");
      }
      image_.spacing[axis] = std::abs(spacing);
      image_.units[axis] = unit.unit;
      is_reversed[axis] = spacing < 0;
      if (ngff_axis.type != NgffAxisType::space) continue;
      orientations.push_back(ngff_axis.orientation);
      names.push_back(ngff_axis.name);
    }
    take_noted_spacing();
    // What the file's words say counts before the names of axes, which are nearly always z, y, x.
    const auto direction = numbers_of(member("direction"), n * n);
    has_orientation_ = set_oriented_directions(orientations, image_);
    if (!has_orientation_ && !direction.empty())
      std::copy(direction.begin(), direction.end(), image_.direction.begin());
    else if (!has_orientation_)
      set_named_directions(names, image_);
    first_pixel_ = position_of(image_, along);
    if (const auto stated = numbers_of(member("first_pixel"), n); !stated.empty()) {
      Position position{};
      std::copy(stated.begin(), stated.end(), position.begin());
      // Another program may have changed the translation.
      if (is_position_along(image_, position, along)) first_pixel_ = position;
    }
    for (int axis = 0; axis < n; ++axis) {
      for (int row = 0; is_reversed[axis] && row < n; ++row) image_.direction[row * n + axis] *= -1;
    }
  }

  // What a scale in the unit of the file has lost; another program may have changed the scale.
  void take_noted_spacing() {
    constexpr double of_number = 1e-12;
    const auto noted = numbers_of(member("spacing"), image_.dimensions());
    for (size_t axis = 0; axis < noted.size(); ++axis) {
      if (std::abs(noted[axis] - image_.spacing[axis]) <= of_number * image_.spacing[axis])
        image_.spacing[axis] = noted[axis];
    }
  }

  void read_units() {
    const int n = image_.dimensions();
    const Json* const names = member("units");
    if (!names || !names->is_array() || std::ssize(*names->array()) != n) return;
    for (int axis = 0; axis < n; ++axis) {
      const std::string* const name = (*names->array())[static_cast<size_t>(axis)].string();
      if (!name) return;
      const swr_unit unit = unit_of_name(*name);
      // One in which the numbers of the image are the same.
      if (!ngff_ || (quantity_of(unit) == quantity_of(image_.units[axis]) &&
                     (unit == SWR_UNIT_ANGSTROM) == (image_.units[axis] == SWR_UNIT_ANGSTROM)))
        image_.units[axis] = unit;
    }
  }

  // What NGFF does not hold; all of it for an array without NGFF.
  void read_geometry() {
    const int n = image_.dimensions();
    if (level_ == 0) read_index();
    if (!ngff_) {
      const auto spacing = numbers_of(member("spacing"), n);
      if (std::ranges::find(spacing, 0.0) == spacing.end())
        std::copy(spacing.begin(), spacing.end(), image_.spacing.begin());
      const auto direction = numbers_of(member("direction"), n * n);
      std::copy(direction.begin(), direction.end(), image_.direction.begin());
      const auto position = numbers_of(member("first_pixel"), n);
      std::copy(position.begin(), position.end(), first_pixel_.begin());
    }
    if (const Json* const placement = member("placement")) read_placement(*placement);
  }

  void read_index() {
    const Json* const index = member("index");
    if (!index || !index->is_array()) return;
    std::string numbers;
    for (const Json& number : *index->array()) numbers.append(number.number_text()).append(" ");
    set_start_index(image_.region, numbers);
  }

  void read_placement(const Json& value) {
    const auto direction = numbers_of(value.find("direction"), 9);
    const auto spacing = numbers_of(value.find("spacing"), 3);
    const auto origin = numbers_of(value.find("origin"), 3);
    if (direction.empty() || spacing.empty() || origin.empty() || image_.dimensions() > 2) return;
    Placement& placement = image_.placement.emplace();
    std::ranges::copy(direction, placement.direction.begin());
    std::ranges::copy(spacing, placement.spacing.begin());
    std::ranges::copy(origin, placement.origin.begin());
  }

  void read_meaning() {
    if (const auto scale = numbers_of(member("scale"), 2); !scale.empty() && scale[0] != 0)
      image_.scale = {scale[0], scale[1], true};
    const Json* const metadata = member("metadata");
    if (!metadata || !metadata->is_object()) return;
    for (const auto& [key, value] : *metadata->object()) {
      if (value.string() && !key.empty() && !is_reserved_key(key))
        image_.set_metadata(key, *value.string());
    }
  }

  const ZarrArray& array_;
  const NgffImage* const ngff_;
  const size_t level_;
  const std::string& path_;
  const Json* swr_ = nullptr;
  ZarrImage read_;
  Image& image_ = read_.image;
  Position first_pixel_{};
  bool has_orientation_ = false;
};

}  // namespace

ZarrImage read_zarr_image(const ZarrArray& array, const NgffImage* ngff, size_t level,
                          const Json& attributes, const std::string& path) {
  return ImageReader(array, ngff, level, attributes, path).read();
}

std::vector<std::string> zarr_own_attributes(const Json& attributes) {
  constexpr std::array<std::string_view, 4> held = {"multiscales", "ome", "version",
                                                    zarr_swr_attribute};
  std::vector<std::string> own;
  const auto add = [&](const Json* object) {
    for (size_t i = 0; object && object->is_object() && i < object->object()->size(); ++i) {
      const std::string& key = (*object->object())[i].first;
      if (std::ranges::find(held, key) == held.end()) own.push_back(key);
    }
  };
  add(&attributes);
  add(attributes.find("ome"));
  return own;
}

}  // namespace swr
