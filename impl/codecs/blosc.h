// Encodes and decodes chunks of Blosc (github.com/Blosc/c-blosc, README_CHUNK_FORMAT.rst) in
// memory, by libblosc, on the calling thread. A chunk begins with 16 bytes:
//   [version 1][version of the compressor 1][flags 1][bytes of an element 1]
//   [raw bytes 4][bytes of a block 4][bytes of the chunk 4], little-endian
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swr {

// Whether the library was built with libblosc.
bool has_blosc();

// More raw bytes do not fit a chunk, whose sizes are of 31 bits.
inline constexpr int64_t most_blosc_bytes = (int64_t{1} << 31) - 1 - 16;

enum class BloscShuffle { none = 0, bytes = 1, bits = 2 };

struct BloscSettings {
  std::string compressor = "zstd";  // or "lz4", "lz4hc", "blosclz", "zlib", "snappy"
  int level = 1;                    // 0 to 9; 0 stores the bytes as they are
  BloscShuffle shuffle = BloscShuffle::bytes;
  int element_bytes = 1;    // 1 to 255
  int64_t block_bytes = 0;  // 0: as libblosc chooses

  bool operator==(const BloscSettings&) const = default;
};

// Whether there is a compressor of this name.
bool is_blosc_compressor(std::string_view name);
// Whether this libblosc has it.
bool has_blosc_compressor(std::string_view name);

// The same input gives the same chunk. Requires: has_blosc(), has_blosc_compressor(), and not more
// than most_blosc_bytes. Thread-safe.
std::vector<std::byte> encode_blosc(const BloscSettings& settings, std::span<const std::byte> raw);
// The longest possible chunk of so many bytes.
int64_t longest_blosc(int64_t raw_bytes);
// The compressor that decoding this chunk needs and that libblosc was built without or does not
// know; empty if there is none such, or if the bytes are no chunk of so many raw bytes.
std::string missing_blosc_compressor(std::span<const std::byte> stored, int64_t raw_bytes);
// As decode_lzw(), but nothing may follow the chunk. Requires: has_blosc(). Thread-safe.
const char* decode_blosc(std::span<const std::byte> stored, std::span<std::byte> out);

}  // namespace swr
