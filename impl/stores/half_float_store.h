// Reads a sequence of floating numbers of 16 bits as one of float32.
#pragma once

#include <memory>

#include "stores/store.h"

namespace swr {

// The sequence of twice as many bytes, in the same byte order.
std::unique_ptr<ReadStore> widen_half_floats(std::unique_ptr<ReadStore> halves, bool big_endian);

}  // namespace swr
