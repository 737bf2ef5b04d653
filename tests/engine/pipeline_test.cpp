// The pipeline with tasks that only record what happens to them.
#include "engine/pipeline.h"

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/error.h"
#include "engine/buffer_pool.h"

#include "image/cmocka_cpp.h"
#undef fail  // cmocka's macro

namespace swr {
namespace {

// What the tasks record; shared by all tasks of a test.
struct Record {
  std::mutex mutex;
  std::vector<int> placed;
  std::atomic<int> prepared{0}, destroyed{0}, placing{0};
  std::atomic<bool> overlapped{false};

  std::vector<int> order() {
    const std::lock_guard lock(mutex);
    return placed;
  }
};

enum class Trouble { none, in_prepare, in_place };

class Recorded : public Pipeline::Task {
 public:
  Recorded(Record& record, int number, Trouble trouble = Trouble::none,
           BufferPool::Lease lease = {})
      : record_(record), number_(number), trouble_(trouble), lease_(std::move(lease)) {}
  Recorded(const Recorded&) = delete;
  Recorded& operator=(const Recorded&) = delete;
  ~Recorded() override { ++record_.destroyed; }

  void prepare() override {
    // Later tasks are ready before earlier ones.
    std::this_thread::sleep_for(std::chrono::microseconds((number_ * 7919) % 200));
    if (trouble_ == Trouble::in_prepare) fail(SWR_ERROR_CONVERSION, "task ", number_);
    ++record_.prepared;
  }
  void place() override {
    if (record_.placing++ != 0) record_.overlapped = true;
    if (trouble_ == Trouble::in_place) fail(SWR_ERROR_IO, "task ", number_);
    {
      const std::lock_guard lock(record_.mutex);
      record_.placed.push_back(number_);
    }
    --record_.placing;
  }

