#include "engine/held_image.h"

#include <algorithm>

#include "base/error.h"

namespace swr {
namespace {

template <typename Values>
std::string list(const Values& values, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += (i > 0 ? " " : "") + text(values[i]);
  return out;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

// A unit of length says in which numbers a file states a spacing. Without a spacing it says what
// the axis is, and so does every other unit.
void drop_units(Image& image, bool holds_spacing, std::vector<std::string>& dropped) {
  for (int axis = 0; axis < image.dimensions(); ++axis) {
    swr_unit& unit = image.units[axis];
    if (unit != SWR_UNIT_NONE && (!holds_spacing || quantity_of(unit) != Quantity::length))
      dropped.push_back(text("the unit ", unit_name(unit), " of axis ", axis));
    unit = SWR_UNIT_NONE;
  }
}

}  // namespace

std::vector<std::string> drop_geometry(Image& image, const Format& format) {
  const int n = image.dimensions();
  const auto holds = [&](swr_capability flag) { return (format.capabilities & flag) != 0; };
  std::vector<std::string> dropped;
  // Sets the first `count` values to their default.
  const auto reset = [&](const char* name, auto& values, const auto& defaults, int count) {
    if (std::equal(values.begin(), values.begin() + count, defaults.begin())) return;
    dropped.push_back(text("the ", name, " ", list(values, count)));
    values = defaults;
  };
  Image plain = image;
  plain.set_default_geometry();
  if (!holds(SWR_HOLDS_SPACING)) reset("spacing", image.spacing, plain.spacing, n);
  if (!holds(SWR_HOLDS_ORIGIN)) reset("origin", image.origin, plain.origin, n);
  if (!holds(SWR_HOLDS_DIRECTION)) reset("direction", image.direction, plain.direction, n * n);
  if (image.placement && (!holds(SWR_HOLDS_DIRECTION) || !holds(SWR_HOLDS_ORIGIN))) {
    if (image.is_out_of_plane()) dropped.emplace_back("its place in three-dimensional space");
    image.placement.reset();
  }
  const auto& index = image.region.index;
  if (!holds(SWR_HOLDS_START_INDEX) &&
      std::any_of(index.begin(), index.begin() + n, [](int64_t i) { return i != 0; }))
    dropped.push_back("the start index " + list(index, n));
  if (!holds(SWR_HOLDS_UNITS)) drop_units(image, holds(SWR_HOLDS_SPACING), dropped);
  return dropped;
}

std::vector<Remark> make_held(Image& image, const Format& format, const std::string& path,
                              bool drops_geometry) {
  std::vector<Remark> remarks;
  if (const auto dropped = drop_geometry(image, format); !dropped.empty()) {
    const std::string what = text(format.name, " files cannot hold ", joined(dropped));
    if (!drops_geometry) {
      fail(
          SWR_ERROR_UNSUPPORTED, path, ": ", what,
          "; set the option geometry to drop to write the image without, or choose another format");
    }
    remarks.push_back({what, false});
  }
  if (!(format.capabilities & SWR_HOLDS_VALUE_SCALE) && !image.scale.is_identity()) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": ", format.name,
         " files cannot hold a value scale, and real values are ", image.scale.slope,
         " * stored + ", image.scale.intercept,
         "; set the scale to 1 and 0 and a conversion, so that real values are stored");
  }
  if (format.capabilities & SWR_HOLDS_METADATA) return remarks;
  for (const auto& [key, value] : image.metadata)
    remarks.push_back(
        {text(format.name, " files cannot hold the metadata \"", key, "\""), true, key});
  image.metadata = {};
  return remarks;
}

}  // namespace swr
