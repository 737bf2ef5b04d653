// Encodes and decodes whole streams of zlib (RFC 1950) and gzip (RFC 1952) in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/deflate_run.h"

namespace swr {

// As decode_lzw(). Bytes after the stream do not count: HDF5 leaves some where a chunk got smaller.
const char* decode_zlib(std::span<const std::byte> stored, std::span<std::byte> out);
// The same, of one member or several.
const char* decode_gzip(std::span<const std::byte> stored, std::span<std::byte> out);

// The same bytes give the same stream, whatever was encoded before.
std::vector<std::byte> encode_zlib(RunEncoder& encoder, std::span<const std::byte> raw);
std::vector<std::byte> encode_gzip(RunEncoder& encoder, std::span<const std::byte> raw);
// The longest possible stream of so many bytes.
int64_t longest_zlib(int64_t raw_bytes);
int64_t longest_gzip(int64_t raw_bytes);

}  // namespace swr
