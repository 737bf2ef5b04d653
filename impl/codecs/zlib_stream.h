// Decodes whole streams of zlib (RFC 1950) and gzip (RFC 1952) in memory.
#pragma once

#include <cstddef>
#include <span>

namespace swr {

// As decode_lzw(). Bytes after the stream do not count: HDF5 leaves some where a chunk got smaller.
const char* decode_zlib(std::span<const std::byte> stored, std::span<std::byte> out);
// The same, of one member or several.
const char* decode_gzip(std::span<const std::byte> stored, std::span<std::byte> out);

}  // namespace swr
