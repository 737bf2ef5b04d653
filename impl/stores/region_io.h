// Reads and writes regions of pixels in the linear sequence of a store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "image/runs.h"
#include "stores/contiguous.h"
#include "stores/store.h"

namespace swr {

// Reads `region` (index 0 is the first pixel) packed, with interleaved components, in the file's
// byte order. Runs that are close together take one read, through a buffer of at most `span_bytes`.
void read_region(ReadStore& store, const LinearOrder& order, const Region& region, std::byte* out,
                 int64_t span_bytes = int64_t{1} << 20);

// Writes packed pixels of `region`, in the file's byte order.
void write_region(WriteStore& store, const LinearOrder& order, const Region& region,
                  const std::byte* pixels);

// The same, but only the pixels whose byte in the mask is not 0, in many small writes at a time.
// The mask has a byte for each pixel of the region, axis 0 fastest.
void write_selected(WriteStore& store, const LinearOrder& order, const Region& region,
                    const std::byte* pixels, std::span<const uint8_t> mask);

}  // namespace swr
