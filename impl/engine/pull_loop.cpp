#include "engine/pull_loop.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/mutex.h"
#include "base/stopwatch.h"
#include "image/copy.h"

namespace swr {

PullLoop::PullLoop(Session& session, const Settings& settings, Statistics& statistics,
                   Resume* resume, swr_pull pull, void* user)
    : session_(session),
      settings_(settings),
      statistics_(statistics),
      resume_(resume),
      plan_(session.plan()),
      split_(*plan_.split),
      watch_(plan_),
      pull_(pull),
      user_(user),
      direct_(session.direct()),
      ordered_(
          {.threads = 1,
           .may_run_inline = false,
           .on_failure = [this](const std::exception_ptr& why) { session_.pieces().abort(why); }}) {
}

// A piece that one of several threads pulled. It is stored in its turn.
class PullLoop::Arrived : public Pipeline::Task {
 public:
  Arrived(PullLoop& loop, const Region& region, int64_t number, BufferPool::Lease lease)
      : loop_(loop), region_(region), number_(number), lease_(std::move(lease)) {}

  void prepare() override {}
  void place() override { loop_.store_leased(region_, number_, lease_); }

 private:
  PullLoop& loop_;
  const Region region_;
  const int64_t number_;
  const BufferPool::Lease lease_;
};

void PullLoop::run() {
  if (settings_.pull_threads > 1 && split_.count() > 1) {
    run_on_threads();
  } else {
    run_on_this_thread();
  }
  session_.drain();
}

void PullLoop::run_on_this_thread() {
  Lent lent;
  int64_t bytes_done = 0;
  for (int64_t number = 0; number < split_.count(); ++number) {
    const Region region = split_.piece(number);
    if (lent.data && lent.held.contains(region)) {
      ++statistics_.lent_again;
      take_lent(region, number, lent);
    } else {
      lent = {};
      BufferPool::Lease lease;
      Piece piece(region, number, split_.count(), plan_.source, watch_, [&]() -> void* {
        if (direct_) return direct_->acquire(bytes_of(region));
        lease = session_.take_piece();
        return lease.get();
      });
      call(piece);
      if (piece.lent()) {
        lease.reset();
        lent = {piece.lent(), piece.held()};
        ++statistics_.lent;
        take_lent(region, number, lent);
      } else if (direct_) {
        direct_->commit(bytes_of(region));
        session_.note_direct(region);
      } else {
        store_leased(region, number, lease);
      }
    }
    count_piece(region);
    bytes_done += bytes_of(region);
    report_progress(number + 1, bytes_done);
  }
}

// What the threads take pieces by.
struct PullLoop::Order {
  Mutex mutex;
  int64_t next SWR_GUARDED_BY(mutex) = 0;
  std::atomic<bool> stop{false};
};

// What the threads leave.
struct PullLoop::Running {
  Mutex mutex;
  std::condition_variable one_ended;
  int threads SWR_GUARDED_BY(mutex) = 0;
  std::exception_ptr failure SWR_GUARDED_BY(mutex);
};

// Where order does not matter, each thread stores the pieces that it has pulled, from a buffer of
// its own: the pixels stay in the cache of its core.
void PullLoop::pull_and_store(Order& order) {
  const BufferPool::Lease lease = session_.pieces().take();
  for (;;) {
    MutexLock lock(order.mutex);
    if (order.stop || order.next >= split_.count()) return;
    const int64_t number = order.next++;
    lock.unlock();
    const Region region = split_.piece(number);
    pull_into(region, number, lease);
    session_.store_on_this_thread(region, {lease.get(), static_cast<size_t>(bytes_of(region))});
    count_piece(region);
  }
}

// Each thread takes a buffer and the next number in one step: the piece that must be stored next
// always has a buffer.
void PullLoop::pull_in_order(Order& order) {
  for (;;) {
    MutexLock lock(order.mutex);
    if (order.stop || order.next >= split_.count()) return;
    const BufferPool::Lease lease = session_.pieces().take();
    const int64_t number = order.next++;
    lock.unlock();
    const Region region = split_.piece(number);
    pull_into(region, number, lease);
    ordered_.submit_numbered(std::make_unique<Arrived>(*this, region, number, lease), number);
    count_piece(region);
  }
}

void PullLoop::pull_into(const Region& region, int64_t number, const BufferPool::Lease& lease) {
  Piece piece(region, number, split_.count(), plan_.source, watch_, [&] { return lease.get(); });
  call(piece);
  if (!piece.lent()) return;
  ++statistics_.lent;
  if (!(piece.held() == region)) ++statistics_.lent_cropped;
  copy_region(region, plan_.source.bytes(), piece.lent(), piece.held(), lease.get(), region);
}

void PullLoop::run_one_thread(Order& order, Running& running) {
  std::exception_ptr caught;
  try {
    if (session_.takes_any_order()) {
      pull_and_store(order);
    } else {
      pull_in_order(order);
    }
  } catch (...) {
    caught = std::current_exception();
    order.stop = true;
  }
  const MutexLock lock(running.mutex);
  if (caught && !running.failure) running.failure = caught;
  if (caught) abort(caught);
  --running.threads;
  running.one_ended.notify_one();
}

void PullLoop::wait_for_threads(Running& running) {
  const std::chrono::milliseconds pause{settings_.progress || settings_.is_cancelled ? 20 : 1000};
  MutexLock lock(running.mutex);
  while (running.threads > 0) {
    lock.wait(running.one_ended, pause);
    lock.unlock();
    report_progress(statistics_.pieces, statistics_.bytes_in);
    lock.lock();
  }
}

void PullLoop::run_on_threads() {
  Order order;
  Running running;
  std::vector<std::thread> threads;
  const auto join = [&] {
    for (auto& thread : threads) thread.join();
    threads.clear();
  };
  try {
    for (int i = 0; i < settings_.pull_threads; ++i) {
      const MutexLock lock(running.mutex);
      threads.emplace_back([&] { run_one_thread(order, running); });
      ++running.threads;
    }
    wait_for_threads(running);
  } catch (...) {
    order.stop = true;
    abort(std::current_exception());
    join();
    throw;
  }
  join();
  {
    const MutexLock lock(running.mutex);
    if (running.failure) std::rethrow_exception(running.failure);
  }
  ordered_.drain();
}

void PullLoop::abort(const std::exception_ptr& failure) noexcept {
  session_.pieces().abort(failure);
  ordered_.abort(failure);
}

std::string PullLoop::context(const Piece& piece) const {
  return text(plan_.path, ": piece ", piece.number() + 1, " of ", piece.count(), ", ",
              piece.region().text());
}

// Calls the source, unless the piece was kept; throws unless it delivered the piece.
void PullLoop::call(Piece& piece) {
  if (resume_ && resume_->deliver(piece)) return;
  int32_t status;
  {
    const Stopwatch watch(statistics_.pull_nanoseconds);
    ++statistics_.pulls;
    status = pull_(&piece, user_);
  }
  if (piece.failure()) std::rethrow_exception(piece.failure());
  if (piece.region_error())
    fail(SWR_ERROR_SOURCE_REGION, context(piece), ": ", *piece.region_error());
  if (status == SWR_CANCELLED) fail(SWR_CANCELLED, context(piece), ": cancelled by the source");
  if (status != SWR_OK) {
    const std::string words = piece.words().empty() ? text("it returned ", status) : piece.words();
    fail(SWR_ERROR_SOURCE, context(piece), ": the source failed: ", words);
  }
  if (piece.lent() || piece.has_buffer()) {
    if (resume_) resume_->keep(piece);
    return;
  }
  ++statistics_.untouched;
  fail(SWR_ERROR_SOURCE, context(piece), ": the source delivered nothing: ",
       piece.words().empty() ? "it neither asked for the buffer nor lent memory" : piece.words());
}

void PullLoop::take_lent(const Region& region, int64_t number, const Lent& lent) {
  if (!(lent.held == region)) ++statistics_.lent_cropped;
  if (!store_lent_directly(region, lent)) store_cropped(region, number, lent);
}

// Stores the region directly from the lent memory. Returns false if it is not contiguous there.
bool PullLoop::store_lent_directly(const Region& region, const Lent& lent) {
  const auto pixels = lent_stretch(lent.data, lent.held, region, plan_.source);
  if (!pixels) return false;
  if (direct_) {
    direct_->lend(*pixels);
    session_.note_direct(region);
  } else {
    session_.store(region, *pixels);
  }
  if (!plan_.converts()) ++statistics_.lent_direct;
  return true;
}

void PullLoop::store_cropped(const Region& region, int64_t number, const Lent& lent) {
  if (direct_) {
    copy_region(region, plan_.source.bytes(), lent.data, lent.held,
                direct_->acquire(bytes_of(region)), region);
    direct_->commit(bytes_of(region));
    session_.note_direct(region);
    return;
  }
  const BufferPool::Lease lease = session_.take_piece();
  copy_region(region, plan_.source.bytes(), lent.data, lent.held, lease.get(), region);
  store_leased(region, number, lease);
}

void PullLoop::store_leased(const Region& region, int64_t number, const BufferPool::Lease& lease) {
  const std::span<const std::byte> pixels(lease.get(), static_cast<size_t>(bytes_of(region)));
  session_.store(region, pixels, lease, more_follow(number));
}

void PullLoop::count_piece(const Region& region) {
  ++statistics_.pieces;
  statistics_.bytes_in += bytes_of(region);
}

void PullLoop::report_progress(int64_t pieces_done, int64_t bytes_done) {
  const bool is_cancelled =
      (settings_.progress &&
       settings_.progress(pieces_done, split_.count(), bytes_done, bytes_of(split_.region()),
                          settings_.progress_user) != 0) ||
      (settings_.is_cancelled && settings_.is_cancelled());
  if (!is_cancelled) return;
  fail(SWR_CANCELLED, plan_.path, ": cancelled after ", pieces_done, " of ", split_.count(),
       " pieces");
}

}  // namespace swr
