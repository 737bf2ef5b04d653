// Where the chunks of Zarr's shards are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/lru_cache.h"
#include "base/mutex.h"
#include "formats/zarr_metadata.h"
#include "image/stored_chunks.h"
#include "storage/file.h"
#include "storage/file_state.h"

namespace swr {

// The index of a shard as it is in memory and in the file.
class ZarrShardIndex {
 public:
  // The place of each chunk; less than 0 bytes: it is not stored.
  using Places = std::vector<StoredChunk>;

  // Requires: the array has shards.
  explicit ZarrShardIndex(const ZarrArray& array);

  int64_t bytes() const { return count_ * static_cast<int64_t>(sizeof(StoredChunk)); }
  int64_t stored_bytes() const;
  Places empty() const;
  // SWR_ERROR_CORRUPT.
  Places read(const File& shard) const;
  std::vector<std::byte> stored(const Places& places) const;

 private:
  ZarrShards shards_;
  int64_t count_ = 1;  // chunks of a shard
};

// The bytes of a stored chunk, which has some.
std::vector<std::byte> read_stored_chunk(const File& file, const StoredChunk& place);

// Keeps the indices of shards that were read last.
class ZarrShardIndices {
 public:
  // `journals`: files of the image beside which changes of the array have their undo journals.
  ZarrShardIndices(const ZarrArray& array, std::vector<std::string> journals)
      : index_(array), journals_(std::move(journals)) {}

  // Of a shard, in memory.
  int64_t index_bytes() const { return index_.bytes(); }
  // The place of a chunk, by its number in the shard; nothing if it is not stored.
  // SWR_ERROR_CORRUPT. Thread-safe for different files.
  std::optional<StoredChunk> find(File& shard, int64_t number);

 private:
  using Places = ZarrShardIndex::Places;
  struct Index {
    FileState shard;  // from before it was read
    std::shared_ptr<const Places> places;
  };
  static constexpr size_t most_kept = 16;

  std::shared_ptr<const Places> places_of(File& shard);

  const ZarrShardIndex index_;
  const std::vector<std::string> journals_;
  Mutex mutex_;
  LruCache<std::string, Index> kept_ SWR_GUARDED_BY(mutex_){most_kept};
};

}  // namespace swr
