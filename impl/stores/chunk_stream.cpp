#include "stores/chunk_stream.h"

#include "base/checked.h"
#include "base/parallel.h"
#include "image/copy.h"
#include "stores/pyramid_stream.h"

namespace swr {

int64_t ChunkStream::block_bytes(const Grid& grid, int64_t pixel_bytes) {
  return checked_multiply(grid.layer_pixels(), pixel_bytes);
}

int64_t ChunkStream::next_break(int64_t offset, int64_t) const {
  return sink_.grid().layer_end(offset / pixel_bytes_) * pixel_bytes_;
}

std::vector<int64_t> ChunkStream::chunks_at(int64_t offset) const {
  const Grid& grid = sink_.grid();
  return grid.chunks_of(grid.layer_at(offset / pixel_bytes_));
}

Encoded ChunkStream::encode(int64_t offset, std::span<const std::byte> raw) const {
  const Grid& grid = sink_.grid();
  const Region layer = grid.layer_at(offset / pixel_bytes_);
  Encoded encoded;
  encoded.offset = offset;
  const std::vector<int64_t> chunks = chunks_at(offset);
  encoded.chunks.resize(chunks.size());
  parallel_for(std::ssize(chunks), threads_, [&](int64_t i) {
    const int64_t chunk = chunks[static_cast<size_t>(i)];
    const Region box = grid.box(chunk);
    std::vector<std::byte> pixels(static_cast<size_t>(box.pixels() * pixel_bytes_));
    copy_region(box, pixel_bytes_, raw.data(), layer, pixels.data(), box);
    encoded.chunks[static_cast<size_t>(i)] = sink_.encode(chunk, std::move(pixels));
  });
  if (levels_) encoded.for_levels = levels_->prepare(layer, raw);
  return encoded;
}

void ChunkStream::place(const Encoded& encoded) {
  const std::vector<int64_t> chunks = chunks_at(encoded.offset);
  for (size_t i = 0; i < chunks.size(); ++i) sink_.place(chunks[i], encoded.chunks[i]);
  if (levels_) levels_->take(encoded.for_levels);
}

}  // namespace swr
