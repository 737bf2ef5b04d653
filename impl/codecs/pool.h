// Objects that are expensive to make. Each is lent to one thread at a time and kept for reuse.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace swr {

template <typename T>
class Pool {
 public:
  explicit Pool(std::function<std::unique_ptr<T>()> make) : make_(std::move(make)) {}

  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<T> object) : pool_(pool), object_(std::move(object)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() {
      try {
        const MutexLock lock(pool_.mutex_);
        pool_.idle_.push_back(std::move(object_));
      } catch (...) {
        // There is no memory to keep the object. It is freed.
      }
    }
    T* operator->() { return object_.get(); }
    T& operator*() { return *object_; }

   private:
    Pool& pool_;
    std::unique_ptr<T> object_;
  };

  Lease take() {
    {
      const MutexLock lock(mutex_);
      if (!idle_.empty()) {
        auto object = std::move(idle_.back());
        idle_.pop_back();
        return {*this, std::move(object)};
      }
    }
    return {*this, make_()};
  }

 private:
  std::function<std::unique_ptr<T>()> make_;
  Mutex mutex_;
  std::vector<std::unique_ptr<T>> idle_ SWR_GUARDED_BY(mutex_);
};

}  // namespace swr
