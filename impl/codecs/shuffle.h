// HDF5's shuffle filter (number 2 in the HDF5 File Format Specification, IV.A.2.l): the
// first bytes of all elements are together, then their second bytes, and so on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace swr {

// Bytes after the last whole element stay where they are.
// Requires: as many bytes in both, which do not overlap.
void make_shuffle(int64_t element_bytes, std::span<const std::byte> plain,
                  std::span<std::byte> shuffled);
void undo_shuffle(int64_t element_bytes, std::span<std::byte> bytes);

}  // namespace swr
