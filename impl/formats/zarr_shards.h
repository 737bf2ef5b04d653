// Where the chunks of Zarr's shards are: the indices of shards that were read last are kept.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/lru_cache.h"
#include "base/mutex.h"
#include "formats/zarr_metadata.h"
#include "image/stored_chunks.h"
#include "storage/file.h"
#include "storage/file_state.h"

namespace swr {

class ZarrShardIndices {
 public:
  // `array` must outlive this. Requires: it has shards.
  explicit ZarrShardIndices(const ZarrArray& array);

  // Of a shard, in memory.
  int64_t index_bytes() const { return count_ * static_cast<int64_t>(sizeof(StoredChunk)); }
  // The place of a chunk, by its number in the shard; nothing if it is not stored.
  // SWR_ERROR_CORRUPT. Thread-safe.
  std::optional<StoredChunk> find(const File& shard, int64_t number);

 private:
  using Places = std::vector<StoredChunk>;
  struct Index {
    FileState shard;  // from before it was read
    std::shared_ptr<const Places> places;
  };
  static constexpr size_t most_kept = 16;

  std::shared_ptr<const Places> read(const File& shard) const;

  const ZarrShards& shards_;
  int64_t count_ = 1;  // chunks of a shard
  Mutex mutex_;
  LruCache<std::string, Index> kept_ SWR_GUARDED_BY(mutex_){most_kept};
};

}  // namespace swr
