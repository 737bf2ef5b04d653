// Runs tasks in two stages: prepare() on several threads, in any order; place() in the order of the
// tasks' numbers, one at a time. The producer goes on meanwhile.
//
//   producer            threads                          one at a time
//   submit() ----> | waiting tasks | -> prepare() -> | prepared tasks | -> place()
//
// How many tasks wait is bounded by the buffers that the producer takes from its pool; how many are
// prepared ahead is bounded by the window. Where threads do not pay (see Pace), submit() does the
// work itself.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "engine/pace.h"

namespace swr {

class Pipeline {
 public:
  class Task {
   public:
    virtual ~Task() = default;
    // Converts, encodes. Touches nothing that another task touches.
    virtual void prepare() = 0;
    // Stores. No other task's place() runs at the same time.
    virtual void place() = 0;
  };
  struct Options {
    int threads = 1;
    int window = 4;  // tasks that may be prepared and not yet placed
    bool may_run_inline = true;
    // Called once, without a lock, when a task fails: wakes a producer that waits for a buffer.
    std::function<void(const std::exception_ptr&)> on_failure{};
    // The time that the producer has waited for buffers.
    std::function<int64_t()> waited_nanoseconds{};
  };

  explicit Pipeline(Options options);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  // Stops: tasks that are not placed are destroyed, and those under way end first.
  ~Pipeline();

  // Adds the next task, of `bytes` bytes. Rethrows the first failure of any task. `more_follow`:
  // the producer goes on before it calls drain(). A single task needs no thread: drain() does it.
  // Requires: submit_numbered() was not called.
  void submit(std::unique_ptr<Task> task, int64_t bytes, bool more_follow) SWR_EXCLUDES(mutex_);
  // Adds the task of this number, from 0, from any thread; tasks of lower numbers may come later.
  void submit_numbered(std::unique_ptr<Task> task, int64_t number) SWR_EXCLUDES(mutex_);
  // Waits until every task is placed; does the work itself where no thread was started.
  // Requires: every number below the highest was submitted.
  void drain() SWR_EXCLUDES(mutex_);
  // Rethrows the first failure, if there is one.
  void check() SWR_EXCLUDES(mutex_);
  // The write has failed elsewhere.
  void abort(const std::exception_ptr& failure) noexcept SWR_EXCLUDES(mutex_);

 private:
  using Tasks = std::map<int64_t, std::unique_ptr<Task>>;

  void add(std::unique_ptr<Task> task, int64_t number) SWR_EXCLUDES(mutex_);
  void run_inline(Task& task) SWR_EXCLUDES(mutex_);
  void start_threads() SWR_EXCLUDES(mutex_);
  void work() SWR_EXCLUDES(mutex_);
  bool has_work() const SWR_REQUIRES(mutex_);
  void take_one() SWR_REQUIRES(mutex_);
  void place_prepared() SWR_REQUIRES(mutex_);
  std::exception_ptr attempt(Task& task, void (Task::*step)()) SWR_EXCLUDES(mutex_);
  void finish_alone() SWR_EXCLUDES(mutex_);
  void set_pace(int64_t bytes) SWR_EXCLUDES(mutex_);
  Pace::Figures figures(int64_t bytes) const;

  const Options options_;
  const std::chrono::steady_clock::time_point begin_;

  // The producer's.
  int64_t next_number_ = 0;
  int64_t bytes_ = 0;
  Pace pace_;
  std::vector<std::thread> threads_;

  std::atomic<int64_t> work_nanoseconds_{0};
  std::atomic<int64_t> drain_nanoseconds_{0};
  Mutex mutex_;
  std::condition_variable work_there_, progress_made_;
  Tasks waiting_ SWR_GUARDED_BY(mutex_);
  Tasks prepared_ SWR_GUARDED_BY(mutex_);
  int64_t submitted_ SWR_GUARDED_BY(mutex_) = 0;
  int64_t placed_ SWR_GUARDED_BY(mutex_) = 0;
  bool is_placing_ SWR_GUARDED_BY(mutex_) = false;
  bool stops_ SWR_GUARDED_BY(mutex_) = false;
  std::exception_ptr failure_ SWR_GUARDED_BY(mutex_);
};

}  // namespace swr
