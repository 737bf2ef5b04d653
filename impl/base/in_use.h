// Lets one call at a time use a handle.
#pragma once

#include <atomic>
#include <cstdint>

namespace swr {

// A call is refused while another one is running. A handle that is destroyed during a call, from
// inside a callback or by another thread, lives until that call ends.
class InUse {
 public:
  // Begins a call; false if another one is running. Ends with leave().
  bool enter() noexcept { return (state_.fetch_or(busy) & busy) == 0; }
  // Ends a call; true if the handle was destroyed meanwhile. The caller must then delete it.
  bool leave() noexcept { return (state_.exchange(0) & destroyed) != 0; }
  // Destroys the handle; true if no call is running. The caller must then delete it.
  bool destroy() noexcept { return (state_.fetch_or(destroyed) & busy) == 0; }
  // During a call: whether the handle was destroyed.
  bool is_destroyed() const noexcept { return (state_.load() & destroyed) != 0; }

 private:
  static constexpr uint32_t busy = 1, destroyed = 2;
  std::atomic<uint32_t> state_{0};
};

}  // namespace swr
