// Writes the chunks of a new Zarr array: each is a file in the folder that is being made.
#pragma once

#include <memory>

#include "formats/format.h"

namespace swr {

std::unique_ptr<PixelSink> new_zarr_pixels(const NewFile& file, const NewFiles& files,
                                           const WriteOptions& options);

}  // namespace swr
