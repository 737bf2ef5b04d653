#include "stores/overlay.h"

#include <algorithm>
#include <cstring>

#include "base/byte_order.h"

namespace swr {

void fill_with(std::span<const std::byte> pattern, int64_t offset, std::span<std::byte> raw) {
  const auto size = static_cast<int64_t>(pattern.size());
  if (std::all_of(pattern.begin(), pattern.end(), [&](std::byte b) { return b == pattern[0]; })) {
    std::ranges::fill(raw, pattern[0]);
    return;
  }
  const size_t first = std::min(raw.size(), pattern.size());
  for (size_t i = 0; i < first; ++i)
    raw[i] = pattern[static_cast<size_t>((offset + static_cast<int64_t>(i)) % size)];
  for (size_t done = first; done < raw.size();) {
    const size_t more = std::min(done, raw.size() - done);
    std::memcpy(raw.data() + done, raw.data(), more);
    done += more;
  }
}

void FillOverlay::apply(int64_t offset, std::span<std::byte> raw) const {
  const int64_t skip = std::max<int64_t>(0, begin_ - offset);
  if (skip < std::ssize(raw))
    fill_with(pattern_, offset + skip, raw.subspan(static_cast<size_t>(skip)));
}

BoxOverlay::BoxOverlay(const LinearOrder& order, const Region& box, ReadStore& values, Values where,
                       bool swap_bytes)
    : order_(order.interleaved() ? order : order.unfolded()),
      box_(order.interleaved() ? box : order.unfolded(box, 0, order.components)),
      values_(values),
      where_(where),
      swap_bytes_(swap_bytes),
      unit_bytes_(int64_t{order_.component_bytes} * order_.components) {}

int64_t BoxOverlay::begin(const LinearOrder& order, const Region& box) {
  if (!order.interleaved()) return begin(order.unfolded(), order.unfolded(box, 0, 1));
  int64_t unit = 0;
  for (int axis = order.dimensions - 1; axis >= 0; --axis)
    unit = unit * order.size[axis] + box.index[axis];
  return unit * order.component_bytes * order.components;
}

// The first unit at or after `unit` that is in the box, and the number of units from it on without
// a gap; -1 if there is none.
int64_t BoxOverlay::next_unit(int64_t unit, int64_t& run) const {
  const int n = order_.dimensions;
  Index at{};
  for (int axis = 0; axis < n; ++axis) {
    at[axis] = unit % order_.size[axis];
    unit /= order_.size[axis];
  }
  if (unit > 0) return -1;
  const auto end = [&](int axis) { return box_.index[axis] + box_.size[axis]; };
  for (int axis = n - 1; axis >= 0; --axis) {
    int reset = -1;  // the faster axes up to this one go back to the start of the box
    if (at[axis] < box_.index[axis]) {
      reset = axis;
    } else if (at[axis] >= end(axis)) {
      int slower = axis + 1;
      while (slower < n && at[slower] + 1 >= end(slower)) ++slower;
      if (slower == n) return -1;
      ++at[slower];
      reset = slower - 1;
    }
    if (reset >= 0) {
      std::copy_n(box_.index.begin(), reset + 1, at.begin());
      break;
    }
  }
  run = end(0) - at[0];
  int64_t linear = 0;
  for (int axis = n - 1; axis >= 0; --axis) linear = linear * order_.size[axis] + at[axis];
  return linear;
}

int64_t BoxOverlay::next_change(int64_t from) const {
  int64_t run;
  const int64_t unit = next_unit(from / unit_bytes_, run);
  return unit < 0 ? order_.bytes() : std::max(from, unit * unit_bytes_);
}

int64_t BoxOverlay::end() const {
  Region last = box_;
  for (int axis = 0; axis < last.dimensions; ++axis) last.index[axis] += last.size[axis] - 1;
  return begin(order_, last) + unit_bytes_;
}

// The position in the values of byte `at` of the sequence. Requires: it is in the box.
int64_t BoxOverlay::value_offset(int64_t at) const {
  if (where_ == Values::in_place) return at;
  int64_t unit = at / unit_bytes_, packed = 0, stride = 1;
  for (int axis = 0; axis < order_.dimensions; ++axis) {
    packed += (unit % order_.size[axis] - box_.index[axis]) * stride;
    stride *= box_.size[axis];
    unit /= order_.size[axis];
  }
  return packed * unit_bytes_ + at % unit_bytes_;
}

void BoxOverlay::apply(int64_t offset, std::span<std::byte> raw) const {
  struct Stretch {
    int64_t at, value, bytes;
  };
  std::vector<Stretch> stretches;
  const int64_t end = offset + std::ssize(raw);
  for (int64_t at = next_change(offset); at < end;) {
    int64_t run;
    const int64_t unit = next_unit(at / unit_bytes_, run);
    const int64_t bytes = std::min(end, (unit + run) * unit_bytes_) - at;
    stretches.push_back({at, value_offset(at), bytes});
    at = next_change(at + bytes);
  }
  if (stretches.empty()) return;
  // The values are in the order of the sequence and not larger: one read gets all.
  const int64_t first = stretches.front().value;
  std::vector<std::byte> values(
      static_cast<size_t>(stretches.back().value + stretches.back().bytes - first));
  {
    const MutexLock lock(values_mutex_);
    values_.read(first, values);
  }
  if (swap_bytes_) swr::swap_bytes(values, order_.component_bytes);
  for (const Stretch& s : stretches)
    std::memcpy(raw.data() + (s.at - offset), values.data() + (s.value - first),
                static_cast<size_t>(s.bytes));
}

void OverlayList::add(std::unique_ptr<Overlay> overlay) {
  constexpr size_t most_in_group = 64;
  const int64_t begin = overlay->next_change(0), end = overlay->end();
  if (groups_.empty() || groups_.back().overlays.size() == most_in_group)
    groups_.push_back({begin, end, {}});
  Group& group = groups_.back();
  group.begin = std::min(group.begin, begin);
  group.end = std::max(group.end, end);
  group.overlays.push_back(std::move(overlay));
}

int64_t OverlayList::next_change(int64_t from) const {
  int64_t next = bytes_;
  for (const Group& group : groups_) {
    if (group.end <= from || group.begin >= next) continue;
    for (const auto& overlay : group.overlays) next = std::min(next, overlay->next_change(from));
  }
  return next;
}

void OverlayList::apply(int64_t offset, std::span<std::byte> raw) const {
  for (const Group& group : groups_) {
    if (group.end <= offset || group.begin >= offset + std::ssize(raw)) continue;
    for (const auto& overlay : group.overlays) overlay->apply(offset, raw);
  }
}

// Of the last overlay that changes any of these bytes.
std::span<const std::byte> OverlayList::in_memory(int64_t offset, int64_t bytes) const {
  for (size_t i = groups_.size(); i-- > 0;) {
    const Group& group = groups_[i];
    if (group.end <= offset || group.begin >= offset + bytes) continue;
    for (size_t j = group.overlays.size(); j-- > 0;) {
      const Overlay& overlay = *group.overlays[j];
      if (overlay.next_change(offset) < offset + bytes) return overlay.in_memory(offset, bytes);
    }
  }
  return {};
}

}  // namespace swr
