// Pixels of whole regions, some at a time through one buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "image/runs.h"
#include "plan/coverage.h"
#include "stores/pixels.h"

namespace swr {

// Takes packed pixels.
using WritePixels = std::function<void(const Region&, const std::byte*)>;

// Writes what `written` does not cover of an image of this order. `fill` is a component in the file's
// byte order; a buffer has about `most_bytes`.
void fill_gaps(const WritePixels& write, const LinearOrder& order, const Coverage& written,
               std::span<const std::byte> fill, int64_t most_bytes);

// Reads the box and gives it to `take`, packed, piece by piece; `swap` turns the byte order round.
void read_in_pieces(PixelReader& from, const LinearOrder& order, const Region& box, bool swap,
                    int64_t most_bytes, const WritePixels& take);

}  // namespace swr
