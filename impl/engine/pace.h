// Decides by measurement whether the pipeline's threads pay off. A second thread has costs: data
// moves between the caches of the cores, and sleeping threads must be woken. If the source is cheap
// and the store only copies, or if the machine is busy, one thread is faster.
#pragma once

#include <chrono>
#include <cstdint>

namespace swr {

class Pace {
 public:
  // The work done so far, and its cost. What is not done yet is in neither.
  struct Figures {
    int64_t bytes = 0;                // placed
    int64_t work_nanoseconds = 0;     // prepare() and place(), on all threads
    int64_t waiting_nanoseconds = 0;  // of the producer, for a buffer or for the end
    int64_t elapsed_nanoseconds = 0;  // wall-clock time
  };

  bool is_inline() const { return inline_; }
  // Takes the figures after each submission. Returns true if the mode changes; the caller then
  // drains the pipeline first.
  bool observe(const Figures& now);

 private:
  bool decide(const Figures& window);

  Figures begin_;
  bool inline_ = false;
  bool is_trial_ = false;     // this window only measures the inline mode
  double threaded_rate_ = 0;  // bytes per nanosecond
  double inline_rate_ = 0;
  int windows_until_trial_ = 1;  // until the slower mode is tried again
  int patience_ = 4;
};

}  // namespace swr