 private:
  Record& record_;
  const int number_;
  const Trouble trouble_;
  BufferPool::Lease lease_;
};

void assert_in_order(const std::vector<int>& placed, int count) {
  assert_int_equal(placed.size(), count);
  for (int i = 0; i < count; ++i) assert_int_equal(placed[static_cast<size_t>(i)], i);
}

void tasks_are_placed_in_order_and_one_at_a_time(void**) {
  for (const int threads : {1, 2, 5}) {
    Record record;
    Pipeline pipeline({.threads = threads});
    for (int i = 0; i < 300; ++i)
      pipeline.submit(std::make_unique<Recorded>(record, i), 1, i < 299);
    pipeline.drain();
    assert_in_order(record.order(), 300);
    assert_false(record.overlapped);
  }
}

void single_task_runs_on_the_callers_thread(void**) {
  class OwnThread : public Pipeline::Task {
   public:
    explicit OwnThread(std::thread::id& id) : id_(id) {}
    void prepare() override { id_ = std::this_thread::get_id(); }
    void place() override {}

   private:
    std::thread::id& id_;
  };
  std::thread::id id;
  Pipeline pipeline({.threads = 4});
  pipeline.submit(std::make_unique<OwnThread>(id), 1, false);
  pipeline.drain();
  assert_true(id == std::this_thread::get_id());
}

void numbered_tasks_added_in_any_order_are_placed_in_order(void**) {
  Record record;
  Pipeline pipeline({.threads = 3, .may_run_inline = false});
  std::vector<std::thread> producers;
  for (int first = 0; first < 4; ++first) {
    producers.emplace_back([&, first] {
      for (int i = first; i < 200; i += 4)
        pipeline.submit_numbered(std::make_unique<Recorded>(record, i), i);
    });
  }
  for (std::thread& producer : producers) producer.join();
  pipeline.drain();
  assert_in_order(record.order(), 200);
}

// Submits tasks until a failure is rethrown. Returns its status.
swr_status status_of_run(Pipeline& pipeline, Record& record, Trouble trouble) {
  try {
    for (int i = 0; i < 100; ++i) {
      const Trouble now = i == 20 ? trouble : Trouble::none;
      pipeline.submit(std::make_unique<Recorded>(record, i, now), 1, i < 99);
    }
    pipeline.drain();
  } catch (const Error& error) {
    return error.status();
  }
  return SWR_OK;
}

void failure_of_a_task_reaches_the_producer_and_nothing_after_it_is_placed(void**) {
  for (const Trouble trouble : {Trouble::in_prepare, Trouble::in_place}) {
    Record record;
    std::atomic<int> told{0};
    {
      Pipeline pipeline({.threads = 3, .on_failure = [&](const std::exception_ptr&) { ++told; }});
      const swr_status status = status_of_run(pipeline, record, trouble);
      assert_int_equal(status, trouble == Trouble::in_place ? SWR_ERROR_IO : SWR_ERROR_CONVERSION);
      // Every further call fails in the same way.
      bool fails_again = false;
      try {
        pipeline.drain();
      } catch (const Error&) {
        fails_again = true;
      }
      assert_true(fails_again);
    }
    assert_int_equal(told, 1);
    // Some earlier tasks may not have been placed.
    const std::vector<int> placed = record.order();
    assert_true(placed.size() <= 20);
    assert_in_order(placed, static_cast<int>(placed.size()));
  }
}

void destruction_half_way_ends_threads_and_destroys_every_task(void**) {
  for (int round = 0; round < 50; ++round) {
    Record record;
    {
      Pipeline pipeline({.threads = 3});
      for (int i = 0; i < 40; ++i) pipeline.submit(std::make_unique<Recorded>(record, i), 1, true);
      if (round % 2 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100 * round));
    }
    assert_int_equal(record.destroyed, 40);
    const std::vector<int> placed = record.order();
    assert_in_order(placed, static_cast<int>(placed.size()));
  }
}

void abort_from_outside_wakes_a_producer_that_waits_for_a_buffer(void**) {
  MemoryMeter meter;
  BufferPool pool(1, 4096, {}, meter);
  const BufferPool::Lease held = pool.take();
  std::atomic<bool> woke{false};
  std::thread producer([&] {
    try {
      pool.take();
    } catch (const Error& error) {
      woke = error.status() == SWR_CANCELLED;
    }
  });
  try {
    fail(SWR_CANCELLED, "cancelled");
  } catch (...) {
    pool.abort(std::current_exception());
  }
  producer.join();
  assert_true(woke);
}

void buffers_bound_the_tasks_in_progress(void**) {
  MemoryMeter meter;
  Record record;
  BufferPool pool(3, 4096, {}, meter);
  Pipeline pipeline({.threads = 2,
                     .may_run_inline = false,
                     .on_failure = [&](const std::exception_ptr& why) { pool.abort(why); }});
  for (int i = 0; i < 200; ++i)
    pipeline.submit(std::make_unique<Recorded>(record, i, Trouble::none, pool.take()), 1, true);
  pipeline.drain();
  assert_in_order(record.order(), 200);
  assert_int_equal(meter.peak(), 3 * 4096);
}

void failure_while_all_buffers_are_taken_reaches_the_producer(void**) {
  MemoryMeter meter;
  Record record;
  BufferPool pool(2, 4096, {}, meter);
  Pipeline pipeline({.threads = 2,
                     .may_run_inline = false,
                     .on_failure = [&](const std::exception_ptr& why) { pool.abort(why); }});
  swr_status status = SWR_OK;
  try {
    for (int i = 0; i < 100; ++i) {
      const Trouble now = i == 5 ? Trouble::in_place : Trouble::none;
      pipeline.submit(std::make_unique<Recorded>(record, i, now, pool.take()), 1, true);
    }
  } catch (const Error& error) {
    status = error.status();
  }
  assert_int_equal(status, SWR_ERROR_IO);
}

// A producer that helps before it waits for a buffer.
BufferPool::Lease lease_for(Pipeline& pipeline, BufferPool& pool) {
  for (;;) {
    if (BufferPool::Lease lease = pool.try_take()) return lease;
    if (!pipeline.help()) return pool.take();
  }
}

Pipeline::Options helped(int threads, BufferPool& pool) {
  return {.threads = threads,
          .producer_helps = true,
          .may_run_inline = false,
          .on_failure = [&](const std::exception_ptr& why) { pool.abort(why); }};
}

// Remembers which threads prepare tasks.
class Traced : public Recorded {
 public:
  Traced(Record& record, int number, std::set<std::thread::id>& ids, BufferPool::Lease lease)
      : Recorded(record, number, Trouble::none, std::move(lease)), record_(record), ids_(ids) {}
  void prepare() override {
    {
      const std::lock_guard lock(record_.mutex);
      ids_.insert(std::this_thread::get_id());
    }
    Recorded::prepare();
  }

