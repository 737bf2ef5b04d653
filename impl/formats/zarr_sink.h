// Writes the chunks of a Zarr array into files of a folder that is being made, or that changes.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "formats/format.h"
#include "formats/zarr_chunk_files.h"

namespace swr {

// `make_files` is called once, at once. `complete` is called after the last chunk.
std::unique_ptr<ChunkSink> zarr_chunk_sink(const Layout& layout, const MakeZarrFiles& make_files,
                                           const WriteOptions& options,
                                           std::function<void()> complete);

// The memory for the indices of the shards of a new array, of all that its write has.
int64_t bytes_for_zarr_indices(const Layout& layout, int64_t memory);

std::unique_ptr<PixelSink> new_zarr_pixels(const NewFile& file, const NewFiles& files,
                                           const WriteOptions& options);

}  // namespace swr
