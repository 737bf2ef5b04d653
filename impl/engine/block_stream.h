// Writes a StreamStore sequentially. The producer fills buffers with pixels of the source's type;
// the pipeline's threads convert and encode them block by block and place the blocks in order,
// while the producer continues.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/buffer_pool.h"
#include "engine/conversion_scratch.h"
#include "engine/pipeline.h"
#include "engine/statistics.h"
#include "image/pixel_conversion.h"
#include "stores/store.h"

namespace swr {

class BlockStream {
 public:
  struct Options {
    int64_t block = 0;     // stored bytes; whole slots if the store has slots
    int64_t capacity = 0;  // of a buffer, in source bytes: a block and the largest acquired piece
    int buffers = 2;
    int threads = 1;
    int window = 4;  // blocks that may be prepared but not yet placed
  };
  // Describes the place of a component, by its number in the whole sequence.
  using Place = PixelConversion::Place;

  BlockStream(StreamStore& store, int64_t total, const Options& options, Statistics& statistics);
  BlockStream(const BlockStream&) = delete;
  BlockStream& operator=(const BlockStream&) = delete;

  // From now on the producer delivers pixels, which this class converts to stored bytes.
  // `conversion` must outlive the stream. Requires: nothing was delivered yet.
  void convert_with(const PixelConversion& conversion, Place place);
  // `told` is called with the first failure, on the thread where it happens. Requires: as above.
  void on_failure(std::function<void(const std::exception_ptr&)> told) { told_ = std::move(told); }
  // From now on the producer delivers stored bytes. Waits until all complete blocks are placed.
  void stop_converting();

  // Number of stored bytes delivered so far.
  int64_t position() const { return stored_bytes(first_unit_) + stored_bytes(level_); }
  // Contiguous memory for the next `bytes` bytes of whole units (at most capacity - block), valid
  // until the next call. commit() tells how many of them were filled.
  std::byte* acquire(int64_t bytes);
  void commit(int64_t bytes);
  // Copies any number of bytes of whole units.
  void append(std::span<const std::byte> bytes);
  // Stores bytes without copying them, except at the ends, which share a block with other bytes.
  // Without a lease, the bytes are no longer needed when the call returns; with one, the lease is
  // held until they are stored.
  void lend(std::span<const std::byte> bytes, const BufferPool::Lease& lease = {});
  // Waits until all complete blocks are placed, and also the incomplete one if the store accepts
  // blocks of any size.
  void drain();
  // Returns the stored bytes before position() that are not placed because their block is
  // incomplete, and drops them: the stream continues where they begin. Requires: drain() and
  // stop_converting() were called.
  std::span<const std::byte> take_back();
  // Writes the last block and finishes the store.
  void finish();

 private:
  class Block;

  int64_t stored_bytes(int64_t units) const { return units * stored_unit_; }
  int64_t source_bytes(int64_t units) const { return units * source_unit_; }
  int64_t next_break(int64_t position) const;
  void ensure_current();
  void cut(int64_t end);
  // The source of blocks: its bytes from unit `first_unit` on.
  struct Source {
    const std::byte* bytes = nullptr;
    std::byte* own = nullptr;  // the same, if they are in one of this stream's buffers
    int64_t first_unit = 0;
    const BufferPool::Lease& lease;
  };
  void submit(int64_t begin, int64_t end, const Source& source);
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
  ConversionScratch scratch_;
  BufferPool::Lease current_;
  int64_t first_unit_ = 0;  // of the current buffer, in the sequence
  int64_t level_ = 0;       // units in the current buffer
  int64_t begin_ = 0;       // stored bytes passed to the pipeline
  std::function<void(const std::exception_ptr&)> told_;
  Pipeline pipeline_;  // last member: its threads stop before the members they use are destroyed
};

}  // namespace swr
