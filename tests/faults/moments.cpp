#include "moments.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <execinfo.h>
#endif

#include <iterator>
#include <unordered_map>

namespace swr::faulty {

uint64_t call_stack() {
  void* frames[64];
#ifdef _WIN32
  const int count = ::CaptureStackBackTrace(0, std::size(frames), frames, nullptr);
#else
  const int count = ::backtrace(frames, static_cast<int>(std::size(frames)));
#endif
  uint64_t hash = 1469598103934665603U;
  for (int i = 1; i < count; ++i)
    hash = (hash ^ reinterpret_cast<uintptr_t>(frames[i])) * 1099511628211U;
  return hash | 1;
}

std::vector<int64_t> Moments::choose(const std::vector<uint64_t>& stacks) {
  struct Calls {
    int64_t first = 0, second = 0, last = 0;
  };
  std::unordered_map<uint64_t, Calls> by_stack;
  for (size_t i = 0; i < stacks.size(); ++i) {
    if (stacks[i] == 0) continue;
    Calls& calls = by_stack[stacks[i]];
    calls.last = static_cast<int64_t>(i) + 1;
    if (calls.first == 0) {
      calls.first = calls.last;
    } else if (calls.second == 0) {
      calls.second = calls.last;
    }
  }
  std::vector<int64_t> chosen;
  for (size_t i = 0; i < stacks.size(); ++i) {
    if (stacks[i] == 0) continue;
    const Calls& calls = by_stack[stacks[i]];
    const auto number = static_cast<int64_t>(i) + 1;
    if (number != calls.first && number != calls.second && number != calls.last) continue;
    if (!known_.contains(stacks[i]) || known_candidates_++ % thinning_ == 0)
      chosen.push_back(number);
  }
  for (const auto& [stack, calls] : by_stack) known_.insert(stack);
  chosen.push_back(static_cast<int64_t>(stacks.size()) + 1);
  return chosen;
}

}  // namespace swr::faulty
