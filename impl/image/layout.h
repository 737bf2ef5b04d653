// Where a file's pixels lie and how they are encoded: what a format's header says to a pixel store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "image/runs.h"

namespace swr {

enum class Encoding { raw, zlib, gzip, text };

// A file that holds a stretch of the linear sequence of pixels.
struct DataPart {
  std::string path;
  int64_t offset =
      0;  // first byte of the pixels, or of the compressed stream; -1: the last bytes of the file
  int64_t lines_to_skip = 0;  // text lines between `offset` and the data
  int64_t bytes = 0;          // bytes of pixels in this part, decoded
};

// A decimal number in a header that can be patched: `width` characters, blanks after the digits.
struct NumberField {
  int64_t offset = 0;
  int width = 0;
};

struct Layout {
  LinearOrder order;
  Encoding encoding = Encoding::raw;
  swr_component component =
      SWR_COMPONENT_UNKNOWN;  // what the numbers of Encoding::text are; known for text only, else not needed
  bool big_endian = false;
  std::vector<DataPart> parts;  // in linear order; one, unless the header lists several files
  int64_t stream_prefix = 0;    // bytes of each decompressed stream in front of the pixels
  int64_t stream_bytes =
      -1;  // length of the compressed stream if the header tells; else to the end of the file
  std::optional<NumberField> stream_bytes_field;  // where the header tells it
};

}  // namespace swr
