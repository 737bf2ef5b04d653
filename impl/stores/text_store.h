// Reads pixels that are decimal numbers: MetaImage's BinaryData = False, NRRD's encoding text.
#pragma once

#include <memory>

#include "storage/open_files.h"
#include "stores/store.h"

namespace swr {

// For Text. The bytes of the sequence are numbers of its component type in the layout's byte order.
// A read continues where the last one ended, and starts from the beginning to go back. Memory does
// not grow with the image. `files`: where the files are open already, if they are.
// SWR_ERROR_NOT_FOUND, SWR_ERROR_UNSUPPORTED.
std::unique_ptr<ReadStore> open_text_store(const Layout& layout, OpenFiles* files = nullptr);

}  // namespace swr
