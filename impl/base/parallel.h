// A parallel loop. Its threads live as long as the loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace swr {

// The number of threads for a setting: itself, or all cores for 0.
inline int thread_count(int requested) {
  if (requested > 0) return requested;
  const unsigned cores = std::thread::hardware_concurrency();
  return cores > 0 ? static_cast<int>(cores) : 1;
}

// Calls work(i) once for each i in 0 .. count - 1, in any order, on up to `threads` threads
// including the caller's. After the first exception no more work starts; the exception is thrown to
// the caller when all threads have ended.
template <typename Work>
void parallel_for(int64_t count, int threads, const Work& work) {
  std::atomic<int64_t> next{0};
  std::exception_ptr failure;
  Mutex failure_mutex;
  const auto run = [&] {
    try {
      for (int64_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      next = count;
      const MutexLock lock(failure_mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> helpers;
  const auto join = [&] {
    for (auto& helper : helpers) helper.join();
  };
  try {
    for (int64_t i = 1; i < threads && i < count; ++i) helpers.emplace_back(run);
  } catch (...) {
    // The system starts no more threads. The existing ones do the work.
  }
  run();
  join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace swr
