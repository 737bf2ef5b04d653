#include "pixel_differences.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "component_types.h"
#include "header_differences.h"
#include "regions.h"

namespace swr::tool {
namespace {

// long double holds every value of the ten types: it has 64 bits of mantissa or more on the
// processors that swr is built for.
using Value = long double;

constexpr int64_t block_values = 4096;
// of real values, because their scale may have been stored as float32
constexpr Value rounding = 1e-6L;

std::string sizes_text(const Facts& facts) {
  return list_text(facts.region.size, facts.dimensions(), " x ");
}

std::string why_not_comparable(const Facts& a, const Facts& b) {
  if (sizes_text(a) != sizes_text(b))
    return "the sizes are " + sizes_text(a) + " and " + sizes_text(b);
  if (a.components != b.components)
    return "the pixels have " + std::to_string(a.components) + " and " +
           std::to_string(b.components) + " components";
  return "";
}

bool is_floating(swr_component component) {
  return component == SWR_FLOAT32 || component == SWR_FLOAT64;
}

// One side of the comparison: reads parts and converts their values to numbers.
class Side {
 public:
  Side(const ComparedImage& image, bool real_values)
      : reader_(image.reader), facts_(image.facts), real_values_(real_values) {}

  void read(const swr_region& region) {
    bytes_.resize(pixel_count(region) * facts_.pixel_bytes());
    check(reader_,
          swr_reader_read(reader_, &region, bytes_.data(), static_cast<int64_t>(bytes_.size())));
  }

  const char* stored(int64_t first) const {
    return bytes_.data() + first * swr_component_bytes(facts_.component);
  }

  const std::vector<Value>& values(int64_t first, int64_t count) {
    values_.resize(count);
    with_component_type(facts_.component, [&]<class T>(T) {
      for (int64_t i = 0; i < count; ++i) {
        T value;
        std::memcpy(&value, stored(first + i), sizeof value);
        values_[i] = static_cast<Value>(value);
      }
    });
    if (real_values_) {
      for (Value& value : values_) value = facts_.slope * value + facts_.intercept;
    }
    return values_;
  }

  // The tolerance for equal real values in a file with another scale.
  Value tolerance(Value value) const {
    if (!real_values_ || !std::isfinite(value)) return 0;
    return rounding * (std::abs(value) + std::abs(static_cast<Value>(facts_.intercept)));
  }

  Json number(Value value) const {
    if (real_values_ || is_floating(facts_.component)) return static_cast<double>(value);
    if (value < 0) return static_cast<int64_t>(value);
    return static_cast<uint64_t>(value);
  }

 private:
  swr_reader* reader_;
  const Facts& facts_;
  bool real_values_;
  std::vector<char> bytes_;
  std::vector<Value> values_;
};

class Comparison {
 public:
  Comparison(const ComparedImage& a, const ComparedImage& b)
      : a_facts_(a.facts),
        b_facts_(b.facts),
        real_values_(!same_value_scale(a.facts, b.facts)),
        a_(a, real_values_),
        b_(b, real_values_) {
    found_.real_values = real_values_;
    found_.pixels = pixel_count(a.facts.region);
  }

  void compare(const swr_region& part) {
    swr_region other = part;
    for (int d = 0; d < part.dimensions; ++d)
      other.index[d] += b_facts_.region.index[d] - a_facts_.region.index[d];
    a_.read(part);
    b_.read(other);
    last_pixel_ = -1;
    const int64_t count = pixel_count(part) * a_facts_.components;
    for (int64_t first = 0; first < count; first += block_values)
      compare_block(part, first, std::min(block_values, count - first));
  }

  PixelDifferences found() const { return found_; }

 private:
  void compare_block(const swr_region& part, int64_t first, int64_t count) {
    if (a_facts_.component == b_facts_.component && !real_values_ &&
        std::memcmp(a_.stored(first), b_.stored(first),
                    count * swr_component_bytes(a_facts_.component)) == 0)
      return;
    const auto &a = a_.values(first, count), &b = b_.values(first, count);
    for (int64_t i = 0; i < count; ++i) {
      if (!same(a[i], b[i])) note(part, first + i, a[i], b[i]);
    }
  }

  bool same(Value a, Value b) const {
    if (a == b || (std::isnan(a) && std::isnan(b))) return true;
    return real_values_ && std::abs(a - b) <= std::max(a_.tolerance(a), b_.tolerance(b));
  }

  void note(const swr_region& part, int64_t at, Value a, Value b) {
    const int64_t pixel = at / a_facts_.components;
    const bool is_first = found_.differing == 0;
    if (pixel != last_pixel_) ++found_.differing;
    last_pixel_ = pixel;
    const Value distance = std::isnan(a) || std::isnan(b) ? INFINITY : std::abs(a - b);
    const auto difference = static_cast<double>(distance);
    if (difference <= found_.largest.difference) return;
    found_.largest = {index_of(part, pixel), static_cast<int32_t>(at % a_facts_.components),
                      a_.number(a), b_.number(b), difference};
    if (is_first) found_.first = found_.largest;
  }

  static std::vector<int64_t> index_of(const swr_region& part, int64_t pixel) {
    std::vector<int64_t> index(part.dimensions);
    for (int d = 0; d < part.dimensions; ++d) {
      index[d] = part.index[d] + pixel % part.size[d];
      pixel /= part.size[d];
    }
    return index;
  }

  const Facts &a_facts_, &b_facts_;
  bool real_values_;
  Side a_, b_;
  PixelDifferences found_;
  int64_t last_pixel_ = -1;  // of the part, that differed
};

}  // namespace

PixelDifferences pixel_differences(const ComparedImage& a, const ComparedImage& b,
                                   int64_t buffer_bytes) {
  PixelDifferences none;
  none.not_compared = why_not_comparable(a.facts, b.facts);
  if (!none.not_compared.empty()) return none;
  const int64_t pixel_bytes = std::max(a.facts.pixel_bytes(), b.facts.pixel_bytes());
  Comparison comparison(a, b);
  for_each_part(a.facts.region, std::max<int64_t>(1, buffer_bytes / pixel_bytes),
                [&](const swr_region& part) { comparison.compare(part); });
  return comparison.found();
}

}  // namespace swr::tool
