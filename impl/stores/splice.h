// Changes a foreign stream in place: the deflate blocks around the changed bytes are encoded anew,
// into exactly as many bits as they had.
#pragma once

#include "stores/deflate_blocks.h"

namespace swr {

// Not done if it does not fit, or if the stream is one that cannot be changed so: several members,
// bytes behind the trailer, an image that grows.
DeflateResult splice_stream(const Layout& layout, const DeflateUpdate& update, InPlace& change,
                            int file, StoreCounters& counters);

}  // namespace swr