 private:
  Record& record_;
  std::set<std::thread::id>& ids_;
};

void helping_producer_is_one_of_the_threads(void**) {
  for (const int threads : {1, 2, 3}) {
    MemoryMeter meter;
    Record record;
    std::set<std::thread::id> ids;
    BufferPool pool(3, 4096, {}, meter);
    Pipeline pipeline(helped(threads, pool));
    for (int i = 0; i < 300; ++i) {
      pipeline.submit(std::make_unique<Traced>(record, i, ids, lease_for(pipeline, pool)), 1,
                      i < 299);
    }
    pipeline.drain();
    assert_in_order(record.order(), 300);
    assert_false(record.overlapped);
    assert_int_equal(meter.peak(), 3 * 4096);
    assert_true(ids.size() <= static_cast<size_t>(threads));
    // Preparing takes longer than submitting: the producer would wait, and helps.
    assert_int_equal(ids.count(std::this_thread::get_id()), threads > 1 ? 1 : 0);
  }
}

void failure_of_a_task_that_the_producer_runs_reaches_it(void**) {
  for (const Trouble trouble : {Trouble::in_prepare, Trouble::in_place}) {
    MemoryMeter meter;
    Record record;
    BufferPool pool(3, 4096, {}, meter);
    swr_status status = SWR_OK;
    Pipeline pipeline(helped(2, pool));
    try {
      for (int i = 0; i < 100; ++i) {
        const Trouble now = i == 20 ? trouble : Trouble::none;
        BufferPool::Lease lease = lease_for(pipeline, pool);
        pipeline.submit(std::make_unique<Recorded>(record, i, now, std::move(lease)), 1, true);
      }
      pipeline.drain();
    } catch (const Error& error) {
      status = error.status();
    }
    assert_int_equal(status, trouble == Trouble::in_place ? SWR_ERROR_IO : SWR_ERROR_CONVERSION);
    assert_true(record.order().size() <= 20);
  }
}

// Notes which thread prepares it, and ends when it may.
class Held : public Pipeline::Task {
 public:
  struct Notes {
    std::thread::id thread;
    std::atomic<bool> began{false}, may_end{false};
  };
  explicit Held(Notes& notes) : notes_(notes) {}
  void prepare() override {
    notes_.thread = std::this_thread::get_id();
    notes_.began = true;
    wait_for(notes_.may_end);
  }
  void place() override {}

