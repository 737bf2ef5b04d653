// What a file holds after the pixels of a compressed stream, which readers pass over.
#pragma once

#include <cstdint>

#include "image/layout.h"
#include "storage/open_files.h"

namespace swr {

struct StreamRest {
  int64_t in_stream = 0;     // inflated, after the pixels; counted up to 1 MiB
  int64_t after_stream = 0;  // after the end of the stream, which gzip ignores
};

// None unless the pixels are one compressed stream. Of one that the header gives no length of, and
// that does not end in the length of the pixels, as those of several gzip members, this inflates
// all. A damaged stream has no end, and so no rest. What follows the pixels is the format's own if
// the layout says that the stream has an open end.
StreamRest rest_of_stream(const Layout& layout, OpenFiles& files);

}  // namespace swr
