// Writes what formats/zarr_image.cpp reads.
#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "base/error.h"
#include "formats/header_text.h"
#include "formats/json_patch.h"
#include "formats/ngff_units.h"
#include "formats/zarr_directions.h"
#include "formats/zarr_image.h"
#include "image/unit.h"

namespace swr {
namespace {

constexpr int most_ngff_axes = 4;  // of the image

// The axes of space, which are the first ones.
int space_axes_of(const Image& image) {
  int count = 0;
  while (count < std::min(image.dimensions(), zarr_space_axes)) {
    const Quantity quantity = quantity_of(image.units[count]);
    if (quantity != Quantity::none && quantity != Quantity::length) break;
    ++count;
  }
  return count;
}

bool is_complex(const PixelType& pixel) {
  const bool is_real = pixel.component == SWR_FLOAT32 || pixel.component == SWR_FLOAT64;
  return pixel.kind == SWR_KIND_COMPLEX && is_real;
}

NgffAxis further_axis(swr_unit unit) {
  NgffAxis axis{.name = "t", .type = NgffAxisType::time};
  switch (quantity_of(unit)) {
    case Quantity::none:
    case Quantity::time: return axis;
    case Quantity::frequency:
      return {.name = "f", .type = NgffAxisType::other, .type_name = "frequency"};
    case Quantity::shift: return {.name = "d", .type = NgffAxisType::other, .type_name = "shift"};
    default: return {.name = "w", .type = NgffAxisType::other, .type_name = "angular frequency"};
  }
}

template <typename Numbers>
Json list_of(const Numbers& numbers, int count) {
  return Json::list_of(std::span(numbers.data(), static_cast<size_t>(count)));
}

class Drafter {
 public:
  Drafter(const Image& image, int format, bool is_multiscale, const ZarrDraftLevels& levels)
      : image_(image),
        format_(format),
        n_(image.dimensions()),
        space_(space_axes_of(image)),
        levels_(levels) {
    draft_.is_multiscale = is_multiscale;
  }

  ZarrDraft draft() {
    set_shape();
    draft_.attributes = Json::of(Json::Object());
    if (draft_.is_multiscale) add_ngff();
    add_geometry();
    add_meaning();
    if (!swr_.is_null()) {
      Json versioned;
      versioned.add("version", Json::of(int64_t{1}));
      for (const auto& [key, value] : *swr_.object()) versioned.add(key, value);
      draft_.attributes.add(zarr_swr_attribute, std::move(versioned));
    }
    return std::move(draft_);
  }

 private:
  // The channels are slower than the axes of space, or, without NGFF, than all others.
  void set_shape() {
    const PixelType& pixel = image_.pixel;
    draft_.shape.assign(image_.region.size.rend() - n_, image_.region.size.rend());
    draft_.pixel = {pixel.component, 1, SWR_KIND_SCALAR};
    if (is_complex(pixel)) {
      draft_.pixel = pixel;
    } else if (pixel.components > 1) {
      draft_.channel_axis = draft_.is_multiscale ? n_ - space_ : 0;
      draft_.shape.insert(draft_.shape.begin() + draft_.channel_axis, pixel.components);
    }
  }

  void add_ngff() {
    NgffImage ngff;
    ngff.version = format_ == 2 ? "0.4" : "0.5";
    along_ = along_axes(image_, image_.first_pixel_position());
    const auto orientations = orientations_of(image_, space_);
    for (int axis = n_ - 1; axis >= 0; --axis) {
      constexpr std::string_view names = "xyz";
      NgffAxis ngff_axis = axis < space_
                               ? NgffAxis{.name = std::string(1, names[static_cast<size_t>(axis)])}
                               : further_axis(image_.units[axis]);
      ngff_axis.unit = ngff_unit_name(unit_of(axis));
      if (!orientations.empty() && axis < space_)
        ngff_axis.orientation = orientations[static_cast<size_t>(axis)];
      ngff.axes.push_back(std::move(ngff_axis));
    }
    if (draft_.channel_axis >= 0) {
      const int at = draft_.channel_axis;
      ngff.axes.insert(ngff.axes.begin() + at, {.name = "c", .type = NgffAxisType::channel});
    }
    for (const NgffAxis& axis : ngff.axes) draft_.axis_names.push_back(axis.name);
    has_orientation_ = !orientations.empty();
    add_levels(ngff);
    auto [key, value] = ngff_attribute(ngff);
    draft_.attributes.add(key, std::move(value));
  }

