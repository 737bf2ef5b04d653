// Slots that repeat one short pattern (background, fill values) are all equal: the result of the
// first is reused for the others.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "base/mutex.h"

namespace swr {

// Remembers the result for the last pattern. Thread-safe.
template <typename Result>
class RepeatedSlot {
 public:
  std::optional<Result> find(std::span<const std::byte> raw) const {
    if (!repeats(raw)) return std::nullopt;
    const MutexLock lock(mutex_);
    if (raw.size() != bytes_ || std::memcmp(raw.data(), pattern_.data(), period) != 0)
      return std::nullopt;
    return result_;
  }

  // `make` gives the result. It is only called if `raw` repeats a pattern.
  template <typename Make>
  void remember(std::span<const std::byte> raw, const Make& make) {
    if (!repeats(raw)) return;
    Result result = make();
    const MutexLock lock(mutex_);
    bytes_ = raw.size();
    std::memcpy(pattern_.data(), raw.data(), period);
    result_ = std::move(result);
  }

 private:
  // A multiple of these pixel sizes: 1 to 4, 6, 8, 12 and 24 bytes.
  static constexpr size_t period = 24;

  static bool repeats(std::span<const std::byte> raw) {
    return raw.size() >= period &&
           std::memcmp(raw.data(), raw.data() + period, raw.size() - period) == 0;
  }

  mutable Mutex mutex_;
  size_t bytes_ SWR_GUARDED_BY(mutex_) = 0;  // 0: none yet
  std::array<std::byte, period> pattern_ SWR_GUARDED_BY(mutex_){};
  Result result_ SWR_GUARDED_BY(mutex_){};
};

}  // namespace swr
