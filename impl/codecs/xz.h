// Decodes .xz streams (tukaani.org/xz/xz-file-format.txt), which hold LZMA2, in memory, by liblzma.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace swr {

// Of the encoder's window, which a decoder needs memory for. `xz -9` has 64 MiB.
inline constexpr int64_t most_xz_dictionary = int64_t{64} << 20;

// Whether the library was built with liblzma.
bool has_xz();

// As decode_lzw(). A stream of a larger dictionary is refused. Requires: has_xz().
const char* decode_xz(std::span<const std::byte> stored, std::span<std::byte> out);

}  // namespace swr
