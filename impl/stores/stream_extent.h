// The position of a compressed stream in its file.
#pragma once

#include <cstdint>

#include "image/layout.h"
#include "storage/file.h"

namespace swr {

struct StreamExtent {
  int64_t begin = 0;
  int64_t bytes = 0;
  int64_t end() const { return begin + bytes; }
};

// Requires: the layout has one part. SWR_ERROR_CORRUPT if the file is shorter than the header says.
StreamExtent stream_extent(const File& file, const Layout& layout);

}  // namespace swr
