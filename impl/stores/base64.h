// Reads bytes that a file has as base64, without line ends: any stretch of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/checked.h"
#include "storage/file.h"

namespace swr {

// How many characters so many bytes have.
inline int64_t base64_characters(int64_t bytes) {
  return checked_multiply(bytes / 3 + (bytes % 3 != 0 ? 1 : 0), 4);
}

// Bytes `offset` and following of those that are encoded from byte `begin` of the file. False if
// there are characters of another kind among theirs, or fewer bytes than that.
bool read_base64(const File& file, int64_t begin, int64_t offset, std::span<std::byte> out);

}  // namespace swr
