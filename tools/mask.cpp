#include "mask.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "component_types.h"
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

void skip_value(double value, const Facts& facts, const std::vector<std::byte>& pixels,
                std::vector<uint8_t>& selected) {
  with_component_type(facts.component, [&]<class T>(T) {
    clear_where<T>(pixels.data(), facts.components, selected, [value](T found) {
      const auto real = static_cast<double>(found);
      return real == value || (std::isnan(real) && std::isnan(value));
    });
  });
}

}  // namespace swr::tool
