// Undoes what was done to the pixels of a chunk before they were stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "image/stored_chunks.h"

namespace swr {

class ChunkDecoder {
 public:
  // `pixel_bytes`: of each chunk, decoded. SWR_ERROR_UNSUPPORTED, naming the file at `path`, if
  // this swr cannot decode them. The filters must outlive the decoder.
  ChunkDecoder(std::span<const ChunkFilter> filters, bool big_endian, const std::string& path);

  // Why so many stored bytes cannot be a chunk of so many bytes; nullptr if they can. Nothing needs
  // to be allocated before that is known.
  const char* flaw_of_sizes(int64_t stored_bytes, int64_t chunk_bytes) const;
  // How many of the stored bytes are needed. Requires: the sizes have no flaw.
  int64_t needed(int64_t stored_bytes, int64_t chunk_bytes) const;
  // Decodes `bytes` in place into a chunk of `chunk_bytes`; nullptr, or what is wrong with them.
  // SWR_ERROR_UNSUPPORTED if the chunk tells of a compressor that this swr has not. Thread-safe.
  const char* decode(std::vector<std::byte>& bytes, int64_t chunk_bytes) const;

 private:
  int64_t widening() const;
  void refuse_missing_compressor(std::span<const std::byte> chunk, int64_t raw_bytes) const;
  const char* undo(const ChunkFilter& filter, std::vector<std::byte>& bytes, int64_t after) const;

  std::span<const ChunkFilter> filters_;
  bool big_endian_;
  std::string path_;
};

}  // namespace swr
