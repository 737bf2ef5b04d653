// The compressors of VTK's XML files that swr reads.
#pragma once

#include <string_view>

#include "image/stored_chunks.h"

namespace swr {

struct VtiCompressor {
  std::string_view name;  // in the header
  const char* method;     // for messages
  const char* encoding;   // what users call it
  ChunkFilter::Kind kind;
};

// nullptr if swr has none of that name.
const VtiCompressor* find_vti_compressor(std::string_view name);

}  // namespace swr
