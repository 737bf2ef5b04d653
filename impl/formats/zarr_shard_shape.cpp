#include "formats/zarr_shard_shape.h"

#include <algorithm>

#include "base/checked.h"
#include "base/error.h"
#include "formats/zarr_metadata.h"

namespace swr {
namespace {

constexpr const char* option = "the option zarr.shard";
constexpr int64_t usual_bytes = int64_t{32} << 20;

int64_t pixels_of(const Index& shape, int dimensions) {
  int64_t pixels = 1;
  for (int axis = 0; axis < dimensions; ++axis) pixels = checked_multiply(pixels, shape[axis]);
  return pixels;
}

// The divisor of the shard's size that differs least from the chunk's size, as a factor.
int64_t nearest_divisor(int64_t shard, int64_t chunk) {
  int64_t nearest = shard;
  double least = 0;
  const auto consider = [&](int64_t divisor) {
    const auto [smaller, larger] = std::minmax(divisor, chunk);
    const double factor = static_cast<double>(smaller) / static_cast<double>(larger);
    if (factor <= least) return;
    least = factor;
    nearest = divisor;
  };
  for (int64_t divisor = 1; divisor <= shard / divisor; ++divisor) {
    if (shard % divisor != 0) continue;
    consider(divisor);
    consider(shard / divisor);
  }
  return nearest;
}

// Longer along all axes in turn, the faster ones first, as long as the image goes on.
Index usual_shard(const Grid& grid, int64_t pixel_bytes) {
  Index shard = grid.chunk;
  const int64_t most = std::max<int64_t>(1, usual_bytes / pixel_bytes);
  const auto double_along = [&](int axis) {
    Index longer = shard;
    longer[axis] = std::min(2 * shard[axis],
                            round_down(grid.size[axis] + grid.chunk[axis] - 1, grid.chunk[axis]));
    if (longer[axis] == shard[axis] || pixels_of(longer, grid.dimensions) > most) return false;
    shard = longer;
    return true;
  };
  for (bool grows = true; grows;) {
    grows = false;
    for (int axis = 0; axis < grid.dimensions; ++axis) grows = double_along(axis) || grows;
  }
  return shard;
}

// Of the shape that is asked for; as long as a chunk along axes without a number.
Index asked_shard(const ZarrShardRequest& request, const Index& asked, const Grid& grid,
                  const std::string& path) {
  if (std::ssize(request.shape) > grid.dimensions) {
    fail(SWR_ERROR_UNSUPPORTED, path, ": ", option, " has ", request.shape.size(),
         " numbers; the image has ", grid.dimensions, " dimensions");
  }
  Index shard = grid.chunk;
  for (int axis = 0; axis < std::ssize(request.shape); ++axis) {
    const int64_t size = request.shape[static_cast<size_t>(axis)];
    const int64_t chunk = asked[axis] > 0 ? asked[axis] : grid.chunk[axis];
    if (asked[axis] > 0 && size % chunk != 0) {
      fail(SWR_ERROR_UNSUPPORTED, path, ": ", option, " has ", size, " along ", axis_text(axis),
           ", which is no multiple of the ", chunk, " that a chunk has there (chunk.shape)");
    }
    shard[axis] = zarr_shard_size(size, grid.chunk[axis]);
  }
  return shard;
}

}  // namespace

int64_t zarr_shard_size(int64_t shard, int64_t chunk) {
  return std::max(chunk, round_down(shard, chunk));
}

Index chunk_in_zarr_shard(const Index& chunk, const ZarrShardRequest& request, int dimensions) {
  Index divisors = chunk;
  const auto axes = std::min<int64_t>(dimensions, std::ssize(request.shape));
  for (int axis = 0; axis < axes; ++axis)
    divisors[axis] = nearest_divisor(request.shape[static_cast<size_t>(axis)], chunk[axis]);
  return divisors;
}

Index zarr_shard_shape(const ZarrShardRequest& request, const Index& asked, const Grid& grid,
                       int64_t pixel_bytes, const std::string& path) {
  const Index shard = request.is_automatic ? usual_shard(grid, pixel_bytes)
                                           : asked_shard(request, asked, grid, path);
  int64_t chunks = 1, bytes = pixel_bytes;
  for (int axis = 0; axis < grid.dimensions; ++axis) {
    chunks = checked_multiply(chunks, shard[axis] / grid.chunk[axis]);
    bytes = checked_multiply(bytes, shard[axis]);
  }
  if (chunks <= most_zarr_shard_chunks && bytes <= most_zarr_file_bytes) return shard;
  fail(SWR_ERROR_UNSUPPORTED, path, ": ", option, " gives shards of ", chunks, " chunks and ",
       bytes, " bytes; swr reads ", most_zarr_shard_chunks, " chunks and ", most_zarr_file_bytes,
       " bytes at most");
}

}  // namespace swr
