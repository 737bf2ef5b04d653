// Reads regions of an image in chunks: what the readers of chunked formats have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/lru_cache.h"
#include "stores/open_store.h"
#include "stores/pixels.h"

namespace swr {

class ChunkedReader : public PixelReader {
 public:
  void read(const Region& region, std::span<std::byte> out) override;
  bool notices_changes() const override { return false; }
  void verify() override;

 protected:
  struct Means {
    int threads = 1;
    int64_t most_kept = 0;  // chunks
  };
  // What the options allow for chunks that take so many bytes each. A thread needs twice that.
  static Means means_for(int64_t chunk_bytes, const ReadOptions& options);

  // Chunks that a region touches only in part are kept: the next read often wants the rest. Keep
  // none of a file that others may change in place: the default.
  ChunkedReader(const Grid& grid, int64_t pixel_bytes);
  ChunkedReader(const Grid& grid, int64_t pixel_bytes, const Means& means);

  const Grid& grid() const { return grid_; }
  int64_t pixel_bytes() const { return pixel_bytes_; }
  // The pixels of a chunk, whose box this is, packed. Thread-safe if there are several threads.
  virtual std::vector<std::byte> pixels_of(int64_t chunk, const Region& box) const = 0;
  // Whether the pixels that were kept of a chunk are still those of the file. Chunks that change
  // together with a header need no look: the image is then opened again.
  virtual bool is_current(int64_t /*chunk*/) const { return true; }

 private:
  using Kept = LruCache<int64_t, std::vector<std::byte>>;

  void read_some(std::span<const int64_t> chunks, const Region& region, std::span<std::byte> out);

  const Grid grid_;
  const int64_t pixel_bytes_;
  const Means means_;
  Kept kept_;
};

}  // namespace swr
