// Refuses data files whose bytes have a second use. A header can name any file as its data file:
// the same one twice, the header's own file, or another image.
#pragma once

#include <string>

#include "formats/format.h"

namespace swr {

// SWR_ERROR_UNSUPPORTED if a data file is an image by itself, with a header of its own: changing
// its bytes would damage that image. `header_path` is the layout's own header.
void refuse_other_images(const std::string& header_path, const Layout& layout, OpenFiles& files);

// The same, and SWR_ERROR_UNSUPPORTED if bytes of a file belong to two places of the image, or to
// pixels and header: changing one would change the other. SWR_ERROR_CORRUPT if a data file is too
// short, SWR_ERROR_NOT_FOUND if it is missing. `file` is raw, its header is at `path`. Opens each
// data file once, however many there are.
void check_raw_parts(const std::string& path, const Description& file, OpenFiles& files);

}  // namespace swr
