// Brings chunks to a sink: the pipeline's threads encode them, and they are placed in the order in
// which they came, while the producer goes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>

#include "base/mutex.h"
#include "engine/buffer_pool.h"
#include "engine/pipeline.h"
#include "engine/statistics.h"
#include "plan/memory.h"
#include "stores/chunk_sink.h"

namespace swr {

class ChunkEncoder {
 public:
  // `sink` and `statistics` must outlive the encoder.
  ChunkEncoder(ChunkSink& sink, int64_t pixel_bytes, const MemoryPlan& memory,
               Statistics& statistics);

  // Encodes and places these chunks. `compose` is called on this thread, chunk by chunk; with
  // ChunkBase::placed, the buffer has the pixels of the chunk that was placed before this call.
  void encode(const std::set<int64_t>& chunks, ChunkBase base, const ComposeChunk& compose)
      SWR_EXCLUDES(placing_);

 private:
  class Chunk;

  void read_placed(int64_t chunk, std::span<std::byte> pixels) SWR_EXCLUDES(placing_);
  int64_t bytes_of(int64_t chunk) const { return sink_.grid().box(chunk).pixels() * pixel_bytes_; }

  ChunkSink& sink_;
  const int64_t pixel_bytes_;
  Statistics& statistics_;
  BufferPool pool_;
  Mutex placing_;      // the sink's place() and read() come from one thread at a time
  Pipeline pipeline_;  // last: its threads stop before the members that they use are destroyed
};

}  // namespace swr
