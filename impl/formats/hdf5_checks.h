// Checks of blocks of a file of HDF5 that the library trusts, or does not bear when damaged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "formats/hdf5_driver.h"

namespace swr {

// Of a block that the library has read from `offset`. SWR_ERROR_CORRUPT. Other blocks pass.
void check_hdf5_heap(std::span<const std::byte> block);
// `block` may be the beginning alone; the rest, and where it is continued, is read from the file.
void check_hdf5_object_header(Hdf5Bytes& file, int64_t offset, std::span<const std::byte> block);

}  // namespace swr
