// The text of headers for files of pixels that have none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "swr/swr.h"

namespace swr::tool {

struct RawPixels {
  std::string file;           // its name, relative to the header
  std::vector<int64_t> size;  // axis 0 is stored contiguously
  swr_component component = SWR_COMPONENT_UNKNOWN;
  int components = 1;  // interleaved
  int64_t offset = 0;  // bytes before the first pixel
  bool big_endian = false;
  std::vector<double> spacing, origin;  // one number for each axis, in mm
};

// https://teem.sourceforge.net/nrrd/format.html
std::string nrrd_header(const RawPixels& pixels);
// https://itk.org/Wiki/ITK/MetaIO/Documentation
std::string metaimage_header(const RawPixels& pixels);

}  // namespace swr::tool
