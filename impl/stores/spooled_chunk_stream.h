// As ChunkStream, for layers of chunks that do not fit into memory: the pixels of a layer wait in a
// scratch file until all of them are known.
#pragma once

#include <cstdint>
#include <span>

#include "image/runs.h"
#include "stores/chunk_sink.h"
#include "stores/pixels.h"
#include "stores/scratch.h"
#include "stores/store.h"

namespace swr {

class SpooledChunkStream : public StreamStore {
 public:
  // `sink`, and what the options refer to, must outlive the stream.
  SpooledChunkStream(ChunkSink& sink, const LinearOrder& order, const WriteOptions& options);

  // Whether a layer is too long for a write with so much memory; a chunk is shorter.
  static bool is_needed(const Grid& grid, int64_t pixel_bytes, int64_t memory);
  // The memory in which a part of a layer waits.
  static int64_t waiting_bytes(int64_t memory) { return memory / 8; }

  int64_t phase() const override { return 0; }
  int64_t next_break(int64_t offset, int64_t block) const override;
  Encoded encode(int64_t offset, std::span<const std::byte> raw) const override;
  void place(const Encoded& encoded) override;
  void finish() override {}

 private:
  Region layer_at(int64_t offset) const;
  int64_t bytes_of(const Region& layer) const { return layer.pixels() * order_.pixel_bytes(); }
  void store(const Region& layer);

  ChunkSink& sink_;
  const LinearOrder order_;
  const WriteOptions options_;
  Scratch waiting_;  // from the layer's first byte on
};

}  // namespace swr
