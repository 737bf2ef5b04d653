// Chunks on their way to a sink: the pipeline's threads encode them, and they are placed in the
// order in which they came, while the producer goes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <span>

#include "base/mutex.h"
#include "engine/buffer_pool.h"
#include "engine/pipeline.h"
#include "engine/statistics.h"
#include "plan/memory.h"
#include "stores/pixels.h"

namespace swr {

class ChunkEncoder {
 public:
  // Fills the pixels of a chunk.
  using Compose = std::function<void(int64_t chunk, std::span<std::byte> pixels)>;

  // `sink` and `statistics` must outlive the encoder.
  ChunkEncoder(PixelSink& sink, int64_t pixel_bytes, const MemoryPlan& memory,
               Statistics& statistics);

  // Encodes and places these chunks. `compose` is called on this thread, a chunk after the other.
  void encode(const std::set<int64_t>& chunks, const Compose& compose);
  // The pixels of a chunk that was placed before the encoder began. `compose` may call it.
  void read(int64_t chunk, std::span<std::byte> pixels) SWR_EXCLUDES(placing_);

 private:
  class Chunk;

  int64_t bytes_of(int64_t chunk) const { return sink_.grid().box(chunk).pixels() * pixel_bytes_; }

  PixelSink& sink_;
  const int64_t pixel_bytes_;
  Statistics& statistics_;
  BufferPool pool_;
  Mutex placing_;      // the sink's place() and read() come from one thread at a time
  Pipeline pipeline_;  // last: its threads stop before what they use goes
};

}  // namespace swr
