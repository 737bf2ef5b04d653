// Encodes and decodes chunks of HDF5, which are stored full size at the ends of the image too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "formats/hdf5_chunk_form.h"
#include "image/layout.h"
#include "stores/chunk_decoder.h"
#include "stores/chunk_encoding.h"
#include "stores/deflate_options.h"

namespace swr {

class Hdf5ChunkCoder {
 public:
  // `layout` must outlive the coder. Requires: hdf5_chunk_form(layout), without `read_only`.
  Hdf5ChunkCoder(const Layout& layout, const DeflateOptions& deflate);

  // Thread-safe.
  std::vector<std::byte> encode(int64_t chunk, std::vector<std::byte>&& pixels) const;
  // SWR_ERROR_CORRUPT.
  void decode(int64_t chunk, std::vector<std::byte> stored, std::span<std::byte> pixels) const;

 private:
  Region stored_box(int64_t chunk) const;

  const Layout& layout_;
  const Hdf5ChunkForm& form_;
  const std::string path_;
  const ChunkEncoding encoding_;
  const ChunkDecoder decoder_;
};

}  // namespace swr
