// Decodes Zstandard frames (RFC 8878) in memory, by libzstd.
#pragma once

#include <cstddef>
#include <span>

namespace swr {

// Whether the library was built with libzstd.
bool has_zstd();

// As decode_lzw(), but nothing may follow the last frame. Requires: has_zstd().
const char* decode_zstd(std::span<const std::byte> stored, std::span<std::byte> out);

}  // namespace swr
