#include "formats/ngff_units.h"

#include "image/unit.h"

namespace swr {
namespace {

struct Prefix {
  std::string_view text;
  double factor;
};
constexpr Prefix prefixes[] = {
    {"yotta", 1e24}, {"zetta", 1e21},  {"exa", 1e18},   {"peta", 1e15},   {"tera", 1e12},
    {"giga", 1e9},   {"mega", 1e6},    {"kilo", 1e3},   {"hecto", 1e2},   {"deca", 1e1},
    {"deci", 1e-1},  {"centi", 1e-2},  {"milli", 1e-3}, {"micro", 1e-6},  {"nano", 1e-9},
    {"pico", 1e-12}, {"femto", 1e-15}, {"atto", 1e-18}, {"zepto", 1e-21}, {"yocto", 1e-24}};

struct Row {
  std::string_view name;
  NgffUnit unit;
};
constexpr Row others[] = {
    {"foot", {SWR_UNIT_MILLIMETRE, 304.8}},
    {"yard", {SWR_UNIT_MILLIMETRE, 914.4}},
    {"mile", {SWR_UNIT_MILLIMETRE, 1609344}},
    {"parsec", {SWR_UNIT_MILLIMETRE, 3.0856775814913673e19}},
    {"minute", {SWR_UNIT_SECOND, 60}},
    {"hour", {SWR_UNIT_SECOND, 3600}},
    {"day", {SWR_UNIT_SECOND, 86400}},
};

}  // namespace

std::optional<NgffUnit> read_ngff_unit(std::string_view name) {
  constexpr double mm_of_metre = 1e3;
  if (const swr_unit unit = unit_of_name(name); unit != SWR_UNIT_NONE)
    return NgffUnit{unit, size_of(unit)};
  for (const Prefix& prefix : prefixes) {
    if (!name.starts_with(prefix.text)) continue;
    const std::string_view rest = name.substr(prefix.text.size());
    if (rest == "meter" || rest == "metre")
      return NgffUnit{SWR_UNIT_MILLIMETRE, prefix.factor * mm_of_metre};
    if (rest == "second") return NgffUnit{SWR_UNIT_SECOND, prefix.factor};
  }
  for (const Row& row : others) {
    if (row.name == name) return row.unit;
  }
  return std::nullopt;
}

std::string ngff_unit_name(swr_unit unit) {
  switch (unit) {
    case SWR_UNIT_METRE: return "meter";
    case SWR_UNIT_CENTIMETRE: return "centimeter";
    case SWR_UNIT_MILLIMETRE: return "millimeter";
    case SWR_UNIT_MICROMETRE: return "micrometer";
    case SWR_UNIT_NANOMETRE: return "nanometer";
    case SWR_UNIT_INCH: return "inch";
    case SWR_UNIT_ANGSTROM: return "angstrom";
    case SWR_UNIT_SECOND: return "second";
    case SWR_UNIT_MILLISECOND: return "millisecond";
    case SWR_UNIT_MICROSECOND: return "microsecond";
    case SWR_UNIT_HERTZ: return "hertz";
    default: return unit_name(unit);
  }
}

}  // namespace swr
