// Changes a foreign stream in place: the deflate blocks around the changed bytes are re-encoded
// into exactly as many bits as before.
#pragma once

#include "stores/deflate_blocks.h"

namespace swr {

// The result is not `done` if the change does not fit, or if the stream cannot be spliced: several
// members, bytes after the trailer, an image that grows.
// Also not `done` without a look at the stream if the effort is not worth it, and if the stream was
// spliced before: its second change makes it slotted, and all later ones are cheap.
DeflateResult splice_stream(const Layout& layout, const DeflateUpdate& update, InPlace& change,
                            int file, StoreCounters& counters);

}  // namespace swr