  // Not for ever, if the pipeline is wrong.
  static void wait_for(const std::atomic<bool>& event) {
    for (int tries = 0; tries < 5000 && !event; ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

 private:
  Notes& notes_;
};

// While no task is done, nothing says whether the thread pays off.
void work_in_progress_is_no_reason_to_give_up_the_threads(void**) {
  std::array<Held::Notes, 4> notes;
  Pipeline pipeline({.threads = 1});
  for (Held::Notes& each : notes) {
    pipeline.submit(std::make_unique<Held>(each), 64 << 20, true);
    Held::wait_for(notes[0].began);
    std::this_thread::sleep_for(std::chrono::milliseconds(6));  // as long as a window takes
  }
  for (Held::Notes& each : notes) each.may_end = true;
  pipeline.drain();
  for (const Held::Notes& each : notes) assert_true(each.thread != std::this_thread::get_id());
}

void producer_helps_before_the_first_task_is_done(void**) {
  std::array<Held::Notes, 2> notes;
  Pipeline pipeline({.threads = 2, .producer_helps = true});
  for (Held::Notes& each : notes) pipeline.submit(std::make_unique<Held>(each), 1, true);
  Held::wait_for(notes[0].began);
  notes[1].may_end = true;
  assert_true(pipeline.help());
  assert_true(notes[1].thread == std::this_thread::get_id());
  notes[0].may_end = true;
  pipeline.drain();
}

// A task in parts, of which `together` have to run at the same time.
class InParts : public Pipeline::Task {
 public:
  InParts(Pipeline& pipeline, int64_t count, int together, int64_t fails = -1)
      : pipeline_(pipeline),
        together_(together),
        fails_(fails),
        runs_(static_cast<size_t>(count)) {}
  void prepare() override {
    pipeline_.run_parts(std::ssize(runs_), [this](int64_t number) {
      ++runs_[static_cast<size_t>(number)];
      ++here_;
      // Not for ever, if the pipeline is wrong.
      for (int tries = 0; tries < 5000 && here_ < together_; ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      met_ = met_ && here_ >= together_;
      if (number == fails_) fail(SWR_ERROR_CONVERSION, "part ", number);
    });
  }
  void place() override {
    assert_true(met_);
    for (const std::atomic<int>& runs : runs_) assert_int_equal(runs, 1);
  }

 private:
  Pipeline& pipeline_;
  std::atomic<bool> met_{true};
  const int together_;
  const int64_t fails_;
  std::atomic<int> here_{0};
  std::vector<std::atomic<int>> runs_;
};

void idle_threads_take_parts_of_the_only_task(void**) {
  for (const bool helps : {true, false}) {
    Pipeline pipeline({.threads = 3, .producer_helps = helps});
    pipeline.submit(std::make_unique<InParts>(pipeline, 20, 3), 1, false);
    pipeline.drain();
  }
}

void parts_of_many_tasks_run_once_each(void**) {
  for (const int threads : {1, 2, 5}) {
    Pipeline pipeline({.threads = threads, .producer_helps = true});
    for (int i = 0; i < 100; ++i)
      pipeline.submit(std::make_unique<InParts>(pipeline, i % 7, 0), 1, i < 99);
    pipeline.drain();
  }
}

void failure_of_a_part_reaches_the_producer(void**) {
  for (const int threads : {1, 2, 5}) {
    Pipeline pipeline({.threads = threads, .producer_helps = true});
    swr_status status = SWR_OK;
    try {
      pipeline.submit(std::make_unique<InParts>(pipeline, 30, threads > 1 ? 2 : 1, 1), 1, false);
      pipeline.drain();
    } catch (const Error& error) {
      status = error.status();
    }
    assert_int_equal(status, SWR_ERROR_CONVERSION);
  }
}

void failure_of_another_task_ends_the_parts(void**) {
  Record record;
  Pipeline pipeline({.threads = 3, .producer_helps = true});
  swr_status status = SWR_OK;
  try {
    pipeline.submit(std::make_unique<InParts>(pipeline, 100000, 1), 1, true);
    pipeline.submit(std::make_unique<Recorded>(record, 1, Trouble::in_prepare), 1, false);
    pipeline.drain();
  } catch (const Error& error) {
    status = error.status();
  }
  assert_int_equal(status, SWR_ERROR_CONVERSION);
}

}  // namespace
}  // namespace swr

int main() {
  using namespace swr;
  const CMUnitTest tests[] = {
      cmocka_unit_test(tasks_are_placed_in_order_and_one_at_a_time),
      cmocka_unit_test(single_task_runs_on_the_callers_thread),
      cmocka_unit_test(numbered_tasks_added_in_any_order_are_placed_in_order),
      cmocka_unit_test(failure_of_a_task_reaches_the_producer_and_nothing_after_it_is_placed),
      cmocka_unit_test(destruction_half_way_ends_threads_and_destroys_every_task),
      cmocka_unit_test(abort_from_outside_wakes_a_producer_that_waits_for_a_buffer),
      cmocka_unit_test(buffers_bound_the_tasks_in_progress),
      cmocka_unit_test(failure_while_all_buffers_are_taken_reaches_the_producer),
      cmocka_unit_test(helping_producer_is_one_of_the_threads),
      cmocka_unit_test(failure_of_a_task_that_the_producer_runs_reaches_it),
      cmocka_unit_test(work_in_progress_is_no_reason_to_give_up_the_threads),
      cmocka_unit_test(producer_helps_before_the_first_task_is_done),
      cmocka_unit_test(idle_threads_take_parts_of_the_only_task),
      cmocka_unit_test(parts_of_many_tasks_run_once_each),
      cmocka_unit_test(failure_of_a_part_reaches_the_producer),
      cmocka_unit_test(failure_of_another_task_ends_the_parts),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
