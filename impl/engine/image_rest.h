// Counts what a file holds after the pixels of an image, while others may change the file.
#pragma once

#include <cstdint>
#include <string>

#include "formats/format.h"

namespace swr {

// bytes_after() of the image at `path`. `read`: what its header said when it was read last. A file
// that has grown since then has more bytes than that says, so the header is read again if there are
// any. 0 if the file keeps changing: all that can be said then is that they were not there for
// long.
// `dataset`: as in OpenFiles.
int64_t settled_bytes_after(const std::string& path, const Description& read,
                            const std::string& dataset);

}  // namespace swr
