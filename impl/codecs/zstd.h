// Encodes and decodes Zstandard frames (RFC 8878) in memory, by libzstd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace swr {

// Whether the library was built with libzstd.
bool has_zstd();

// As decode_lzw(), but nothing may follow the last frame. Requires: has_zstd().
const char* decode_zstd(std::span<const std::byte> stored, std::span<std::byte> out);

// Makes frames with a checksum. Not thread-safe. The same bytes give the same frame, whatever was
// encoded before. Requires: has_zstd().
class ZstdEncoder {
 public:
  explicit ZstdEncoder(int level);
  ZstdEncoder(const ZstdEncoder&) = delete;
  ZstdEncoder& operator=(const ZstdEncoder&) = delete;
  ~ZstdEncoder();

  std::vector<std::byte> encode(std::span<const std::byte> raw);

 private:
  struct State;
  std::unique_ptr<State> state_;
};
// The longest possible frame of so many bytes, and the memory of an encoder of such frames.
int64_t longest_zstd(int64_t raw_bytes);
int64_t zstd_encoder_bytes(int level, int64_t raw_bytes);

}  // namespace swr
