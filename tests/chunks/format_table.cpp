// The formats of the library, and the tests' own chunked ones.
#include <array>

#include "formats/format.h"

namespace swr {

#define SWR_FORMAT(name) extern const Format name##_format;
#include "formats/formats.def"
SWR_FORMAT(chunks)
SWR_FORMAT(boxes)
#undef SWR_FORMAT

std::span<const Format* const> all_formats() {
  static constexpr std::array table = {
#define SWR_FORMAT(name) &name##_format,
#include "formats/formats.def"
      SWR_FORMAT(chunks) SWR_FORMAT(boxes)
#undef SWR_FORMAT
  };
  return table;
}

}  // namespace swr
