#include "engine/block_stream.h"

#include <algorithm>
#include <cstring>

#include "base/checked.h"
#include "base/stopwatch.h"

namespace swr {

BlockStream::BlockStream(StreamStore& store, int64_t total, const Options& options,
                         MemoryMeter& meter, StoreCounters& counters)
    : store_(store), total_(total), options_(options), meter_(meter), counters_(counters) {}

BlockStream::~BlockStream() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  work_there_.notify_all();
  for (auto& thread : threads_) thread.join();
}

// The first place behind `position` where a block ends.
int64_t BlockStream::next_break(int64_t position) const {
  const int64_t phase = store_.phase() % options_.block;
  return std::min(total_, round_down(position + phase, options_.block) + options_.block - phase);
}

BlockStream::Raw* BlockStream::free_buffer(std::unique_lock<std::mutex>& lock) {
  for (;;) {
    for (Raw& raw : buffers_) {
      if (raw.users == 0) return &raw;
    }
    if (static_cast<int>(buffers_.size()) < options_.buffers) return &buffers_.emplace_back();
    if (failure_) std::rethrow_exception(failure_);
    progress_made_.wait(lock);
  }
}

void BlockStream::ensure_current() {
  if (current_) return;
  std::unique_lock lock(mutex_);
  current_ = free_buffer(lock);
  current_->users = 1;  // the producer's own
  lock.unlock();
  if (!current_->memory) current_->memory = Buffer(options_.capacity, meter_);
}

std::byte* BlockStream::acquire(int64_t bytes) {
  check_failure();
  ensure_current();
  if (level_ + bytes > options_.capacity)
    fail(SWR_ERROR_INTERNAL, "a piece of ", bytes, " bytes does not fit the stream's buffer");
  return current_->memory.data() + level_;
}

void BlockStream::commit(int64_t bytes) {
  level_ += bytes;
  int64_t end = start_;
  while (end < position() && next_break(end) <= position() && next_break(end) > end)
    end = next_break(end);
  if (end > start_) cut(end);
}

// Hands over what lies in front of `end`, and goes on with the rest in another buffer.
void BlockStream::cut(int64_t end) {
  Raw* const full = current_;
  const int64_t from = start_, rest = position() - end;
  for (int64_t at = from; at < end;) {
    const int64_t to = std::min(end, next_break(at));
    submit(at, {full->memory.data() + (at - from), static_cast<size_t>(to - at)}, full);
    at = to;
  }
  current_ = nullptr;
  start_ = end;
  level_ = 0;
  if (rest > 0) {
    ensure_current();
    std::memcpy(current_->memory.data(), full->memory.data() + (end - from),
                static_cast<size_t>(rest));
    level_ = rest;
  }
  const std::lock_guard lock(mutex_);
  release(full);
}

void BlockStream::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const int64_t room = std::min<int64_t>(std::ssize(bytes), next_break(position()) - position());
    std::memcpy(acquire(room), bytes.data(), static_cast<size_t>(room));
    commit(room);
    bytes = bytes.subspan(static_cast<size_t>(room));
  }
}

void BlockStream::lend(std::span<const std::byte> bytes) {
  if (store_.breaks_anywhere()) {
    if (level_ > 0) cut(position());
  } else if (level_ > 0) {
    const auto head = static_cast<size_t>(
        std::min<int64_t>(std::ssize(bytes), next_break(position()) - position()));
    append(bytes.first(head));
    bytes = bytes.subspan(head);
  }
  while (!bytes.empty()) {
    const int64_t to_break = next_break(position()) - position();
    const bool whole = to_break <= std::ssize(bytes);
    if (!whole && !store_.breaks_anywhere()) break;
    const int64_t size = whole ? to_break : std::ssize(bytes);
    check_failure();
    submit(start_, bytes.first(static_cast<size_t>(size)), nullptr);
    start_ += size;
    bytes = bytes.subspan(static_cast<size_t>(size));
  }
  append(bytes);
  drain();
}

