#include "engine/buffer_pool.h"

#include "base/stopwatch.h"

namespace swr {

BufferPool::BufferPool(int count, int64_t bytes_each, const std::vector<void*>& given,
                       MemoryMeter& meter)
    : count_(given.empty() ? count : static_cast<int>(given.size())),
      bytes_each_(bytes_each),
      meter_(meter) {
  for (void* pointer : given) slabs_.emplace_back().given = static_cast<std::byte*>(pointer);
}

BufferPool::Slab* BufferPool::free_slab() {
  const std::thread::id me = std::this_thread::get_id();
  Slab *oldest = nullptr, *mine = nullptr;
  for (Slab& slab : slabs_) {
    if (slab.is_taken) continue;
    if (!oldest || slab.freed < oldest->freed) oldest = &slab;
    if (slab.freed_by == me && (!mine || slab.freed > mine->freed)) mine = &slab;
  }
  if (mine) return mine;
  if (oldest || static_cast<int>(slabs_.size()) == count_) return oldest;
  return &slabs_.emplace_back();
}

BufferPool::Lease BufferPool::take() {
  Slab* slab = nullptr;
  {
    MutexLock lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    slab = free_slab();
    if (!slab) {
      const Stopwatch watch(waited_);
      while (!slab) {
        lock.wait(freed_);
        if (failure_) std::rethrow_exception(failure_);
        slab = free_slab();
      }
    }
    slab->is_taken = true;
  }
  return lease_of(slab);
}

BufferPool::Lease BufferPool::try_take() {
  Slab* slab = nullptr;
  {
    const MutexLock lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    slab = free_slab();
    if (!slab) return nullptr;
    slab->is_taken = true;
  }
  return lease_of(slab);
}

// Requires: the slab is taken.
BufferPool::Lease BufferPool::lease_of(Slab* slab) {
  // Allocating the buffer can fail, and so can allocating the shared_ptr's control block; in the
  // second case the shared_ptr calls the deleter.
  try {
    if (!slab->given && !slab->memory) slab->memory = Buffer(bytes_each_, meter_);
  } catch (...) {
    give_back(slab);
    throw;
  }
  std::byte* const memory = slab->given ? slab->given : slab->memory.data();
  return {memory, [this, slab](std::byte*) { give_back(slab); }};
}

void BufferPool::abort(const std::exception_ptr& failure) noexcept {
  const MutexLock lock(mutex_);
  if (!failure_) failure_ = failure;
  freed_.notify_all();
}

void BufferPool::give_back(Slab* slab) noexcept {
  const MutexLock lock(mutex_);
  slab->is_taken = false;
  slab->freed = ++times_freed_;
  slab->freed_by = std::this_thread::get_id();
  freed_.notify_all();
}

}  // namespace swr
