// The smaller versions of the pages of a new TIFF file (tag 330 of each page).
#pragma once

#include <memory>
#include <vector>

#include "formats/format.h"
#include "formats/tiff_directory.h"

namespace swr {

struct NewTiffLevel {
  TiffForm form;
  StoredChunks chunks;
};

// None if none are asked for. `page`: the form of the pages, whose chunks have their shape.
// Requires: request.storage is Chunked. SWR_ERROR_UNSUPPORTED if there cannot be so many.
std::vector<NewTiffLevel> new_tiff_levels(const Image& image, const NewFileRequest& request,
                                          const TiffForm& page);
// The same for the layout of the image, which has so many pages; null if there are none.
std::shared_ptr<const Pyramid> new_tiff_pyramid(const std::vector<NewTiffLevel>& levels,
                                                const Image& image, PyramidMethod method,
                                                const Layout& layout, int64_t pages);
// The layout of chunks of this form that have no places yet. `whole`: that of the image.
Layout new_tiff_layout(const Layout& whole, const TiffForm& form, const StoredChunks& chunks,
                       int64_t pages);

}  // namespace swr
