// Which calls of a program a fault test makes fail.
//
// A write makes hundreds of calls, most of them in loops. Calls that come through the same call
// stack fail in the same way: of each stack, the first, the second and the last call are
// candidates.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

namespace swr::faulty {

// A number for the call stack of the caller, the same for equal stacks of one process. Never 0.
uint64_t call_stack();

class Moments {
 public:
  // A stack that is new to this object is always tried at all of its candidates. Of the other
  // candidates, one in `thinning` is tried.
  explicit Moments(int64_t thinning) : thinning_(thinning) {}

  // `stacks`: the call stack of each call, in order; 0 for a call that is no candidate. Returns the
  // numbers of the calls to fail, from 1, in order. The last number is that of no call, so that the
  // program also comes to its end.
  std::vector<int64_t> choose(const std::vector<uint64_t>& stacks);

 private:
  int64_t thinning_;
  int64_t known_candidates_ = 0;
  std::unordered_set<uint64_t> known_;
};

}  // namespace swr::faulty
