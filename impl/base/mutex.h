// A mutex whose use clang checks: a guarded member is annotated, and -Wthread-safety warns about
// code that uses the member without the lock. For gcc it is an ordinary std::mutex.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/processor.h"

#if defined(__clang__)
#define SWR_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define SWR_THREAD_ATTRIBUTE(x)
#endif
#define SWR_CAPABILITY(name) SWR_THREAD_ATTRIBUTE(capability(name))
#define SWR_SCOPED_CAPABILITY SWR_THREAD_ATTRIBUTE(scoped_lockable)
#define SWR_GUARDED_BY(mutex) SWR_THREAD_ATTRIBUTE(guarded_by(mutex))
#define SWR_REQUIRES(...) SWR_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define SWR_ACQUIRE(...) SWR_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define SWR_RELEASE(...) SWR_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define SWR_EXCLUDES(...) SWR_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))

namespace swr {

// For a mutex that others hold for about as long as it takes to wake a thread.
struct Soon {};

class SWR_CAPABILITY("mutex") Mutex {
 public:
  void lock() SWR_ACQUIRE() { mutex_.lock(); }
  void unlock() SWR_RELEASE() { mutex_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

// Holds a mutex for a scope. unlock() and lock() release it in between.
class SWR_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) SWR_ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  // Asks for the mutex for some time before the thread sleeps.
  MutexLock(Mutex& mutex, Soon) SWR_ACQUIRE(mutex) : lock_(mutex.mutex_, std::defer_lock) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(200);
    while (std::chrono::steady_clock::now() < end) {
      if (lock_.try_lock()) return;
      SWR_PAUSE();
    }
    lock_.lock();
  }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;
  ~MutexLock() SWR_RELEASE() {}

  void lock() SWR_ACQUIRE() { lock_.lock(); }
  void unlock() SWR_RELEASE() { lock_.unlock(); }
  // Releases the mutex until the condition is notified. Callers test their condition in a loop,
  // where clang sees that the lock is held.
  void wait(std::condition_variable& condition) { condition.wait(lock_); }
  void wait(std::condition_variable& condition, std::chrono::milliseconds most) {
    condition.wait_for(lock_, most);
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

// Releases a mutex for a scope inside the scope of a MutexLock.
class SWR_SCOPED_CAPABILITY MutexUnlock {
 public:
  explicit MutexUnlock(Mutex& mutex) SWR_RELEASE(mutex) : mutex_(mutex) { mutex_.unlock(); }
  MutexUnlock(const MutexUnlock&) = delete;
  MutexUnlock& operator=(const MutexUnlock&) = delete;
  ~MutexUnlock() SWR_RELEASE() { mutex_.lock(); }

 private:
  Mutex& mutex_;
};

}  // namespace swr
