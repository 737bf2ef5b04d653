#include "stores/chunk_stream.h"

#include <algorithm>
#include <utility>

#include "base/checked.h"
#include "base/parallel.h"
#include "base/stopwatch.h"
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

std::vector<std::byte> ChunkStream::encoded_chunk(int64_t chunk, const Region& layer,
                                                  std::span<const std::byte> raw,
                                                  std::vector<std::byte>& pixels) const {
  const Region box = sink_.grid().box(chunk);
  pixels.resize(static_cast<size_t>(box.pixels() * pixel_bytes_));
  copy_region(box, pixel_bytes_, raw.data(), layer, pixels.data(), box);
  return sink_.encode(chunk, std::move(pixels));
}

Encoded ChunkStream::encode(int64_t offset, std::span<const std::byte> raw) const {
  return encode_in_parts(offset, raw, [](int64_t count, const auto& part) {
    for (int64_t number = 0; number < count; ++number) part(number);
  });
}

Encoded ChunkStream::encode_in_parts(int64_t offset, std::span<const std::byte> raw,
                                     const RunParts& run) const {
  const Region layer = sink_.grid().layer_at(offset / pixel_bytes_);
  Encoded encoded;
  encoded.offset = offset;
  const std::vector<int64_t> chunks = chunks_at(offset);
  const bool places = sink_.places_on_threads();
  if (!places) encoded.chunks.resize(chunks.size());
  run(std::ssize(chunks), [&](int64_t number) {
    const auto at = static_cast<size_t>(number);
    std::vector<std::byte> bytes = encoded_chunk(chunks[at], layer, raw, *pixels_.take());
    if (places) {
      const Stopwatch watch(counters_->store_nanoseconds);
      sink_.place(chunks[at], bytes);
    } else {
      encoded.chunks[at] = std::move(bytes);
    }
  });
  if (levels_) encoded.bytes = raw;  // the levels are made in the order of the layers
  return encoded;
}

void ChunkStream::place(const Encoded& encoded) {
  const std::vector<int64_t> chunks = chunks_at(encoded.offset);
  for (size_t i = 0; i < encoded.chunks.size(); ++i) sink_.place(chunks[i], encoded.chunks[i]);
  if (levels_) levels_->take(encoded.bytes);
}

void ChunkStream::put(int64_t offset, std::span<const std::byte> raw, int threads) {
  const Region layer = sink_.grid().layer_at(offset / pixel_bytes_);
  const std::vector<int64_t> chunks = chunks_at(offset);
  const auto encoded_now = [&](int64_t chunk) {
    std::vector<std::byte> pixels;
    return encoded_chunk(chunk, layer, raw, pixels);
  };
  if (sink_.places_on_threads()) {
    const auto at = [&](int64_t i) { return chunks[static_cast<size_t>(i)]; };
    return parallel_for(std::ssize(chunks), threads,
                        [&](int64_t i) { sink_.place(at(i), encoded_now(at(i))); });
  }
  const auto most = static_cast<size_t>(threads);
  for (size_t first = 0; first < chunks.size(); first += most) {
    const auto some = std::span(chunks).subspan(first, std::min(most, chunks.size() - first));
    std::vector<std::vector<std::byte>> encoded(some.size());
    parallel_for(std::ssize(some), threads, [&](int64_t i) {
      const auto at = static_cast<size_t>(i);
      encoded[at] = encoded_now(some[at]);
    });
    for (size_t i = 0; i < some.size(); ++i) sink_.place(some[i], encoded[i]);
  }
}

}  // namespace swr
