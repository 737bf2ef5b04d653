// Decodes LZW as TIFF has it (TIFF 6.0, section 13): codes of 9 to 12 bits, the most significant
// bit first, which get a bit longer one code earlier than the table needs it.
#pragma once

#include <cstddef>
#include <span>

namespace swr {

// Fills `out` with what `stored` holds: nullptr if that is exactly as much, else what is wrong, as
// words for a message. Bytes after the code that ends the stream do not count; a stream may end
// without that code. Pure.
const char* decode_lzw(std::span<const std::byte> stored, std::span<std::byte> out);

// Whether these are codes with the least significant bit first, which programs wrote before TIFF
// had a specification of LZW. decode_lzw() cannot read them.
bool is_old_lzw(std::span<const std::byte> stored);

}  // namespace swr
