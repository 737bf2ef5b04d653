// The strips and tiles of new TIFF files that are chunks.
#pragma once

#include <cstdint>
#include <limits>

#include "formats/format.h"
#include "formats/tiff_directory.h"

namespace swr {

inline constexpr int64_t most_strip_bytes = std::numeric_limits<int32_t>::max();

// Shape, compression and predictor of the form of a new file's pages. Requires: request.storage is
// Chunked; the rest of the form is known. SWR_ERROR_UNSUPPORTED for a shape that TIFF has not.
void take_tiff_shape(const Image& image, const NewFileRequest& request, TiffForm& form);
// What is done to the pixels of their chunks.
StoredChunks new_tiff_chunks(const Chunked& chunked, const TiffForm& form);
// The most bytes that the chunks of a page can take.
int64_t longest_tiff_page(const TiffForm& form, const StoredChunks& chunks);

}  // namespace swr
