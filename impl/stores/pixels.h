// The interfaces of a pixel store by region. A format brings the stores of its pixels; those of
// linear sequences (store.h) are behind adaptors. Regions are in the image's own index space, whose
// first pixel has index 0; pixels are packed, with interleaved components, in the file's byte
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
  // The pixels as one linear sequence, where the store has one; else nullptr. It lives as long as
  // the reader.
  virtual ReadStore* sequence() { return nullptr; }
};

// Takes the chunks of an image that is written: all of a new one; of one that changes, those whose
// pixels change.
class PixelSink {
 public:
  virtual ~PixelSink() = default;
  virtual const Grid& grid() const = 0;
  // The stored form of a chunk's pixels. Pure; called on many threads at once.
  virtual std::vector<std::byte> encode(int64_t chunk, std::vector<std::byte> pixels) const = 0;
  // Stores what encode() gave. A chunk may come again, and the last one counts. One thread at a
  // time calls this and what follows.
  virtual void place(int64_t chunk, std::span<const std::byte> encoded) = 0;
  // The pixels of a chunk that was placed.
  virtual void read(int64_t chunk, std::span<std::byte> pixels) = 0;
  // What comes after the last chunk, such as an index.
  virtual void finish() = 0;
};

// Changes the pixels of an image where they are, under an undo journal, in any order.
class PixelChange {
 public:
  virtual ~PixelChange() = default;
  virtual void write(const Region& region, const std::byte* pixels) = 0;
};

}  // namespace swr
