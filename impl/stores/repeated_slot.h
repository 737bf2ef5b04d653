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
#include "codecs/repeats.h"

namespace swr {

// Remembers the result for the last pattern. Thread-safe.
template <typename Result>
class RepeatedSlot {
 public:
  std::optional<Result> find(std::span<const std::byte> raw) const {
    if (!repeats_throughout(raw)) return std::nullopt;
    const MutexLock lock(mutex_);
    if (raw.size() != bytes_ || std::memcmp(raw.data(), pattern_.data(), common_period) != 0)
      return std::nullopt;
    return result_;
  }

  // `make` gives the result. It is only called if `raw` repeats a pattern.
  template <typename Make>
  void remember(std::span<const std::byte> raw, const Make& make) {
    if (!repeats_throughout(raw)) return;
    Result result = make();
    const MutexLock lock(mutex_);
    bytes_ = raw.size();
    std::memcpy(pattern_.data(), raw.data(), common_period);
    result_ = std::move(result);
  }

 private:
  mutable Mutex mutex_;
  size_t bytes_ SWR_GUARDED_BY(mutex_) = 0;  // 0: none yet
  std::array<std::byte, common_period> pattern_ SWR_GUARDED_BY(mutex_){};
  Result result_ SWR_GUARDED_BY(mutex_){};
};

}  // namespace swr
