// Reads pixels in bzip2 streams from the front; going back means starting again.
#pragma once

#include <memory>

#include "image/layout.h"
#include "stores/store.h"

namespace swr {

// Requires: the layout's storage is Bzip2.
std::unique_ptr<ReadStore> open_bzip2_store(const Layout& layout);

}  // namespace swr
