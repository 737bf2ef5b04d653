// Decides whether the pipeline's own threads pay, by measuring. A second thread costs: memory moves
// from one core's cache to another's, and sleeping threads must be woken. Where the source is cheap
// and the store only copies, or where the machine is busy, one thread is faster.
#pragma once

#include <chrono>
#include <cstdint>

namespace swr {

class Pace {
 public:
  // What the stages have cost so far, and how much of it is done.
  struct Figures {
    int64_t bytes = 0;                // submitted
    int64_t work_nanoseconds = 0;     // prepare and place, on whichever thread
    int64_t waiting_nanoseconds = 0;  // the producer, for a buffer or for the end
    int64_t elapsed_nanoseconds = 0;  // by the clock
  };

  bool is_inline() const { return inline_; }
  // Takes the figures after each submission. True when the mode changes; the caller then lets the
  // work that is under way end first.
  bool observe(const Figures& now);

 private:
  bool decide(const Figures& window);

  Figures begin_;
  bool inline_ = false;
  bool is_trial_ = false;     // this window only measures the inline mode
  double threaded_rate_ = 0;  // bytes a nanosecond
  double inline_rate_ = 0;
  int windows_until_trial_ = 1;  // of the mode that was found to be the slower one
  int patience_ = 4;
};

}  // namespace swr
