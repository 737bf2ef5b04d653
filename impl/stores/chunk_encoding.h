// Does to the pixels of a chunk what ChunkDecoder undoes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "codecs/blosc.h"
#include "codecs/deflate_run.h"
#include "codecs/pool.h"
#include "codecs/zstd.h"
#include "image/stored_chunks.h"
#include "stores/deflate_options.h"

namespace swr {

// Whether swr can do all of this, and not only undo it.
bool can_encode(std::span<const ChunkFilter> filters);

class ChunkEncoding {
 public:
  // `level` and `engine` of the options count; of LZ4, the level is the acceleration, and Blosc has
  // settings of its own. The filters must outlive the encoding. Requires: can_encode(), and a
  // compressor that has_blosc_compressor() if Blosc is among the filters.
  ChunkEncoding(std::span<const ChunkFilter> filters, bool big_endian,
                const DeflateOptions& options, BloscSettings blosc = {});

  // The stored form of the pixels. Thread-safe; the same pixels always have the same form.
  // Works in the memory of the pixels, or takes it.
  std::vector<std::byte> encode(std::vector<std::byte>&& pixels) const;
  // The most bytes that so many pixels can take.
  int64_t longest(int64_t pixel_bytes) const;
  // The memory that each thread needs besides the pixels and their stored form.
  static int64_t encoder_bytes(std::span<const ChunkFilter> filters, int level,
                               int64_t pixel_bytes);

 private:
  std::vector<std::byte> compressed(const ChunkFilter& filter,
                                    std::span<const std::byte> bytes) const;
  void change(const ChunkFilter& filter, std::vector<std::byte>& bytes) const;
  void shuffle(int64_t element_bytes, std::vector<std::byte>& bytes) const;

  std::span<const ChunkFilter> filters_;
  bool big_endian_;
  int level_;
  BloscSettings blosc_;
  mutable EncoderPool deflate_;
  mutable Pool<ZstdEncoder> zstd_;
  mutable Pool<std::vector<std::byte>> spare_;
};

}  // namespace swr
