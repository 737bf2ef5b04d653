// The table of formats. Some tests link another table instead, with a format of their own.
#include <array>

#include "formats/format.h"

namespace swr {

#define SWR_FORMAT(name) extern const Format name##_format;
#include "formats/formats.def"
#undef SWR_FORMAT

std::span<const Format* const> all_formats() {
  static constexpr std::array table = {
#define SWR_FORMAT(name) &name##_format,
#include "formats/formats.def"
#undef SWR_FORMAT
  };
  return table;
}

}  // namespace swr
