// The chunks of an image: boxes of one shape, clipped at the far ends of the image. Chunks are
// numbered like pixels: axis 0 is fastest.
#pragma once

#include <cstdint>
#include <vector>

#include "image/region.h"

namespace swr {

struct Grid {
  int dimensions = 0;
  Index size{};   // of the image, in pixels
  Index chunk{};  // of a whole chunk

  int64_t chunks_along(int axis) const;
  int64_t count() const;
  // The position of a chunk in the grid, along each axis.
  Index place_of(int64_t number) const;
  // The pixels of a chunk.
  Region box(int64_t number) const;
  // The pixels of the first chunk; no other has more.
  int64_t chunk_pixels() const { return box(0).pixels(); }
  // The chunks that overlap the region, in ascending order.
  std::vector<int64_t> chunks_of(const Region& region) const;

  // A layer is a stretch of the linear pixel sequence that completes a row of chunks, and no part
  // of others: as many slices as a chunk has along the slowest axis along which chunks are longer
  // than 1. This is that of the longest one.
  int64_t layer_pixels() const;
  // The layer that holds this pixel of the linear sequence.
  Region layer_at(int64_t pixel) const;
  // The first pixel after that layer.
  int64_t layer_end(int64_t pixel) const;

 private:
  int layer_axis() const;
};

}  // namespace swr
