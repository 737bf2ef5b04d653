// Decodes one LZ4 block (github.com/lz4/lz4, doc/lz4_Block_format.md) in memory, by liblz4.
#pragma once

#include <cstddef>
#include <span>

namespace swr {

// Whether the library was built with liblz4.
bool has_lz4();

// As decode_lzw(), but nothing may follow the block. A block has no checksum. Requires: has_lz4().
const char* decode_lz4(std::span<const std::byte> stored, std::span<std::byte> out);

}  // namespace swr
