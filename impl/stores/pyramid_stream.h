// Makes the smaller versions of a new image while its pixels go by, layer by layer.
//
//   image    | layer | layer | layer | ...      as the stream brings them
//   level 1  |     layer     |  waits ...       encoded and placed when it is complete
//   level 2  |        waits ...
//
// Of each level, a layer waits, and the pixels of the version before it that are to become its next
// slice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "stores/chunk_stream.h"
#include "stores/pyramid_sinks.h"

namespace swr {

class PyramidStream {
 public:
  // The arguments must outlive the stream. Requires: sizes are rounded up.
  PyramidStream(const Layout& image, PyramidSinks& sinks, int threads);
  PyramidStream(const PyramidStream&) = delete;
  PyramidStream& operator=(const PyramidStream&) = delete;
  ~PyramidStream();

  // What take() needs of a layer of the image. Thread-safe.
  std::vector<std::byte> prepare(const Region& layer, std::span<const std::byte> pixels) const;
  // Takes what prepare() returned, in the order of the layers, on one thread at a time.
  void take(std::span<const std::byte> prepared);

  // The memory that waits.
  static int64_t waiting_bytes(const Layout& image);

 private:
  class Slices;
  class Level;

  void put(size_t level, std::span<const std::byte> pixels);

  const Layout& image_;
  PyramidSinks& sinks_;
  const bool reduces_layers_;  // each layer makes whole pixels of the first level
  std::unique_ptr<Slices> first_;
  std::vector<std::unique_ptr<Level>> levels_;
};

}  // namespace swr
