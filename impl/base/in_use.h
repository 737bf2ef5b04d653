// Which call may use a handle: one at a time.
#pragma once

#include <atomic>
#include <cstdint>

namespace swr {

// A call that comes while another one is under way is refused. A handle that is destroyed during a
// call, from inside a callback or by another thread, lives until that call ends.
class InUse {
 public:
  // Begins a call; false if another one is under way. Ends with leave().
  bool enter() noexcept { return (state_.fetch_or(busy) & busy) == 0; }
  // Ends a call; true if the handle was destroyed meanwhile, and the caller is to delete it.
  bool leave() noexcept { return (state_.exchange(0) & destroyed) != 0; }
  // Destroys the handle; true if no call is under way, and the caller is to delete it.
  bool destroy() noexcept { return (state_.fetch_or(destroyed) & busy) == 0; }
  // During a call: whether the handle was destroyed.
  bool is_destroyed() const noexcept { return (state_.load() & destroyed) != 0; }

 private:
  static constexpr uint32_t busy = 1, destroyed = 2;
  std::atomic<uint32_t> state_{0};
};

}  // namespace swr
