// The interfaces of a pixel store by region. A format brings the stores of its pixels; adaptors
// give stores of linear sequences (store.h) these interfaces. Regions count from the image's first
// pixel, which has index 0. Pixels are packed, with interleaved components, in the file's byte
// order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "image/grid.h"
#include "image/region.h"
#include "stores/store.h"

namespace swr {

// Reads any region. Not thread-safe.
class PixelReader {
 public:
  virtual ~PixelReader() = default;
  virtual void read(const Region& region, std::span<std::byte> out) = 0;
  // As in ReadStore.
  virtual bool notices_changes() const { return true; }
  virtual void verify() = 0;
  virtual StoreFacts facts() const { return {}; }
  // The pixels as one linear sequence, if the store has one; else nullptr. It lives as long as the
  // reader.
  virtual ReadStore* sequence() { return nullptr; }
};

// Takes the chunks of an image that is written: all chunks of a new image, the changed ones of an
// existing image.
class PixelSink {
 public:
  virtual ~PixelSink() = default;
  virtual const Grid& grid() const = 0;
  // The stored form of a chunk's pixels. Pure; called on many threads at once.
  virtual std::vector<std::byte> encode(int64_t chunk, std::vector<std::byte> pixels) const = 0;
  // Stores the result of encode(). A chunk may be placed again; the last one counts. Requires: one
  // thread at a time calls this and the functions below.
  virtual void place(int64_t chunk, std::span<const std::byte> encoded) = 0;
  // The pixels of a chunk that was placed.
  virtual void read(int64_t chunk, std::span<std::byte> pixels) = 0;
  // Writes what follows the last chunk, such as an index.
  virtual void finish() = 0;
};

// Changes pixels of an image in place, under an undo journal, in any order.
class PixelChange {
 public:
  virtual ~PixelChange() = default;
  virtual void write(const Region& region, const std::byte* pixels) = 0;
};

}  // namespace swr
