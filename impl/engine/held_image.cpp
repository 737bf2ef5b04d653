#include "engine/held_image.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.h"
#include "image/unit.h"

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

swr_unit stated_unit(const Image& image, const Image* base, const Format& format, int axis) {
  if (format.stated_unit) return format.stated_unit(image, base, axis);
  return (format.capabilities & SWR_HOLDS_UNITS) ? image.units[static_cast<size_t>(axis)]
                                                 : SWR_UNIT_NONE;
}

struct LostUnit {
  int axis;
  swr_unit unit, stated;

  // Numbers in Angstrom are never converted: they would count as mm, or the other way round.
  bool changes_numbers() const { return unit == SWR_UNIT_ANGSTROM || stated == SWR_UNIT_ANGSTROM; }
};

// Units that the header will not state become those that it will; returns what they were. Without a
// unit lengths count as millimetres, so that a header need not state these, if it has lengths.
std::vector<LostUnit> take_lost_units(Image& image, const Image* base, const Format& format) {
  std::vector<LostUnit> lost;
  const Image all = image;
  const bool holds_spacing = (format.capabilities & SWR_HOLDS_SPACING) != 0;
  for (int axis = 0; axis < image.dimensions(); ++axis) {
    swr_unit& unit = image.units[static_cast<size_t>(axis)];
    const swr_unit stated = stated_unit(all, base, format, axis);
    const bool counts_as_stated =
        unit == stated || (unit == SWR_UNIT_MILLIMETRE && stated == SWR_UNIT_NONE && holds_spacing);
    if (unit == SWR_UNIT_NONE || counts_as_stated) continue;
    lost.push_back({axis, unit, stated});
    unit = stated;
  }
  return lost;
}

// Whether numbers of a model that states no unit for them would count as Angstrom. Numbers that the
// application sets are what it says they are.
bool makes_angstrom(const Image& image, const Image* base, const Format& format,
                    const Settings& settings) {
  for (int axis = 0; axis < image.dimensions(); ++axis) {
    const auto at = static_cast<size_t>(axis);
    if (image.units[at] != SWR_UNIT_NONE || settings.units.count(axis) != 0 ||
        stated_unit(image, base, format, axis) != SWR_UNIT_ANGSTROM)
      continue;
    if ((!settings.spacing && image.spacing[at] != 1) ||
        (!settings.origin && image.origin[at] != 0))
      return true;
  }
  return false;
}

std::string words_of(const LostUnit& lost) {
  return text("the unit ", unit_name(lost.unit), " of ", axis_text(lost.axis));
}

// What becomes of units that the application did not set.
std::optional<Remark> remark_of(const std::vector<LostUnit>& inherited, const Format& format) {
  if (inherited.empty()) return std::nullopt;
  std::vector<std::string> words;
  words.reserve(inherited.size());
  for (const LostUnit& lost : inherited) words.push_back(words_of(lost));
  std::string sentence = text(format.name, " files cannot hold ", joined(words));
  const auto changed = std::ranges::find_if(inherited, &LostUnit::changes_numbers);
  if (changed != inherited.end()) {
    sentence += text(": numbers in ", unit_name(changed->unit), " are not converted, and count as ",
                     changed->stated == SWR_UNIT_NONE ? "mm" : unit_name(changed->stated));
  }
  return Remark{std::move(sentence)};
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
  return dropped;
}

std::vector<Remark> make_held(Image& image, const Image* base, const Format& format,
                              const Settings& settings, const std::string& path) {
  std::vector<Remark> remarks;
  std::vector<std::string> dropped = drop_geometry(image, format);
  const bool makes_lengths_angstrom = makes_angstrom(image, base, format, settings);
  std::vector<LostUnit> inherited;
  for (const LostUnit& lost : take_lost_units(image, base, format)) {
    const auto set = settings.units.find(lost.axis);
    if (settings.drops_geometry || (set != settings.units.end() && set->second == lost.unit)) {
      dropped.push_back(words_of(lost));
    } else {
      inherited.push_back(lost);
    }
  }
  if (!dropped.empty()) {
    const std::string what = text(format.name, " files cannot hold ", joined(dropped));
    if (!settings.drops_geometry) {
      fail(
          SWR_ERROR_UNSUPPORTED, path, ": ", what,
          "; set the option geometry to drop to write the image without, or choose another format");
    }
    remarks.push_back({what, false});
  }
  if (auto remark = remark_of(inherited, format)) remarks.push_back(std::move(*remark));
  if (makes_lengths_angstrom) {
    remarks.push_back({text(format.name,
                            " files state lengths in Angstrom: numbers without a unit "
                            "are not converted, and count as Angstrom")});
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
