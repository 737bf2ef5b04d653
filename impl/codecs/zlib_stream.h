// Decodes one whole zlib stream (RFC 1950) in memory.
#pragma once

#include <cstddef>
#include <span>

namespace swr {

// As decode_lzw(). Bytes after the stream do not count: HDF5 leaves some where a chunk got smaller.
const char* decode_zlib(std::span<const std::byte> stored, std::span<std::byte> out);

}  // namespace swr