  // The unit in which NGFF states the axis: its own, unless the numbers are too large or too small
  // for a double in that unit.
  swr_unit unit_of(int axis) const {
    const swr_unit unit = image_.units[axis];
    if (is_in_every_unit(image_.spacing[axis]) && is_in_every_unit(along_[axis])) return unit;
    switch (quantity_of(unit)) {
      case Quantity::length: return unit == SWR_UNIT_ANGSTROM ? unit : SWR_UNIT_MILLIMETRE;
      case Quantity::time: return SWR_UNIT_SECOND;
      default: return unit;
    }
  }

  double in_unit(int axis, double number) const { return to_unit(number, size_of(unit_of(axis))); }

  // Whether readers get the number of each axis back from NGFF to the last bit.
  bool comes_back(const std::array<double, max_dimensions>& numbers) const {
    for (int axis = 0; axis < n_; ++axis) {
      const double number = numbers[axis];
      if (from_unit(in_unit(axis, number), size_of(unit_of(axis))) != number) return false;
    }
    return true;
  }

  // A pixel of a level is in the middle of those for which it stands.
  void add_levels(NgffImage& ngff) {
    Index factors{};
    factors.fill(1);
    ngff.levels.push_back(level_of("0", factors));
    Index size = image_.region.size;
    for (size_t number = 0; number < levels_.sizes.size(); ++number) {
      const Index& smaller = levels_.sizes[number];
      for (int axis = 0; axis < n_; ++axis) {
        if (smaller[axis] < size[axis]) factors[axis] *= 2;
      }
      size = smaller;
      ngff.levels.push_back(level_of(std::to_string(number + 1), factors));
    }
    if (levels_.sizes.empty()) return;
    ngff.method = name_of(levels_.method);
    swr_.add(zarr_pyramid_attribute, Json::of(name_of(levels_.method)));
  }

  NgffLevel level_of(std::string path, const Index& factors) const {
    NgffLevel level{.path = std::move(path)};
    for (int axis = n_ - 1; axis >= 0; --axis) {
      const auto factor = static_cast<double>(factors[axis]);
      const double to_centre = image_.spacing[axis] * (factor - 1) / 2;
      level.scale.push_back(in_unit(axis, image_.spacing[axis] * factor));
      level.translation.push_back(in_unit(axis, along_[axis] + to_centre));
    }
    if (draft_.channel_axis < 0) return level;
    level.scale.insert(level.scale.begin() + draft_.channel_axis, 1);
    level.translation.insert(level.translation.begin() + draft_.channel_axis, 0);
    return level;
  }

  bool has_plain_directions() const {
    Image plain = image_;
    plain.set_default_geometry();
    return std::equal(image_.direction.begin(), image_.direction.begin() + n_ * n_,
                      plain.direction.begin());
  }

  void add_geometry() {
    const auto& index = image_.region.index;
    if (std::any_of(index.begin(), index.begin() + n_, [](int64_t at) { return at != 0; }))
      swr_.add("index", list_of(index, n_));
    if (!draft_.is_multiscale || !comes_back(image_.spacing))
      swr_.add("spacing", list_of(image_.spacing, n_));
    if (!draft_.is_multiscale && draft_.channel_axis >= 0)
      swr_.add("channel_axis", Json::of(int64_t{draft_.channel_axis}));
    if (!holds_directions() && !has_plain_directions()) {
      swr_.add("direction", list_of(image_.direction, n_ * n_));
      if (draft_.is_multiscale) {
        draft_.remarks.push_back(
            {"NGFF has no place for the directions of the axes: other programs do not see them",
             false});
      }
    }
    if (!draft_.is_multiscale || swr_.find("direction") || !comes_back(along_))
      swr_.add("first_pixel", list_of(image_.first_pixel_position(), n_));
    add_units();
    if (!image_.placement) return;
    const Placement& place = *image_.placement;
    Json& placement = swr_.add("placement", {});
    placement.add("direction", list_of(place.direction, 9));
    placement.add("spacing", list_of(place.spacing, 3));
    placement.add("origin", list_of(place.origin, 3));
  }

