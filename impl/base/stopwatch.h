// Adds the time of a scope to a counter.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace swr {

class Stopwatch {
 public:
  explicit Stopwatch(std::atomic<int64_t>& total)
      : total_(total), begin_(std::chrono::steady_clock::now()) {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() {
    total_ += std::chrono::duration_cast<std::chrono::nanoseconds>(
                  std::chrono::steady_clock::now() - begin_)
                  .count();
  }

 private:
  std::atomic<int64_t>& total_;
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace swr
