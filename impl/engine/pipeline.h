// Runs tasks in two stages: prepare() on several threads, in any order; place() in the order of the
// tasks' numbers, one at a time. The producer continues meanwhile.
//
//   producer            threads                          one at a time
//   submit() ----> | waiting tasks | -> prepare() -> | prepared tasks | -> place()
//
// A producer that helps is one of the threads: it runs tasks while it would wait for a buffer or
// for the end. The number of waiting tasks is bounded by the buffers that the producer takes from
// its pool; the number of tasks prepared ahead is bounded by the window. Where threads do not pay
// off (see Pace), submit() does the work itself. Threads without a task of their own take parts of
// the tasks of others, as far as these have parts: few large tasks keep all threads busy.
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
    // Converts and encodes. Must not touch data of another task.
    virtual void prepare() = 0;
    // Stores the result. place() of no other task runs at the same time.
    virtual void place() = 0;
  };
  struct Options {
    int threads = 1;
    // With two threads or more, the producer is one of them. It calls help() before it waits.
    bool producer_helps = false;
    int window = 4;  // tasks that may be prepared but not yet placed
    bool may_run_inline = true;
    // Called once, without a lock, when a task fails. It must wake a producer that waits for a
    // buffer.
    std::function<void(const std::exception_ptr&)> on_failure{};
    // Returns the time that the producer has waited for buffers.
    std::function<int64_t()> waited_nanoseconds{};
  };

  explicit Pipeline(Options options);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  // Stops the threads. Tasks that are being run end first; tasks that are not placed are destroyed.
  ~Pipeline();

  // Adds the next task, of `bytes` bytes. Rethrows the first failure of any task. `more_follow`:
  // the producer submits another task before it calls drain(). A single task starts no thread,
  // unless it has parts: drain() runs it. Requires: submit_numbered() was not called.
  void submit(std::unique_ptr<Task> task, int64_t bytes, bool more_follow) SWR_EXCLUDES(mutex_);
  // Adds the task with this number, counted from 0, from any thread. Tasks with lower numbers may
  // be added later.
  void submit_numbered(std::unique_ptr<Task> task, int64_t number) SWR_EXCLUDES(mutex_);
  // For prepare(), on its thread: runs part(0) to part(count - 1), each once and in any order.
  // Throws the first failure, after which no part begins. Starts a thread for each part but one, as
  // far as the pipeline may: the parts should be worth it.
  void run_parts(int64_t count, const std::function<void(int64_t)>& part) SWR_EXCLUDES(mutex_);
  // Called by the producer that would wait: runs one waiting task, or a part of one. Returns false
  // if there is none now, if it would not pay off, or if the producer is not one of the threads.
  bool help() SWR_EXCLUDES(mutex_);
  // Waits until every task is placed; runs tasks itself if the producer helps or no thread was
  // started. Requires: every number below the highest was submitted.
  void drain() SWR_EXCLUDES(mutex_);
  // Rethrows the first failure, if any.
  void check() SWR_EXCLUDES(mutex_);
  // Stops the pipeline because the write failed elsewhere.
  void abort(const std::exception_ptr& failure) noexcept SWR_EXCLUDES(mutex_);

 private:
  struct Submitted {
    std::unique_ptr<Task> task;
    int64_t bytes = 0;
  };
  using Tasks = std::map<int64_t, Submitted>;
  struct Parts;

  void add(Submitted task, int64_t number) SWR_EXCLUDES(mutex_);
  void run_inline(const Submitted& submitted) SWR_EXCLUDES(mutex_);
  bool is_helped() const { return options_.producer_helps && options_.threads > 1; }
  bool help_pays_off() const;
  bool start_threads(int64_t most) SWR_EXCLUDES(mutex_);
  void need_threads() SWR_EXCLUDES(mutex_);
  void work() SWR_EXCLUDES(mutex_);
  bool has_work() const SWR_REQUIRES(mutex_);
  void take_one() SWR_REQUIRES(mutex_);
  Parts* parts_of_others() const SWR_REQUIRES(mutex_);
  void take_part(Parts& parts) SWR_REQUIRES(mutex_);
  bool take_any() SWR_REQUIRES(mutex_);
  void place_prepared() SWR_REQUIRES(mutex_);
  std::exception_ptr attempt(Task& task, void (Task::*step)()) SWR_EXCLUDES(mutex_);
  void set_pace() SWR_EXCLUDES(mutex_);
  Pace::Figures figures() const;

  const Options options_;
  const std::chrono::steady_clock::time_point begin_;

  // Used by the producer only.
  int64_t next_number_ = 0;
  Pace pace_;
  std::vector<std::thread> threads_;  // the mutex is held while one is added
  std::atomic<bool> is_inline_{false};

  std::atomic<int64_t> placed_bytes_{0};
  std::atomic<int64_t> prepare_nanoseconds_{0}, place_nanoseconds_{0};
  std::atomic<int64_t> drain_nanoseconds_{0};
  std::atomic<int64_t> help_nanoseconds_{0};
  Mutex mutex_;
  std::condition_variable work_there_, progress_made_, parts_done_;
  Tasks waiting_ SWR_GUARDED_BY(mutex_);
  Tasks prepared_ SWR_GUARDED_BY(mutex_);
  std::vector<Parts*> shared_ SWR_GUARDED_BY(mutex_);  // of tasks that are being prepared
  int64_t submitted_ SWR_GUARDED_BY(mutex_) = 0;
  int64_t placed_ SWR_GUARDED_BY(mutex_) = 0;
  bool is_placing_ SWR_GUARDED_BY(mutex_) = false;
  bool stops_ SWR_GUARDED_BY(mutex_) = false;
  std::exception_ptr failure_ SWR_GUARDED_BY(mutex_);
};

}  // namespace swr
