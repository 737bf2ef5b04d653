#include "header_differences.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace swr::tool {
namespace {

constexpr double relative_tolerance = 1e-6;
constexpr double float32_rounding = 0x1p-22;

bool close(double a, double b, double tolerance) {
  return a == b || std::abs(a - b) <= tolerance || (std::isnan(a) && std::isnan(b));
}

bool same_spacing(const Facts& a, const Facts& b) {
  for (size_t axis = 0; axis < a.spacing.size(); ++axis) {
    if (!close(a.spacing[axis], b.spacing[axis], relative_tolerance * std::abs(a.spacing[axis])))
      return false;
  }
  return true;
}

// The origin is the position of index zero, but its rounding error is that of the first pixel's
// position, which may be far away.
double largest_length(const Facts& facts, int row) {
  const int n = facts.dimensions();
  double first = facts.origin[row];
  for (int axis = 0; axis < n; ++axis) {
    if (facts.region.index[axis] == 0) continue;
    first += facts.direction[row * n + axis] * facts.spacing[axis] *
             static_cast<double>(facts.region.index[axis]);
  }
  return std::max(std::abs(facts.origin[row]), std::abs(first));
}

bool same_origin(const Facts& a, const Facts& b) {
  const double finest = std::abs(*std::min_element(a.spacing.begin(), a.spacing.end()));
  for (int row = 0; row < a.dimensions(); ++row) {
    const double largest = std::max(largest_length(a, row), largest_length(b, row));
    if (!close(a.origin[row], b.origin[row],
               relative_tolerance * finest + float32_rounding * largest))
      return false;
  }
  return true;
}

bool same_direction(const Facts& a, const Facts& b) {
  return std::equal(a.direction.begin(), a.direction.end(), b.direction.begin(), b.direction.end(),
                    [](double x, double y) { return close(x, y, relative_tolerance); });
}

// Without a unit, lengths are in millimetres and times in seconds. A copy keeps the numbers of axes
// in Angstrom, and most formats call them millimetres.
swr_unit unit_of(const Facts& facts, size_t axis) {
  const swr_unit unit = facts.units[axis];
  if (unit != SWR_UNIT_NONE && unit != SWR_UNIT_ANGSTROM) return unit;
  return axis < 3 ? SWR_UNIT_MILLIMETRE : SWR_UNIT_SECOND;
}

bool same_units(const Facts& a, const Facts& b) {
  for (size_t axis = 0; axis < a.units.size(); ++axis) {
    if (unit_of(a, axis) != unit_of(b, axis)) return false;
  }
  return true;
}

Json unit_names(const Facts& facts) {
  Json names = Json::array();
  for (const swr_unit unit : facts.units) names.push_back(swr_unit_name(unit));
  return names;
}

void add(std::vector<FieldDifference>& differences, const char* field, const Json& a, const Json& b,
         bool same) {
  if (!same) differences.push_back({field, "", a, b});
}

void add(std::vector<FieldDifference>& differences, const char* field, const Json& a,
         const Json& b) {
  add(differences, field, a, b, a == b);
}

// The entries of A in their order, then those that only B has.
void add_metadata(std::vector<FieldDifference>& differences, const Facts& a, const Facts& b) {
  std::map<std::string, std::string> rest(b.metadata.begin(), b.metadata.end());
  for (const auto& [key, value] : a.metadata) {
    const auto other = rest.find(key);
    if (other == rest.end()) {
      differences.push_back({"metadata", key, value, nullptr});
    } else {
      if (other->second != value) differences.push_back({"metadata", key, value, other->second});
      rest.erase(other);
    }
  }
  for (const auto& [key, value] : b.metadata) {
    if (rest.count(key)) differences.push_back({"metadata", key, nullptr, value});
  }
}

}  // namespace

bool same_value_scale(const Facts& a, const Facts& b) {
  const auto same = [](double x, double y) {
    return close(x, y, relative_tolerance * std::max(std::abs(x), std::abs(y)));
  };
  return same(a.slope, b.slope) && same(a.intercept, b.intercept);
}

std::vector<FieldDifference> header_differences(const Facts& a, const Facts& b) {
  std::vector<FieldDifference> differences;
  const int n = a.dimensions();
  const bool same_axes = n == b.dimensions();
  add(differences, "dimensions", n, b.dimensions());
  add(differences, "size", json_list(a.region.size, n), json_list(b.region.size, b.dimensions()));
  add(differences, "index", json_list(a.region.index, n),
      json_list(b.region.index, b.dimensions()));
  add(differences, "component", swr_component_name(a.component), swr_component_name(b.component));
  add(differences, "components", a.components, b.components);
  add(differences, "kind", swr_kind_name(a.kind), swr_kind_name(b.kind));
  add(differences, "spacing", a.spacing, b.spacing, same_axes && same_spacing(a, b));
  add(differences, "origin", a.origin, b.origin, same_axes && same_origin(a, b));
  add(differences, "direction", json_rows(a.direction, n), json_rows(b.direction, b.dimensions()),
      same_axes && same_direction(a, b));
  add(differences, "units", unit_names(a), unit_names(b), same_axes && same_units(a, b));
  const bool same_scale = same_value_scale(a, b);
  add(differences, "slope", a.slope, b.slope, same_scale || a.slope == b.slope);
  add(differences, "intercept", a.intercept, b.intercept, same_scale || a.intercept == b.intercept);
  add_metadata(differences, a, b);
  return differences;
}

}  // namespace swr::tool
