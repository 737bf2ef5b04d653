#include "stores/spooled_chunk_stream.h"

#include <algorithm>
#include <set>
#include <vector>

#include "base/checked.h"
#include "stores/overlay.h"
#include "stores/region_io.h"

namespace swr {

SpooledChunkStream::SpooledChunkStream(ChunkSink& sink, const LinearOrder& order,
                                       const WriteOptions& options)
    : sink_(sink),
      order_(order),
      options_(options),
      waiting_(waiting_bytes(options.memory), options.beside, *options.counters) {}

// Several layers are in memory at once: one that is filled, and one for each thread that encodes.
bool SpooledChunkStream::is_needed(const Grid& grid, int64_t pixel_bytes, int64_t memory) {
  const int64_t layer = checked_multiply(grid.layer_pixels(), pixel_bytes);
  return layer > memory / 8 && grid.chunk_pixels() < grid.layer_pixels();
}

Region SpooledChunkStream::layer_at(int64_t offset) const {
  return sink_.grid().layer_at(offset / order_.pixel_bytes());
}

int64_t SpooledChunkStream::next_break(int64_t offset, int64_t block) const {
  const Region layer = layer_at(offset);
  const int64_t begin = BoxOverlay::begin(order_, layer);
  return begin + std::min(bytes_of(layer), round_down(offset - begin, block) + block);
}

Encoded SpooledChunkStream::encode(int64_t offset, std::span<const std::byte> raw) const {
  Encoded encoded;
  encoded.offset = offset;
  encoded.bytes = raw;
  return encoded;
}

void SpooledChunkStream::place(const Encoded& encoded) {
  const Region layer = layer_at(encoded.offset);
  const int64_t begin = BoxOverlay::begin(order_, layer);
  waiting_.write(encoded.offset - begin, encoded.bytes);
  if (encoded.offset - begin + std::ssize(encoded.bytes) == bytes_of(layer)) store(layer);
}

void SpooledChunkStream::store(const Region& layer) {
  LinearOrder order = order_;
  order.size = layer.size;
  const std::vector<int64_t> chunks = sink_.grid().chunks_of(layer);
  options_.encode_chunks(sink_, {chunks.begin(), chunks.end()}, ChunkBase::none,
                         [&](int64_t chunk, std::span<std::byte> pixels) {
                           const Region box = sink_.grid().box(chunk).relative_to(layer.index);
                           read_region(waiting_, order, box, pixels.data());
                         });
}

}  // namespace swr
