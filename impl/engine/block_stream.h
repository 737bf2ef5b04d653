// Feeds a StreamStore from the front to the back. The producer fills memory that it is given; whole
// blocks are encoded by other threads and placed in order while the producer goes on.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "base/memory_meter.h"
#include "stores/store.h"

namespace swr {

class BlockStream {
 public:
  struct Options {
    int64_t block = 0;     // bytes, whole slots where the store has slots
    int64_t capacity = 0;  // of a buffer: a block and the largest piece that is acquired
    int buffers = 2;
    int threads = 1;
  };

  BlockStream(StreamStore& store, int64_t total, const Options& options, MemoryMeter& meter,
              StoreCounters& counters);
  BlockStream(const BlockStream&) = delete;
  BlockStream& operator=(const BlockStream&) = delete;
  ~BlockStream();  // stops, without placing what is left

  int64_t position() const { return start_ + level_; }
  // Memory for the next `bytes` bytes (at most capacity - block), in one stretch, valid until the
  // next call; commit() says that so many are filled.
  std::byte* acquire(int64_t bytes);
  void commit(int64_t bytes);
  // Copies any number of bytes.
  void append(std::span<const std::byte> bytes);
  // Stores bytes from where they are; they are no longer needed when it returns. Only the ends that
  // share a block with others are copied.
  void lend(std::span<const std::byte> bytes);
  // Waits until all whole blocks are placed, and what is left too where the store breaks anywhere.
  void drain();
  // After drain(): bytes in front of position() that are not placed, for want of a whole block.
  // They are forgotten: the stream goes on at where they begin.
  std::span<const std::byte> take_back();
  // The last block, and the store's own end.
  void finish();

 private:
  struct Raw {  // a buffer, and how many tasks still read it
    Buffer memory;
    int users = 0;
  };
  struct Task {
    int64_t offset;
    std::span<const std::byte> bytes;
    Raw* raw;  // nullptr: lent memory
  };
  struct Ready {
    Encoded encoded;
    Raw* borrowed;  // the raw buffer that the encoded bytes lie in
  };

  int64_t next_break(int64_t position) const;
  void ensure_current();
  Raw* free_buffer(std::unique_lock<std::mutex>& lock);
  void cut(int64_t end);
  void submit(int64_t offset, std::span<const std::byte> bytes, Raw* raw);
  void start_threads();
  void work();
  void encode_one(std::unique_lock<std::mutex>& lock);
  void place_ready(std::unique_lock<std::mutex>& lock);
  void run_inline();
  void release(Raw* raw);
  void check_failure();

  StreamStore& store_;
  const int64_t total_;
  const Options options_;
  MemoryMeter& meter_;
  StoreCounters& counters_;

  // The producer's.
  std::deque<Raw> buffers_;
  Raw* current_ = nullptr;
  int64_t start_ = 0;  // of the current buffer in the sequence
  int64_t level_ = 0;  // bytes in it
  int64_t submitted_ = 0;

  // Shared.
  std::mutex mutex_;
  std::condition_variable work_there_, progress_made_;
  std::deque<Task> tasks_;
  std::map<int64_t, Ready> ready_;
  int64_t taken_ = 0;   // tasks that a thread has begun
  int64_t placed_ = 0;  // tasks that are in the file
  bool placing_ = false;
  bool stop_ = false;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

}  // namespace swr
