#include "engine/pace.h"

#include <algorithm>

namespace swr {
namespace {

// A window must be long enough that starting threads, or a page that is written back, does not
// decide it.
constexpr int64_t least_window_bytes = int64_t{16} << 20;
constexpr int64_t least_window_nanoseconds = 4'000'000;
// If threads reduce the time to this share of one thread's, they pay off; no trial is made.
constexpr double clear_gain = 0.85;
// The slower mode is tried again, because sources change, after an increasing number of windows.
constexpr int most_patience = 64;

}  // namespace

bool Pace::observe(const Figures& now) {
  const Figures window{now.bytes - begin_.bytes, now.work_nanoseconds - begin_.work_nanoseconds,
                       now.waiting_nanoseconds - begin_.waiting_nanoseconds,
                       now.elapsed_nanoseconds - begin_.elapsed_nanoseconds};
  if (window.bytes < least_window_bytes || window.elapsed_nanoseconds < least_window_nanoseconds)
    return false;
  begin_ = now;
  const bool before = inline_;
  inline_ = decide(window);
  return inline_ != before;
}

// The mode of the next window.
bool Pace::decide(const Figures& window) {
  const double rate =
      static_cast<double>(window.bytes) / static_cast<double>(window.elapsed_nanoseconds);
  (inline_ ? inline_rate_ : threaded_rate_) = rate;
  if (is_trial_) {
    is_trial_ = false;
    const bool other_is_better =
        inline_ ? inline_rate_ > threaded_rate_ : threaded_rate_ > inline_rate_;
    patience_ = other_is_better ? 4 : std::min(2 * patience_, most_patience);
    windows_until_trial_ = patience_;
    return other_is_better == inline_;
  }
  if (--windows_until_trial_ > 0) return inline_;
  if (!inline_) {
    // The time that one thread would need: all of the work, plus the producer's time except
    // waiting.
    const int64_t alone =
        window.work_nanoseconds + window.elapsed_nanoseconds - window.waiting_nanoseconds;
    if (static_cast<double>(window.elapsed_nanoseconds) < clear_gain * static_cast<double>(alone)) {
      windows_until_trial_ = patience_;
      return false;
    }
  }
  is_trial_ = true;
  return !inline_;
}

}  // namespace swr
