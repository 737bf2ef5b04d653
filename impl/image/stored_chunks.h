// The chunks of an image in a file that another program wrote: where each is, and what was done to
// its pixels before they were stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace swr {

// One thing that was done to the bytes of a chunk.
struct ChunkFilter {
  enum class Kind {
    zlib,  // compressed
    gzip,
    lzw,
    packbits,
    zstd,
    lz4,        // one block
    sized_lz4,  // the raw size in 4 bytes, little-endian, and one block
    xz,
    lzf,
    blosc,
    differences,        // of samples (codecs/predictor.h)
    float_differences,  // the same, of floating numbers
    half_floats,        // widened to float32; the last one, whatever is stored has half the bytes
    shuffle,            // bytes of one significance together
    fletcher32,         // a checksum follows
    crc32c              // the same, of another kind
  };
  Kind kind = Kind::zlib;
  int64_t sample_bytes = 1;  // of differences: 1, 2, 4 or 8; of shuffle
  int64_t row_samples = 1;   // of differences, which begin again in each row
  int64_t distance = 1;      // of differences
};

// A stretch of the file. Without bytes: the chunk is not stored, and its pixels have the fill
// value.
struct StoredChunk {
  int64_t offset = 0, bytes = 0;
};

struct StoredChunks {
  const char* encoding = "none";  // what users call it
  std::string noun = "chunk";     // what the format calls one
  std::string read_only{};        // why pixels cannot be changed
  bool has_whole_edges = false;   // chunks at the far ends are stored full size, else cut off
  bool has_planes = false;        // each component is stored in chunks of its own
  // In the order in which they are undone: the last one that was applied is the first one. One of
  // them compresses, at most.
  std::vector<ChunkFilter> filters{};
  // In the order of the grid; with planes, the components of a chunk follow one another.
  std::vector<StoredChunk> chunks{};
  // Where base64 begins whose decoded bytes the places count; -1: they are places in the file.
  int64_t base64_begin = -1;
  std::vector<std::byte> fill{};  // a component in the file's byte order; empty: zeros
};

}  // namespace swr
