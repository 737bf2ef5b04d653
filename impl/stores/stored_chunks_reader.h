// Reads the pixels of files in which other programs stored chunks, as a list says
// (image/stored_chunks.h).
#pragma once

#include <memory>

#include "stores/open_store.h"
#include "stores/pixels.h"

namespace swr {

// Such files are only read.
PixelForm form_of_stored_chunks(const Layout& layout);

// Requires: layout.stored_chunks. All chunks are in the file of the first part. Fails if the file
// is missing; SWR_ERROR_UNSUPPORTED if this swr cannot decode the chunks. When a chunk is read,
// SWR_ERROR_MEMORY_LIMIT if it does not fit in the limit, SWR_ERROR_CORRUPT if it is damaged.
std::unique_ptr<PixelReader> read_stored_chunks(const Layout& layout, const ReadOptions& options);

}  // namespace swr
