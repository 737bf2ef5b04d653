// Feeds a StreamStore from the front to the back. The producer fills memory that it is given, in
// the source's type; blocks are converted and encoded by the pipeline's threads and placed in
// order while the producer goes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/buffer_pool.h"
#include "engine/pipeline.h"
#include "engine/statistics.h"
#include "image/pixel_conversion.h"
#include "stores/store.h"

namespace swr {

class BlockStream {
 public:
  struct Options {
    int64_t block = 0;     // stored bytes, whole slots where the store has slots
    int64_t capacity = 0;  // of a buffer, source bytes: a block and the largest acquired piece
    int buffers = 2;
    int threads = 1;
    int window = 4;  // blocks that may be prepared and not yet placed
  };
  // Says where a component lies: its number in the whole sequence.
  using Place = PixelConversion::Place;

  BlockStream(StreamStore& store, int64_t total, const Options& options, Statistics& statistics);
  BlockStream(const BlockStream&) = delete;
  BlockStream& operator=(const BlockStream&) = delete;

  // From now on the producer delivers pixels that this turns into stored bytes. It must outlive
  // the stream. Requires: nothing was delivered yet.
  void convert_with(const PixelConversion& conversion, Place place);
  // `told` hears of the first failure, on whichever thread it happens. Requires: as above.
  void on_failure(std::function<void(const std::exception_ptr&)> told) { told_ = std::move(told); }
  // From now on the producer delivers stored bytes. Waits until all whole blocks are placed.
  void stop_converting();

  // Stored bytes that were delivered so far.
  int64_t position() const { return stored_bytes(first_unit_) + stored_bytes(level_); }
  // Memory for the next `bytes` bytes of whole units (at most capacity - block), in one stretch,
  // valid until the next call; commit() says that so many are filled.
  std::byte* acquire(int64_t bytes);
  void commit(int64_t bytes);
  // Copies any number of bytes of whole units.
  void append(std::span<const std::byte> bytes);
  // Stores bytes from where they are. Without a lease they are no longer needed when it returns;
  // otherwise the lease is held until then. Only the ends that share a block with others are
  // copied.
  void lend(std::span<const std::byte> bytes, const BufferPool::Lease& lease = {});
  // Waits until all whole blocks are placed, and the rest too where the store breaks anywhere.
  void drain();
  // After drain() and stop_converting(): stored bytes before position() that are not placed, for
  // want of a whole block. They are forgotten: the stream goes on where they begin.
  std::span<const std::byte> take_back();
  // The last block, and the store's own end.
  void finish();

 private:
  class Block;

  int64_t stored_bytes(int64_t units) const { return units * stored_unit_; }
  int64_t source_bytes(int64_t units) const { return units * source_unit_; }
  int64_t next_break(int64_t position) const;
  void ensure_current();
  void cut(int64_t end);
  void submit(int64_t begin, int64_t end, const std::byte* first, int64_t first_unit,
              const BufferPool::Lease& lease);
  std::vector<std::byte> converted_rest() const;
  void fail_with(const std::exception_ptr& why);

  StreamStore& store_;
  const int64_t total_;
  const Options options_;
  Statistics& statistics_;
  const PixelConversion* conversion_ = nullptr;
  Place place_;
  int64_t source_unit_ = 1, stored_unit_ = 1;

  BufferPool pool_;
  BufferPool::Lease current_;
  int64_t first_unit_ = 0;  // of the current buffer, in the sequence
  int64_t level_ = 0;       // units in the current buffer
  int64_t begin_ = 0;       // stored bytes that were handed over
  std::function<void(const std::exception_ptr&)> told_;
  Pipeline pipeline_;  // last: its threads stop before what they use goes
};

}  // namespace swr
