// Plans the memory of a write: buffers for pieces, blocks on their way to the store, and the
// store's cache of its directory.
#pragma once

#include <cstdint>

namespace swr {

// The unit in which a stream goes to a store: about the size of a second-level cache, so that a
// block is still in the cache when it is written.
inline constexpr int64_t block_bytes = int64_t{1} << 20;
// A piece of which the library chooses the size: two blocks, so that a thread is woken half as
// often as for one.
inline constexpr int64_t usual_piece_bytes = 2 * block_bytes;
inline constexpr int64_t default_memory_limit = int64_t{256} << 20;
inline constexpr int64_t least_memory_limit = int64_t{1} << 20;

// The inputs of the plan.
struct MemoryFacts {
  int64_t source_piece_bytes = 0;  // the largest piece as pulled
  int64_t stored_piece_bytes = 0;  // and as stored
  bool direct = false;             // pieces are pulled directly into the stream's blocks
  bool staged_pieces = false;      // pieces are pulled into buffers of their own
  bool own_buffers = false;        // those buffers are the application's
  bool converts = false;           // pixels are converted on their way
  bool streams = false;            // the store takes a stream of blocks
  bool compresses = false;
  int64_t directory_bytes = 0;  // for the store's cache of its directory of slots
  int64_t encoder_bytes = 0;    // of an encoder, if it needs more than deflate
  // For each thread that makes the levels of a pyramid, of the blocks that were encoded; 0: none.
  int64_t level_thread_bytes = 0;
  // For pixels that wait until chunks as long as a block can be made of them; 0: none wait.
  int64_t waiting_bytes = 0;
  int64_t block = block_bytes;         // the unit of the stream
  int64_t source_block = block_bytes;  // room for a block, before or after it is converted
  int threads = 1;                     // that convert and encode
  int pull_threads = 1;
};

struct MemoryPlan {
  int blocks = 0;  // of the stream
  int64_t block_capacity = 0;
  int pieces = 0;    // buffers for pieces
  int threads = 1;   // that convert and encode
  int prepared = 1;  // tasks that may be prepared and not yet stored
  int64_t need = 0;  // total bytes
};

// Takes as many buffers as are useful (4) or as the limit allows, but at least two; then fewer
// threads, and at last two blocks for one thread.
MemoryPlan plan_memory(const MemoryFacts& facts, int64_t limit);

}  // namespace swr
