// What the headers of the tests' chunked formats have in common: lines of text about the image and
// its grid of chunks.
#pragma once

#include <istream>
#include <string>

#include "formats/format.h"

namespace swr::chunks {

inline constexpr int most_axes = 7;

struct ChunkSource final : SourceHeader {
  std::vector<std::string> own_fields() const override { return {}; }
};

// The grid of a new image; of one that is written again, the chunks keep their shape.
Grid grid_of(const Image& image, const Layout* rewritten);
// The linear order of the pixels, and the grid; without parts.
Layout layout_of(const Image& image, const Grid& grid);

std::string lines_of(const Image& image, const Grid& grid);
// The image of such lines. SWR_ERROR_CORRUPT.
Image read_lines(std::istream& in, const std::string& path, Grid& grid);

}  // namespace swr::chunks
