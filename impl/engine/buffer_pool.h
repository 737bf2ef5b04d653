// A bounded number of buffers that pieces and blocks share. A buffer becomes free when its last
// lease is destroyed.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <thread>
#include <vector>

#include "base/memory_meter.h"
#include "base/mutex.h"

namespace swr {

class BufferPool {
 public:
  // The memory of one buffer; the pool must outlive every lease.
  using Lease = std::shared_ptr<std::byte>;

  // At most `count` buffers of `bytes_each`, each allocated when first needed; or the buffers
  // `given` by the application, if there are any.
  BufferPool(int count, int64_t bytes_each, const std::vector<void*>& given, MemoryMeter& meter);
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // Waits until a buffer is free. Rethrows the failure of abort().
  Lease take() SWR_EXCLUDES(mutex_);
  // A buffer if one is free, else null. Rethrows the failure of abort().
  Lease try_take() SWR_EXCLUDES(mutex_);
  // The work that would free buffers has failed: take() throws `failure` instead of waiting.
  void abort(const std::exception_ptr& failure) noexcept SWR_EXCLUDES(mutex_);
  // Total time that take() has waited.
  int64_t waited_nanoseconds() const { return waited_; }

 private:
  struct Slab {
    Buffer memory;
    std::byte* given = nullptr;  // the application's memory
    bool is_taken = false;
    int64_t freed = 0;  // when: the number of times that buffers were freed before
    std::thread::id freed_by{};
  };
  // The last one that this thread has freed: its pixels are in the cache of this core. Without one,
  // the one that has been free the longest: another core that has read it may still hold its cache
  // lines, which the core that fills it would have to take from it.
  Slab* free_slab() SWR_REQUIRES(mutex_);
  Lease lease_of(Slab* slab) SWR_EXCLUDES(mutex_);
  void give_back(Slab* slab) noexcept SWR_EXCLUDES(mutex_);

  const int count_;
  const int64_t bytes_each_;
  MemoryMeter& meter_;
  std::atomic<int64_t> waited_{0};
  Mutex mutex_;
  std::condition_variable freed_;
  std::deque<Slab> slabs_ SWR_GUARDED_BY(mutex_);
  int64_t times_freed_ SWR_GUARDED_BY(mutex_) = 0;
  std::exception_ptr failure_ SWR_GUARDED_BY(mutex_);
};

}  // namespace swr
