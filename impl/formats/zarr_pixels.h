// Reads the chunks of a Zarr array: a file holds one, or those of a shard. What is not stored has
// the fill value.
#pragma once

#include <memory>

#include "image/layout.h"
#include "stores/open_store.h"
#include "stores/pixels.h"

namespace swr {

PixelForm form_of_zarr_pixels(const Layout& layout, const FormOptions& options);
std::unique_ptr<PixelReader> read_zarr_pixels(const Layout& layout, const ReadOptions& options);

}  // namespace swr
