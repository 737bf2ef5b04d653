#include "engine/chunk_encoder.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/stopwatch.h"

namespace swr {

class ChunkEncoder::Chunk : public Pipeline::Task {
 public:
  Chunk(ChunkEncoder& encoder, int64_t number, BufferPool::Lease pixels)
      : encoder_(encoder), number_(number), pixels_(std::move(pixels)) {}
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;
  ~Chunk() override { encoder_.statistics_.memory.remove(metered_); }

  void prepare() override {
    std::vector<std::byte> pixels(pixels_.get(), pixels_.get() + encoder_.bytes_of(number_));
    pixels_.reset();
    encoded_ = encoder_.sink_.encode(number_, std::move(pixels));
    encoder_.statistics_.memory.add(std::ssize(encoded_));
    metered_ = std::ssize(encoded_);
  }

  void place() override {
    const Stopwatch watch(encoder_.statistics_.store.store_nanoseconds);
    const MutexLock lock(encoder_.placing_);
    encoder_.sink_.place(number_, encoded_);
  }

 private:
  ChunkEncoder& encoder_;
  const int64_t number_;
  BufferPool::Lease pixels_;
  std::vector<std::byte> encoded_;
  int64_t metered_ = 0;
};

ChunkEncoder::ChunkEncoder(PixelSink& sink, int64_t pixel_bytes, const MemoryPlan& memory,
                           Statistics& statistics)
    : sink_(sink),
      pixel_bytes_(pixel_bytes),
      statistics_(statistics),
      pool_(std::max(2, memory.blocks), bytes_of(0), {}, statistics.memory),
      pipeline_({.threads = memory.threads,
                 .window = memory.prepared,
                 .may_run_inline = true,
                 .on_failure = [this](const std::exception_ptr& why) { pool_.abort(why); },
                 .waited_nanoseconds = [this] { return pool_.waited_nanoseconds(); }}) {}

void ChunkEncoder::encode(const std::set<int64_t>& chunks, const Compose& compose) {
  size_t left = chunks.size();
  for (const int64_t chunk : chunks) {
    const int64_t bytes = bytes_of(chunk);
    BufferPool::Lease pixels = pool_.take();
    compose(chunk, {pixels.get(), static_cast<size_t>(bytes)});
    pipeline_.submit(std::make_unique<Chunk>(*this, chunk, std::move(pixels)), bytes, --left > 0);
  }
  pipeline_.drain();
}

void ChunkEncoder::read(int64_t chunk, std::span<std::byte> pixels) {
  const MutexLock lock(placing_);
  sink_.read(chunk, pixels);
}

}  // namespace swr
