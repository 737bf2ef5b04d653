// Writes the chunks of a Zarr array into files of a folder that is being made, or that changes.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "formats/format.h"
#include "formats/zarr_chunk_files.h"

namespace swr {

// What an array that changes had before: a sink reads chunks that were not placed from there.
struct OldZarrPixels {
  std::unique_ptr<PixelReader> reader;  // null: every chunk that is read was placed
  Region region{};                      // that it has
};

// `make_files` is called once, at once. `complete` is called after the last chunk.
std::unique_ptr<ChunkSink> zarr_chunk_sink(const Layout& layout, const MakeZarrFiles& make_files,
                                           const WriteOptions& options,
                                           std::function<void()> complete, OldZarrPixels old = {});

// The memory for the indices of the shards of a new array, of all that its write has.
int64_t bytes_for_zarr_indices(const Layout& layout, int64_t memory);

std::unique_ptr<PixelSink> new_zarr_pixels(const NewFile& file, const NewFiles& files,
                                           const WriteOptions& options);

}  // namespace swr
