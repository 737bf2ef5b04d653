#include "stores/lent_pixels.h"

#include <algorithm>
#include <cstring>

namespace swr {

bool LentPixels::add(int64_t offset, std::span<const std::byte> pixels) {
  if (offset < end()) return false;
  stretches_.push_back({offset, pixels});
  return true;
}

void LentPixels::copy_to(WriteStore& store) const {
  for (const Stretch& stretch : stretches_) {
    const Write write{stretch.begin, stretch.pixels};
    store.write({&write, 1});
  }
}

// The first stretch that ends after `offset`.
std::vector<LentPixels::Stretch>::const_iterator LentPixels::first_after(int64_t offset) const {
  return std::upper_bound(
      stretches_.begin(), stretches_.end(), offset,
      [](int64_t position, const Stretch& stretch) { return position < stretch.end(); });
}

int64_t LentPixels::next_change(int64_t from) const {
  const auto next = first_after(from);
  return next == stretches_.end() ? bytes_ : std::max(from, next->begin);
}

void LentPixels::apply(int64_t offset, std::span<std::byte> raw) const {
  const int64_t raw_end = offset + std::ssize(raw);
  for (auto next = first_after(offset); next != stretches_.end() && next->begin < raw_end; ++next) {
    const int64_t begin = std::max(offset, next->begin), end = std::min(raw_end, next->end());
    std::memcpy(raw.data() + (begin - offset), next->pixels.data() + (begin - next->begin),
                static_cast<size_t>(end - begin));
  }
}

std::span<const std::byte> LentPixels::in_memory(int64_t offset, int64_t bytes) const {
  const auto next = first_after(offset);
  if (next == stretches_.end() || next->begin > offset || next->end() < offset + bytes) return {};
  return next->pixels.subspan(static_cast<size_t>(offset - next->begin),
                              static_cast<size_t>(bytes));
}

}  // namespace swr
