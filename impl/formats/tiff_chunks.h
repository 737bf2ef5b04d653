// Strips and tiles that are not just rows of raw pixels: compressed ones, tiles, and files in which
// some are not stored.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "formats/tiff_source.h"

namespace swr {

// Whether the image's pages need this.
bool has_tiff_chunks(const TiffSource& source);

// The layout of the image's strips or tiles, but for its order. Requires: the pages are alike; the
// image has its size and pixel type. SWR_ERROR_UNSUPPORTED for what swr does not decode,
// SWR_ERROR_CORRUPT for a place without bytes.
Layout tiff_chunks(const TiffSource& source, const Image& image, const std::string& path);
// The smaller versions that swr has made of the image's pages; null if there are none.
// SWR_ERROR_CORRUPT if their pixels are not of the image's type, or their sizes no versions of it.
std::shared_ptr<const Pyramid> tiff_pyramid(const TiffSource& source, const Image& image,
                                            const std::string& path);

// What tag 259 says of chunks that swr writes.
int64_t tiff_compression_of(ChunkCodec codec);

}  // namespace swr
