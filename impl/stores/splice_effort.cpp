#include "stores/splice_effort.h"

#include <algorithm>

#include "base/checked.h"

namespace swr {
namespace {

// Changes are counted in steps of this size: a change and what may refer to it are one at least.
constexpr int64_t step = 65536;
// Blocks begin before the change and end after what may refer to it.
constexpr int64_t encoded_for_a_step = 2;

}  // namespace

int64_t most_splice_effort(int64_t raw_bytes) {
  return std::max<int64_t>(raw_bytes / 4, 8 << 20);
}

int64_t splice_effort(const Overlay& overlay, int64_t raw_bytes) {
  int64_t effort = 0;
  for (int64_t at = overlay.next_change(0); at < raw_bytes;) {
    effort += step;
    at = overlay.next_change(round_down(at, step) + step);
  }
  return effort;
}

bool splice_may_pay(const Overlay& overlay, int64_t raw_bytes) {
  return splice_effort(overlay, raw_bytes) * encoded_for_a_step <= most_splice_effort(raw_bytes);
}

}  // namespace swr
