// Decodes LZF as Marc Lehmann's liblzf defines it, which h5py compresses chunks of HDF5 with.
#pragma once

#include <cstddef>
#include <span>

namespace swr {

// As decode_lzw(), but nothing may follow. There is no mark at the end and no checksum.
const char* decode_lzf(std::span<const std::byte> stored, std::span<std::byte> out);

}  // namespace swr
