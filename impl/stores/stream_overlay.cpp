#include "stores/stream_overlay.h"

#include <algorithm>
#include <cstring>

#include "base/checked.h"

namespace swr {

int64_t StreamOverlay::next_change(int64_t from) const {
  int64_t next =
      prefix_bytes_ + update_.overlay->next_change(std::max<int64_t>(from - prefix_bytes_, 0));
  for (const auto& [offset, bytes] : update_.prefix_patches) {
    if (from < offset + std::ssize(bytes)) next = std::min(next, std::max(from, offset));
  }
  return next;
}

void StreamOverlay::apply(int64_t offset, std::span<std::byte> raw) const {
  const int64_t end = offset + std::ssize(raw);
  for (const auto& [position, bytes] : update_.prefix_patches) {
    const int64_t from = std::max(offset, position),
                  to = std::min(end, position + std::ssize(bytes));
    if (from < to)
      std::memcpy(raw.data() + (from - offset), bytes.data() + (from - position),
                  static_cast<size_t>(to - from));
  }
  const int64_t pixels = std::max(offset, prefix_bytes_),
                pixels_end = std::min(end, checked_add(prefix_bytes_, update_.new_bytes));
  if (pixels < pixels_end)
    update_.overlay->apply(pixels - prefix_bytes_,
                           raw.subspan(static_cast<size_t>(pixels - offset),
                                       static_cast<size_t>(pixels_end - pixels)));
}

}  // namespace swr
