#include "mask.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>

#include "component_types.h"
#include "numbers.h"
#include "regions.h"

namespace swr::tool {
namespace {

// Clears the pixels whose components all satisfy the predicate.
template <class T, class Predicate>
void clear_where(const std::byte* bytes, int components, std::vector<uint8_t>& selected,
                 const Predicate& predicate) {
  for (uint8_t& pixel : selected) {
    bool all = true;
    for (int c = 0; c < components; ++c, bytes += sizeof(T)) {
      T value;
      std::memcpy(&value, bytes, sizeof(T));
      all = all && predicate(value);
    }
    if (all) pixel = 0;
  }
}

// The number as a value of the type; nothing if it has none such. A floating type has the nearest
// one.
template <class T>
std::optional<T> value_of(const std::string& text) {
  if (const auto value = read_number<T>(text)) return value;
  const auto real = read_number<double>(text);  // such as 1e3
  if constexpr (std::is_integral_v<T>) {
    // The largest value of a type of 64 bits is no double: it would be rounded up.
    const double end = std::ldexp(1.0, std::numeric_limits<T>::digits);
    if (!real || *real != std::floor(*real) || *real >= end ||
        *real < static_cast<double>(std::numeric_limits<T>::min()))
      return std::nullopt;
  }
  return real ? std::optional(static_cast<T>(*real)) : std::nullopt;
}

}  // namespace

Mask::Mask(std::string path, const WriteOptions& options)
    : path_(std::move(path)), reader_(open_reader(path_)), facts_(read_facts(reader_.get())) {
  options.apply_beside_writer(reader_.get());
  if (facts_.components == 1) return;
  throw Failure(SWR_ERROR_MISMATCH, path_ + ": a mask has one component, and this has pixels of " +
                                        facts_.pixel_text());
}

bool Mask::fits(const swr_region& box) const {
  return box.dimensions == facts_.dimensions() &&
         std::equal(box.size, box.size + box.dimensions, facts_.region.size);
}

std::string Mask::size_text() const {
  return path_ + " has " + list_text(facts_.region.size, facts_.dimensions(), " x ") + " pixels";
}

void Mask::apply(const swr_region& part, const swr_region& box, std::vector<uint8_t>& selected) {
  swr_region here = part;
  for (int d = 0; d < part.dimensions; ++d)
    here.index[d] = part.index[d] - box.index[d] + facts_.region.index[d];
  pixels_.resize(static_cast<size_t>(pixel_count(here) * facts_.pixel_bytes()));
  check(reader_.get(), swr_reader_read(reader_.get(), &here, pixels_.data(),
                                       static_cast<int64_t>(pixels_.size())));
  with_component_type(facts_.component, [&]<class T>(T) {
    clear_where<T>(pixels_.data(), 1, selected, [](T value) { return value == 0; });
  });
}

SkippedValue::SkippedValue(const std::string& text, const Facts& facts, const std::string& file)
    : facts_(facts) {
  with_component_type(facts.component, [&]<class T>(T) {
    const std::optional<T> value = value_of<T>(text);
    if (!value)
      throw UsageError("--skip: " + text + " is not a value of " +
                       swr_component_name(facts.component) + ", the type of " + file);
    value_.resize(sizeof(T));
    std::memcpy(value_.data(), &*value, sizeof(T));
  });
}

void SkippedValue::apply(const std::vector<std::byte>& pixels,
                         std::vector<uint8_t>& selected) const {
  with_component_type(facts_.component, [&]<class T>(T) {
    T value;
    std::memcpy(&value, value_.data(), sizeof(T));
    // A NaN differs from itself.
    clear_where<T>(pixels.data(), facts_.components, selected, [value](T found) {
      return found == value || (found != found && value != value);
    });
  });
}

}  // namespace swr::tool
