// Adapts a sink of chunks to a store that takes the linear sequence of pixels: a block is a layer
// of chunks.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "stores/pixels.h"
#include "stores/store.h"

namespace swr {

class ChunkStream : public StreamStore {
 public:
  // The caller calls the sink's finish(), after it has placed chunks again if necessary.
  ChunkStream(std::unique_ptr<PixelSink> sink, int64_t pixel_bytes)
      : sink_(std::move(sink)), pixel_bytes_(pixel_bytes) {}
  PixelSink& sink() { return *sink_; }
  // The length of the blocks that the feeder must deliver.
  static int64_t block_bytes(const Grid& grid, int64_t pixel_bytes);

  int64_t phase() const override { return 0; }
  Encoded encode(int64_t offset, std::span<const std::byte> raw) const override;
  void place(const Encoded& encoded) override;
  void finish() override {}

 private:
  std::vector<int64_t> chunks_at(int64_t offset) const;

  std::unique_ptr<PixelSink> sink_;
  int64_t pixel_bytes_;
};

}  // namespace swr
