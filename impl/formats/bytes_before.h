// Bytes of another program between a header and the pixels, such as those that NIfTI's vox_offset
// passes over, and after the pixels. No other file gets them: what would lose them is refused, and
// copies warn.
#pragma once

#include <cstdint>
#include <string>

#include "formats/format.h"

namespace swr {

// A header that knows where the format's own bytes stop.
class BoundedHeader : public SourceHeader {
 public:
  explicit BoundedHeader(int64_t end) : own_end(end) {}

  const int64_t own_end;  // in the header's file, inflated if the header is in the stream
};

// All bytes from the end of the header to the pixels that follow it in its file; 0 if they are
// zeros, which are padding, or if the header is no BoundedHeader. `path`: that of the image.
int64_t bytes_before(const std::string& path, const Description& file, OpenFiles& files);

// All bytes after the pixels in the same file, or in data files without a header, in their stream
// (up to 1 MiB) and after it, that are no part of the image; even zeros.
int64_t bytes_after(const std::string& path, const Description& file, OpenFiles& files);

// Whether the header passes over bytes in front of the pixels, in the first file or in its stream.
bool passes_over_bytes(const Layout& layout);

}  // namespace swr
