// Checks of blocks of a file of HDF5 that the library trusts, or does not bear when damaged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "formats/hdf5_driver.h"

namespace swr {

// The number of `width` bytes, at most 8, at a byte of these.
uint64_t hdf5_number(std::span<const std::byte> bytes, size_t at, size_t width);

// The checksum of HDF5's metadata: Jenkins' hash "lookup3" (HDF5 File Format Specification,
// appendix A).
uint32_t hdf5_checksum(std::span<const std::byte> bytes);

// Of the beginning of an object's header of version 2:
//   "OHDR" version flags [times: 16] [limits: 4] [bytes of messages: 1 to 8] messages [checksum: 4]
struct Hdf5HeaderHead {
  int64_t messages_at = 0;  // 0: the beginning is too short
  uint64_t message_bytes = 0;
  bool has_order = false;  // each message has its number
};
Hdf5HeaderHead hdf5_header_head(std::span<const std::byte> block);

// Of a block that the library has read from `offset`. SWR_ERROR_CORRUPT. Other blocks pass.
void check_hdf5_heap(std::span<const std::byte> block);
// `block` may be the beginning alone; the rest, and where it is continued, is read from the file.
void check_hdf5_object_header(Hdf5Bytes& file, int64_t offset, std::span<const std::byte> block);

}  // namespace swr
