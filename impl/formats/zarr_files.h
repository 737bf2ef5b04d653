// Which files of chunks are in the folder of a Zarr array.
#pragma once

#include <functional>

#include "formats/zarr_chunks.h"

namespace swr {

// Visits each file of a chunk or shard of the array: its number along each axis, the slowest first.
// The numbers may be beyond the ends of the array.
void visit_zarr_files(const ZarrStorage& storage,
                      const std::function<void(const ZarrShape& place)>& visit);

}  // namespace swr
