// Reads an image whose smaller versions are part of its files.
#pragma once

#include <memory>

#include "stores/open_store.h"
#include "stores/pixels.h"

namespace swr {

using OpenPixels = std::unique_ptr<PixelReader> (*)(const Layout& layout,
                                                    const ReadOptions& options);

// The image's pixels; verify() verifies those of the levels too. `open` opens each of them. A
// layout without a pyramid is opened as it is.
std::unique_ptr<PixelReader> read_with_levels(const Layout& layout, const ReadOptions& options,
                                              OpenPixels open);

}  // namespace swr
