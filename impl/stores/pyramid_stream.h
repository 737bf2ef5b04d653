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

  // Takes the pixels of the image's layers, in their order, on one thread at a time.
  void take(std::span<const std::byte> layer);

  // The memory that waits, and what each thread needs besides.
  struct Need {
    int64_t bytes = 0, bytes_of_thread = 0;
  };
  static Need need_of(const Layout& image);

 private:
  class Slices;
  class Level;

  void put(size_t level, std::span<const std::byte> pixels);

  std::unique_ptr<Slices> first_;
  std::vector<std::unique_ptr<Level>> levels_;
};

}  // namespace swr
