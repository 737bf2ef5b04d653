// Headers can name any file for their pixels: the same one twice, or that of the header itself.
#pragma once

#include <string>

#include "formats/format.h"
#include "stores/contiguous.h"

namespace swr {

// SWR_ERROR_UNSUPPORTED if bytes of a file would be the pixels of two places of the image, or pixels
// and header: a change of the one would change the other. `file` is raw, its header at `path`.
void refuse_shared_bytes(const std::string& path, const Description& file, OpenFiles& files);

}  // namespace swr
