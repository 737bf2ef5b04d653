// Reads pixels that are written as decimal numbers: MetaImage's BinaryData = False, NRRD's encoding
// text.
#pragma once

#include <memory>

#include "stores/store.h"

namespace swr {

// For Text. The sequence's bytes are numbers of its component in the layout's byte
// order. Reading goes on where the last read ended and starts anew if it goes back; memory does not
// grow with the image. SWR_ERROR_NOT_FOUND, SWR_ERROR_UNSUPPORTED.
std::unique_ptr<ReadStore> open_text_store(const Layout& layout);

}  // namespace swr
