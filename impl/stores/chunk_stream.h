// Adapts a sink of chunks to a store that takes the linear sequence of pixels: a block is a layer
// of chunks. Where the sink can place chunks on many threads, each is placed as soon as it is
// encoded.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "codecs/pool.h"
#include "stores/chunk_sink.h"
#include "stores/store.h"

namespace swr {

class PyramidStream;

class ChunkStream : public StreamStore {
 public:
  // The caller calls the sink's finish(), after it has placed chunks again if necessary. `sink`
  // must outlive the stream, and `counters`, which may be null if only put() is called.
  ChunkStream(ChunkSink& sink, int64_t pixel_bytes, StoreCounters* counters)
      : sink_(sink), pixel_bytes_(pixel_bytes), counters_(counters) {}
  // Makes the levels of the image's pyramid too. Requires: nothing was encoded yet.
  void make_levels(PyramidStream& levels) { levels_ = &levels; }
  // The length of the longest blocks, which are layers.
  static int64_t block_bytes(const Grid& grid, int64_t pixel_bytes);

  int64_t phase() const override { return 0; }
  int64_t next_break(int64_t offset, int64_t block) const override;
  Encoded encode(int64_t offset, std::span<const std::byte> raw) const override;
  Encoded encode_in_parts(int64_t offset, std::span<const std::byte> raw,
                          const RunParts& run) const override;
  void place(const Encoded& encoded) override;
  void finish() override {}
  // Encodes and places the layer that begins at `offset`, a chunk at a time on each thread. Instead
  // of encode() and place().
  void put(int64_t offset, std::span<const std::byte> raw, int threads);

 private:
  std::vector<int64_t> chunks_at(int64_t offset) const;
  std::vector<std::byte> encoded_chunk(int64_t chunk, const Region& layer,
                                       std::span<const std::byte> raw,
                                       std::vector<std::byte>& pixels) const;

  ChunkSink& sink_;
  int64_t pixel_bytes_;
  StoreCounters* counters_;
  // Memory that is allocated anew for each chunk is given back to the system and cleared again each
  // time. put() has none that it keeps: it is for levels, of which there are several.
  mutable Pool<std::vector<std::byte>> pixels_{
      [] { return std::make_unique<std::vector<std::byte>>(); }};
  PyramidStream* levels_ = nullptr;
};

}  // namespace swr
