// Reads and fills regions of any size piece by piece, through one buffer of bounded size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "image/runs.h"
#include "plan/coverage.h"
#include "stores/pixels.h"

namespace swr {

// Called with the packed pixels of a region.
using WritePixels = std::function<void(const Region&, const std::byte*)>;

// Writes the fill value wherever `written` does not cover the image. `fill` is one component in the
// file's byte order; the buffer has about `most_bytes`.
void fill_gaps(const WritePixels& write, const LinearOrder& order, const Coverage& written,
               std::span<const std::byte> fill, int64_t most_bytes);

// Reads the box and passes it to `take` piece by piece, packed; `swap` reverses the byte order.
void read_in_pieces(PixelReader& from, const LinearOrder& order, const Region& box, bool swap,
                    int64_t most_bytes, const WritePixels& take);

}  // namespace swr