  // Whether the orientations in NGFF say all of the directions.
  bool holds_directions() const {
    if (!has_orientation_) return false;
    for (int axis = space_; axis < n_; ++axis) {
      if (image_.direction[axis * n_ + axis] != 1) return false;
    }
    return true;
  }

  // Those that the file does not tell otherwise.
  void add_units() {
    Json::Array names;
    bool is_told = true;
    for (int axis = 0; axis < n_; ++axis) {
      const swr_unit unit = image_.units[axis];
      is_told = is_told && unit == (draft_.is_multiscale ? unit_of(axis) : SWR_UNIT_NONE);
      names.push_back(Json::of(unit_name(unit)));
    }
    if (!is_told) swr_.add("units", Json::of(std::move(names)));
  }

  void add_meaning() {
    const PixelType& pixel = image_.pixel;
    if (!is_complex(pixel) && pixel.kind != default_kind(pixel.components))
      swr_.add("kind", Json::of(swr_kind_name(pixel.kind)));
    if (image_.scale.stated || !image_.scale.is_identity()) {
      const std::array<double, 2> scale = {image_.scale.slope, image_.scale.intercept};
      swr_.add("scale", list_of(scale, 2));
    }
    Json metadata;
    for (const auto& [key, value] : image_.metadata) {
      const bool is_reserved = is_reserved_key(key);
      if (!is_reserved && is_json_string(key) && is_json_string(value)) {
        metadata.add(key, Json::of(value));
      } else {
        const char* const why = is_reserved ? "swr uses that name itself" : "it is not UTF-8";
        draft_.remarks.push_back(
            {text("Zarr cannot hold the metadata ", in_quotes(key), ": ", why), true, key});
      }
    }
    if (!metadata.is_null()) swr_.add("metadata", std::move(metadata));
  }

  const Image& image_;
  const int format_;
  const int n_, space_;
  const ZarrDraftLevels& levels_;
  bool has_orientation_ = false;
  std::array<double, max_dimensions> along_{};  // of the first pixel, with NGFF
  ZarrDraft draft_;
  Json swr_;
};

}  // namespace

std::vector<int> zarr_halved_axes(const Image& image) {
  std::vector<int> axes(static_cast<size_t>(space_axes_of(image)));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

bool fits_ngff(const Image& image) {
  const int n = image.dimensions(), space = space_axes_of(image);
  if (n > most_ngff_axes || space < 2 || n - space > 1) return false;
  if (n == space) return true;
  const swr_unit unit = image.units[n - 1];
  if (quantity_of(unit) == Quantity::length) return false;
  // NGFF has one axis at most that is neither of space nor of time.
  const bool has_channels = image.pixel.components > 1 && !is_complex(image.pixel);
  return !has_channels || further_axis(unit).type == NgffAxisType::time;
}

ZarrDraft draft_zarr_image(const Image& image, int format, bool is_multiscale,
                           const std::string& path, const ZarrDraftLevels& levels) {
  check_storable(image, path);
  const bool has_channels = image.pixel.components > 1 && !is_complex(image.pixel);
  if (has_channels && image.dimensions() == max_dimensions) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": an image of ", max_dimensions,
         " dimensions and several components has too many axes for swr to read it from Zarr");
  }
  return Drafter(image, format, is_multiscale, levels).draft();
}

std::string with_zarr_attributes(std::string_view text, const Json& attributes, JsonPlace within) {
  std::string out(text);
  std::vector<std::string_view> place(within.begin(), within.end());
  place.emplace_back(zarr_swr_attribute);
  if (!attributes.find(zarr_swr_attribute)) out = without_json(out, place);
  for (const auto& [key, value] : *attributes.object()) {
    place.back() = key;
    out = with_json(out, place, value);
  }
  return out;
}

}  // namespace swr
