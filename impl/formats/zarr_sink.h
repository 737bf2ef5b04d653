// Writes the chunks of a Zarr array: each is a file in the folder that is being made.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "formats/format.h"

namespace swr {

// What an array that changes had before: a sink reads chunks that were not placed from there.
struct OldZarrPixels {
  std::unique_ptr<PixelReader> reader;  // null: every chunk that is read was placed
  Region region{};                      // that it has
};

// `within`: the folder of the array, relative to `folder`, with a slash at the end. `complete` is
// called after the last chunk. `folder` must outlive the sink.
std::unique_ptr<ChunkSink> zarr_chunk_sink(const Layout& layout, StagingFolder& folder,
                                           std::string within, const WriteOptions& options,
                                           std::function<void()> complete, OldZarrPixels old = {});

std::unique_ptr<PixelSink> new_zarr_pixels(const NewFile& file, const NewFiles& files,
                                           const WriteOptions& options);

}  // namespace swr
