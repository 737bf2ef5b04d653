#include "engine/piece_ring.h"

#include <system_error>

#include "base/error.h"

namespace swr {

PieceRing::PieceRing(int count, int64_t bytes_each, const CallerBuffers& given, int64_t pieces,
                     MemoryMeter& meter, Consumer consumer)
    : bytes_each_(bytes_each),
      threaded_(pieces > 1),
      meter_(meter),
      consumer_(std::move(consumer)) {
  if (given.pointers.empty()) {
    slots_.resize(static_cast<size_t>(count));
  } else {
    for (void* pointer : given.pointers)
      slots_.emplace_back().given = static_cast<std::byte*>(pointer);
  }
}

PieceRing::~PieceRing() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  filled_there_.notify_all();
  if (thread_.joinable()) thread_.join();
}

PieceRing::Slot* PieceRing::take() {
  std::unique_lock lock(mutex_);
  for (;;) {
    rethrow();
    for (Slot& slot : slots_) {
      if (slot.busy) continue;
      slot.busy = true;
      return &slot;
    }
    slot_free_.wait(lock);
  }
}

std::byte* PieceRing::memory(Slot* slot) {
  if (slot->given) return slot->given;
  if (!slot->memory) slot->memory = Buffer(bytes_each_, meter_);
  return slot->memory.data();
}

void PieceRing::give_back(Slot* slot) {
  const std::lock_guard lock(mutex_);
  slot->busy = false;
  slot_free_.notify_all();
}

void PieceRing::submit(Slot* slot, int64_t number, const Region& region, int64_t bytes) {
  if (!threaded_) {
    consumer_(region, {memory(slot), static_cast<size_t>(bytes)});
    give_back(slot);
    return;
  }
  const std::lock_guard lock(mutex_);
  filled_.emplace(number, Filled{slot, region, bytes});
  if (!thread_.joinable()) {
    try {
      thread_ = std::thread([this] { consume(); });
    } catch (const std::system_error&) {
      fail(SWR_ERROR_MEMORY, "the system starts no thread");
    }
  }
  filled_there_.notify_one();
}

void PieceRing::skip(int64_t number) {
  const std::lock_guard lock(mutex_);
  next_ = number + 1;
}

void PieceRing::abort(const std::exception_ptr& failure) noexcept {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = failure;
  slot_free_.notify_all();
}

void PieceRing::drain() {
  std::unique_lock lock(mutex_);
  slot_free_.wait(lock, [&] { return failure_ || (filled_.empty() && !consuming_); });
  rethrow();
}

void PieceRing::consume() {
  std::unique_lock lock(mutex_);
  for (;;) {
    filled_there_.wait(
        lock, [&] { return stop_ || (!filled_.empty() && filled_.begin()->first == next_); });
    if (stop_) return;
    const Filled piece = filled_.begin()->second;
    filled_.erase(filled_.begin());
    consuming_ = true;
    lock.unlock();
    std::exception_ptr failure;
    try {
      consumer_(piece.region, {memory(piece.slot), static_cast<size_t>(piece.bytes)});
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    consuming_ = false;
    piece.slot->busy = false;
    ++next_;
    if (!failure_) failure_ = failure;
    slot_free_.notify_all();
    if (failure) return;
  }
}

}  // namespace swr
