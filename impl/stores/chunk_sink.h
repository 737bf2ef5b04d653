// Where the chunks of an image that is written go: all chunks of a new image, or the changed ones
// of an existing image. A chunked format brings such a sink; chunked_pixels.h makes pixel stores of
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <vector>

#include "image/grid.h"

namespace swr {

class ChunkSink {
 public:
  virtual ~ChunkSink() = default;
  virtual const Grid& grid() const = 0;
  // The stored form of a chunk's pixels. Pure; called on many threads at once. Works in the memory
  // of the pixels, or takes it.
  virtual std::vector<std::byte> encode(int64_t chunk, std::vector<std::byte>&& pixels) const = 0;
  // Whether many threads may place chunks at once, each another one.
  virtual bool places_on_threads() const { return false; }
  // Stores the result of encode(). A chunk may be placed again; the last one counts. Requires: one
  // thread at a time calls this and the functions below, unless places_on_threads().
  virtual void place(int64_t chunk, std::span<const std::byte> encoded) = 0;
  // Whether chunks that are not placed have the fill value all the same.
  virtual bool absent_is_fill() const { return false; }
  // The pixels of a chunk that was placed.
  virtual void read(int64_t chunk, std::span<std::byte> pixels) = 0;
  // Writes what follows the last chunk, such as an index.
  virtual void finish() = 0;
};

// Makes the pixels of a chunk.
using ComposeChunk = std::function<void(int64_t chunk, std::span<std::byte> pixels)>;
// What the buffer holds before: nothing that counts, or the pixels of the chunk that was placed.
enum class ChunkBase { none, placed };
// Composes the chunks one by one on the caller's thread, encodes them on several threads, and
// places them in ascending order. The engine brings it.
using EncodeChunks = std::function<void(ChunkSink& sink, const std::set<int64_t>& chunks,
                                        ChunkBase base, const ComposeChunk& compose)>;

}  // namespace swr
