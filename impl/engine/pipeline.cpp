#include "engine/pipeline.h"

#include <algorithm>
#include <system_error>

#include "base/error.h"
#include "base/stopwatch.h"

namespace swr {

// The parts of one task; guarded by the pipeline's mutex.
struct Pipeline::Parts {
  const std::function<void(int64_t)>& run;
  const int64_t count;
  int64_t next = 0;
  int running = 0;
  std::exception_ptr failure{};

  bool has_more() const { return next < count && !failure; }
};

Pipeline::Pipeline(Options options)
    : options_(std::move(options)), begin_(std::chrono::steady_clock::now()) {}

Pipeline::~Pipeline() {
  {
    const MutexLock lock(mutex_);
    stops_ = true;
  }
  work_there_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Pipeline::submit(std::unique_ptr<Task> task, int64_t bytes, bool more_follow) {
  check();
  const int64_t number = next_number_++;
  Submitted submitted{std::move(task), bytes};
  is_inline_ = pace_.is_inline();
  if (is_inline_) {
    run_inline(submitted);
  } else {
    add(std::move(submitted), number);
    if (more_follow) need_threads();
  }
  if (options_.may_run_inline && more_follow) set_pace();
}

void Pipeline::submit_numbered(std::unique_ptr<Task> task, int64_t number) {
  add({std::move(task)}, number);
  need_threads();
}

void Pipeline::add(Submitted task, int64_t number) {
  const MutexLock lock(mutex_);
  if (failure_) std::rethrow_exception(failure_);
  waiting_.emplace(number, std::move(task));
  ++submitted_;
  work_there_.notify_one();
}

// Requires: all tasks before this one are placed.
void Pipeline::run_inline(const Submitted& submitted) {
  Task& task = *submitted.task;
  try {
    {
      const Stopwatch watch(prepare_nanoseconds_);
      task.prepare();
    }
    const Stopwatch watch(place_nanoseconds_);
    task.place();
    placed_bytes_ += submitted.bytes;
  } catch (...) {
    abort(std::current_exception());
    throw;
  }
  const MutexLock lock(mutex_);
  ++submitted_;
  ++placed_;
}

// Returns whether there is one at least.
bool Pipeline::start_threads(int64_t most) {
  const MutexLock lock(mutex_);
  const int64_t count = std::min<int64_t>(options_.threads - (is_helped() ? 1 : 0), most);
  try {
    while (!stops_ && std::ssize(threads_) < count) threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    // The system starts no more. The others do the work.
  }
  return !threads_.empty();
}

void Pipeline::need_threads() {
  if (!start_threads(options_.threads)) fail(SWR_ERROR_MEMORY, "the system cannot start a thread");
}

bool Pipeline::has_work() const {
  return !waiting_.empty() && waiting_.begin()->first < placed_ + options_.window;
}

void Pipeline::work() {
  MutexLock lock(mutex_);
  for (;;) {
    while (!stops_ && !failure_ && !has_work() && !parts_of_others()) lock.wait(work_there_);
    if (stops_ || failure_) return;
    take_any();
  }
}

// Tasks come first: a thread that has one of its own needs nobody else.
bool Pipeline::take_any() {
  if (has_work()) {
    take_one();
    return true;
  }
  Parts* const parts = parts_of_others();
  if (!parts) return false;
  const Stopwatch watch(prepare_nanoseconds_);
  take_part(*parts);
  return true;
}

Pipeline::Parts* Pipeline::parts_of_others() const {
  const auto found =
      std::ranges::find_if(shared_, [](const Parts* parts) { return parts->has_more(); });
  return found == shared_.end() ? nullptr : *found;
}

// `parts` is there as long as one of them is running.
void Pipeline::take_part(Parts& parts) {
  const int64_t number = parts.next++;
  ++parts.running;
  std::exception_ptr failure;
  {
    const MutexUnlock unlocked(mutex_);
    try {
      parts.run(number);
    } catch (...) {
      failure = std::current_exception();
    }
  }
  if (failure && !parts.failure) parts.failure = failure;
  if (--parts.running == 0) parts_done_.notify_all();
}

void Pipeline::run_parts(int64_t count, const std::function<void(int64_t)>& part) {
  Parts parts{part, count};
  const bool is_shared =
      count > 1 && options_.threads > 1 && !is_inline_ && start_threads(count - 1);
  MutexLock lock(mutex_);
  if (is_shared) {
    shared_.push_back(&parts);
    work_there_.notify_all();
    progress_made_.notify_all();
  }
  while (!failure_ && parts.has_more()) take_part(parts);
  while (parts.running > 0) lock.wait(parts_done_);
  std::erase(shared_, &parts);
  if (parts.failure) std::rethrow_exception(parts.failure);
  if (failure_) std::rethrow_exception(failure_);
}

// Prepares the first waiting task. Then places the prepared tasks that are next in order, unless
// another thread is already placing.
void Pipeline::take_one() {
  const int64_t number = waiting_.begin()->first;
  Submitted next = std::move(waiting_.begin()->second);
  waiting_.erase(waiting_.begin());
  std::exception_ptr failure;
  {
    const MutexUnlock unlocked(mutex_);
    failure = attempt(*next.task, &Task::prepare);
    if (failure) {
      abort(failure);
      return;
    }
  }
  try {
    prepared_.emplace(number, std::move(next));
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    const MutexUnlock unlocked(mutex_);
    abort(failure);
    return;
  }
  if (!is_placing_) place_prepared();
}

void Pipeline::place_prepared() {
  is_placing_ = true;
  while (!failure_ && !prepared_.empty() && prepared_.begin()->first == placed_) {
    Submitted next = std::move(prepared_.begin()->second);
    prepared_.erase(prepared_.begin());
    std::exception_ptr failure;
    {
      const MutexUnlock unlocked(mutex_);
      failure = attempt(*next.task, &Task::place);
      next.task.reset();  // frees its buffers before placed_ counts it
      if (failure) abort(failure);
    }
    if (!failure) {
      ++placed_;
      placed_bytes_ += next.bytes;
    }
    progress_made_.notify_all();
    work_there_.notify_all();
  }
  is_placing_ = false;
}

// Runs one step of a task. Returns its exception, or null.
std::exception_ptr Pipeline::attempt(Task& task, void (Task::*step)()) {
  const bool places = step == &Task::place;
  try {
    const Stopwatch watch(places ? place_nanoseconds_ : prepare_nanoseconds_);
    (task.*step)();
    return nullptr;
  } catch (...) {
    return std::current_exception();
  }
}

// Where placing, which one thread at a time can do, takes most of the time, help gains nothing: it
// moves data between the caches of the cores. Before the first task is done, nothing says so.
bool Pipeline::help_pays_off() const {
  return place_nanoseconds_ <= 2 * prepare_nanoseconds_;
}

bool Pipeline::help() {
  if (!is_helped() || !help_pays_off()) return false;
  const Stopwatch watch(help_nanoseconds_);
  const MutexLock lock(mutex_);
  return !failure_ && take_any();
}

void Pipeline::drain() {
  const Stopwatch watch(drain_nanoseconds_);
  MutexLock lock(mutex_);
  const bool runs_tasks = threads_.empty() || is_helped();
  while (!failure_ && placed_ < submitted_) {
    if (!runs_tasks || !take_any()) lock.wait(progress_made_);
  }
  if (failure_) std::rethrow_exception(failure_);
}

void Pipeline::check() {
  const MutexLock lock(mutex_);
  if (failure_) std::rethrow_exception(failure_);
}

void Pipeline::abort(const std::exception_ptr& failure) noexcept {
  {
    const MutexLock lock(mutex_);
    if (failure_) return;
    failure_ = failure;
    work_there_.notify_all();
    progress_made_.notify_all();
  }
  if (options_.on_failure) options_.on_failure(failure);
}

Pace::Figures Pipeline::figures() const {
  const auto elapsed = std::chrono::steady_clock::now() - begin_;
  const int64_t waited = options_.waited_nanoseconds ? options_.waited_nanoseconds() : 0;
  return {placed_bytes_, prepare_nanoseconds_ + place_nanoseconds_,
          drain_nanoseconds_ + help_nanoseconds_ + waited,
          std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed).count()};
}

void Pipeline::set_pace() {
  if (!pace_.observe(figures()) || !pace_.is_inline()) return;
  drain();
}

}  // namespace swr
