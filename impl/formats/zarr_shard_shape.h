// How many chunks the shards of a new Zarr array have.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "image/grid.h"

namespace swr {

// What an application asks for.
struct ZarrShardRequest {
  bool is_automatic = false;     // of about 32 MiB
  std::vector<int64_t> shape{};  // in pixels, axis 0 first; empty: no shards

  bool has_shards() const { return is_automatic || !shape.empty(); }
};

// The chunks that the format would choose, with sizes that divide those of the shards.
Index chunk_in_zarr_shard(const Index& chunk, const ZarrShardRequest& request, int dimensions);

// The shape of a shard in pixels: what is asked for, and otherwise about 32 MiB. `asked`: the
// sizes of a chunk that the application asks for, 0 if it does not; `grid` has those of the array,
// which are no longer than the image. SWR_ERROR_UNSUPPORTED, naming `path`, if there are no such
// shards.
Index zarr_shard_shape(const ZarrShardRequest& request, const Index& asked, const Grid& grid,
                       int64_t pixel_bytes, const std::string& path);
// The longest size up to that of a shard which is a multiple of that of a chunk.
int64_t zarr_shard_size(int64_t shard, int64_t chunk);

}  // namespace swr
