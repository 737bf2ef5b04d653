// Pixels in bzip2 streams: read from the front to the back, and again from the front for what lies
// before.
#pragma once

#include <memory>

#include "image/layout.h"
#include "stores/store.h"

namespace swr {

// Requires: the layout's storage is Bzip2.
std::unique_ptr<ReadStore> open_bzip2_store(const Layout& layout);

}  // namespace swr
