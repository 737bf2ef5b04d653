// Reads pixels that other programs stored as a linear sequence in blocks of bytes, which need not
// end where rows or pixels do.
#pragma once

#include <memory>

#include "stores/open_store.h"
#include "stores/pixels.h"

namespace swr {

// Requires: layout.stored_chunks, and a grid of one axis, the bytes of the sequence. Fails as
// read_stored_chunks() does (stores/stored_chunks_reader.h).
std::unique_ptr<PixelReader> read_stored_blocks(const Layout& layout, const ReadOptions& options);

}  // namespace swr