void BlockStream::drain() {
  if (level_ > 0 && store_.breaks_anywhere()) cut(position());
  run_inline();
  std::unique_lock lock(mutex_);
  progress_made_.wait(lock, [&] { return failure_ || placed_ == submitted_; });
  if (failure_) std::rethrow_exception(failure_);
}

std::span<const std::byte> BlockStream::take_back() {
  const std::span<const std::byte> left{current_ ? current_->memory.data() : nullptr,
                                        static_cast<size_t>(level_)};
  level_ = 0;
  return left;
}

void BlockStream::finish() {
  if (position() != total_)
    fail(SWR_ERROR_INTERNAL, "the stream ends at byte ", position(), " of ", total_);
  if (level_ > 0) cut(total_);
  drain();
  const Stopwatch watch(counters_.store_nanoseconds);
  store_.finish();
}

// The first block starts the threads, unless it is also the last: a small image needs none.
void BlockStream::submit(int64_t offset, std::span<const std::byte> bytes, Raw* raw) {
  const bool all = offset == 0 && std::ssize(bytes) == total_;
  std::unique_lock lock(mutex_);
  if (raw) ++raw->users;
  tasks_.push_back({offset, bytes, raw});
  ++submitted_;
  lock.unlock();
  if (all) return;
  start_threads();
  work_there_.notify_one();
}

void BlockStream::start_threads() {
  try {
    while (static_cast<int>(threads_.size()) < options_.threads)
      threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    if (threads_.empty()) fail(SWR_ERROR_MEMORY, "the system starts no thread");
  }
}

void BlockStream::work() {
  std::unique_lock lock(mutex_);
  // Encoded blocks wait for those in front of them; how many may wait is bounded, so that memory
  // is.
  const int64_t window = 2 * static_cast<int64_t>(options_.threads) + 2;
  for (;;) {
    work_there_.wait(
        lock, [&] { return stop_ || failure_ || (!tasks_.empty() && taken_ - placed_ < window); });
    if (stop_ || failure_) return;
    encode_one(lock);
  }
}

void BlockStream::encode_one(std::unique_lock<std::mutex>& lock) {
  const Task task = tasks_.front();
  tasks_.pop_front();
  const int64_t number = taken_++;
  lock.unlock();
  try {
    Encoded encoded = store_.encode(task.offset, task.bytes);
    const bool borrowed = encoded.owned.empty();
    meter_.add(std::ssize(encoded.owned));
    lock.lock();
    if (!borrowed) release(task.raw);
    ready_.emplace(number, Ready{std::move(encoded), borrowed ? task.raw : nullptr});
    if (!placing_) place_ready(lock);
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    placing_ = false;
    if (!failure_) failure_ = std::current_exception();
    work_there_.notify_all();
    progress_made_.notify_all();
  }
}

void BlockStream::place_ready(std::unique_lock<std::mutex>& lock) {
  placing_ = true;
  while (!ready_.empty() && ready_.begin()->first == placed_ && !failure_) {
    const Ready next = std::move(ready_.begin()->second);
    ready_.erase(ready_.begin());
    lock.unlock();
    {
      const Stopwatch watch(counters_.store_nanoseconds);
      store_.place(next.encoded);
    }
    meter_.remove(std::ssize(next.encoded.owned));
    lock.lock();
    ++placed_;
    release(next.borrowed);
    progress_made_.notify_all();
    work_there_.notify_all();
  }
  placing_ = false;
}

// Without threads the caller does the work: the image is one block.
void BlockStream::run_inline() {
  std::unique_lock lock(mutex_);
  if (!threads_.empty()) return;
  while (!tasks_.empty() && !failure_) encode_one(lock);
}

void BlockStream::release(Raw* raw) {
  if (raw && --raw->users == 0) progress_made_.notify_all();
}

void BlockStream::check_failure() {
  const std::lock_guard lock(mutex_);
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace swr
