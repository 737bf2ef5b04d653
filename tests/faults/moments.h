// Chooses the calls of a program that a fault test lets fail.
//
// A write makes hundreds of calls, most of them in loops. Calls with the same call stack fail in
// the same way: so only the first, the second and the last call of each stack are candidates.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

namespace swr::faulty {

// A number for the caller's call stack; equal stacks of one process have the same number. Never 0.
uint64_t call_stack();

class Moments {
 public:
  // Of a call stack that is new to this object, all candidates are tried; of other stacks, one
  // candidate in `thinning`.
  explicit Moments(int64_t thinning) : thinning_(thinning) {}

  // `stacks`: the call stack of each call, in order; 0 for a call that is not a candidate. Returns
  // the numbers of the calls to fail, from 1, in order, and one more number after the last call, so
  // that the program also runs to its end.
  std::vector<int64_t> choose(const std::vector<uint64_t>& stacks);

 private:
  int64_t thinning_;
  int64_t known_candidates_ = 0;
  std::unordered_set<uint64_t> known_;
};

}  // namespace swr::faulty
