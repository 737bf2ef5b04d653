// The XML of VTK's XML image data without the values that are written between its tags.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "storage/file.h"

namespace swr {

// Values of an array of points or cells, as text or in base64: bytes of the file.
struct VtiInline {
  size_t at = 0;               // in VtiDocument::text, the end of the array's start tag
  int64_t begin = 0, end = 0;  // from the first character that is no blank
};

struct VtiDocument {
  std::string text;  // up to the start tag of the appended data, or to the end of the file
  std::vector<VtiInline> values{};
  int64_t end = 0;  // the file's first byte after the text
};

// The file is read up to the appended data, in memory of `text` alone. SWR_ERROR_CORRUPT if that
// would be longer than most_header_bytes. Whether it is well-formed is not looked at.
VtiDocument read_vti_document(const File& file);

}  // namespace swr
