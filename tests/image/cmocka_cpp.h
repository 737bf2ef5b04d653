// CMocka from C++, and what the tests of this room share.
#pragma once

// cmocka.h needs the others in front of it.
// clang-format off
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <csetjmp>
extern "C" {
#include <cmocka.h>
}
// clang-format on

#include "image/region.h"

namespace swr {

inline Region region_of(std::initializer_list<int64_t> index, std::initializer_list<int64_t> size) {
  Region region;
  region.dimensions = static_cast<int>(size.size());
  std::copy(index.begin(), index.end(), region.index.begin());
  std::copy(size.begin(), size.end(), region.size.begin());
  return region;
}

}  // namespace swr
