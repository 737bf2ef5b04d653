// Buffers for pieces that go from their sources to one consumer, in the order of their numbers,
// while the next pieces are made.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <thread>

#include "base/memory_meter.h"
#include "engine/settings.h"
#include "image/region.h"

namespace swr {

class PieceRing {
 public:
  struct Slot {
    Buffer memory;
    std::byte* given = nullptr;  // the application's memory
    bool busy = false;
  };
  using Consumer = std::function<void(const Region&, std::span<const std::byte>)>;

  // `count` buffers of `bytes_each`, taken when they are first used, or the application's. With one
  // piece in all there is no thread: submit() consumes.
  PieceRing(int count, int64_t bytes_each, const CallerBuffers& given, int64_t pieces,
            MemoryMeter& meter, Consumer consumer);
  PieceRing(const PieceRing&) = delete;
  PieceRing& operator=(const PieceRing&) = delete;
  ~PieceRing();  // stops; what was not consumed is forgotten

  Slot* take();  // waits for one that is free
  std::byte* memory(Slot* slot);
  void give_back(Slot* slot);
  void submit(Slot* slot, int64_t number, const Region& region, int64_t bytes);
  // A piece that comes another way: those after it need not wait.
  void skip(int64_t number);
  // The write has failed elsewhere: who waits for a buffer gets that failure.
  void abort(const std::exception_ptr& failure) noexcept;
  // Waits until every piece that was submitted is consumed.
  void drain();

 private:
  struct Filled {
    Slot* slot;
    Region region;
    int64_t bytes;
  };

  void consume();
  void rethrow() {
    if (failure_) std::rethrow_exception(failure_);
  }

  const int64_t bytes_each_;
  const bool threaded_;
  MemoryMeter& meter_;
  Consumer consumer_;
  std::deque<Slot> slots_;

  std::mutex mutex_;
  std::condition_variable filled_there_, slot_free_;
  std::map<int64_t, Filled> filled_;
  int64_t next_ = 0;  // number of the piece that is consumed next
  bool consuming_ = false;
  bool stop_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace swr
