// Decodes PackBits, runs of equal bytes (TIFF 6.0, section 9; Apple's Technical Note 1023).
#pragma once

#include <cstddef>
#include <span>

namespace swr {

// As decode_lzw().
const char* decode_packbits(std::span<const std::byte> stored, std::span<std::byte> out);

}  // namespace swr
