// New files of shards: chunks are appended to the file of their shard as they come, and the index
// follows the last one. A chunk that is placed again gets its old room if it fits.
//
// Only so many indices are in memory as the limit allows. Those of further shards are written to
// their files before the next one is opened, and read again if one more chunk comes, which then
// gets the room of the index.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "formats/zarr_chunk_files.h"
#include "formats/zarr_shards.h"

namespace swr {

class ZarrNewShards final : public ZarrChunkFiles {
 public:
  // `folder`, `within`: as in single_zarr_files(). `old_folder`: that of an existing array whose
  // shards are written again. `memory`: for indices; one of them is always in memory.
  ZarrNewShards(const ZarrArray& array, StagingFolder& folder, std::string within,
                std::string old_folder, int64_t memory);

  // Chunks of the shard that are not placed are copied from the old one, as they are stored.
  void keep_old(const std::string& key) { kept_.insert(key); }

  void place(const ZarrChunks::Stored& chunk, std::span<const std::byte> bytes) override;
  std::optional<std::vector<std::byte>> read(const ZarrChunks::Stored& chunk) override;
  void finish() override;

 private:
  struct Shard {
    ZarrShardIndex::Places places;
    int64_t end = 0;  // of the last chunk
  };

  std::string name_of(const std::string& key) const { return within_ + key; }
  Shard& open(const std::string& key);
  void complete(const std::string& key, Shard& shard);
  void copy_kept(const std::string& key, Shard& shard);

  const ZarrShardIndex index_;
  StagingFolder& folder_;
  const std::string within_, old_folder_;
  const size_t most_open_;
  std::map<std::string, Shard> open_;
  std::set<std::string> made_, kept_;
};

}  // namespace swr
