// The files of shards of an existing array of which chunks change. All of them change together,
// when the folder's change is committed (storage/folder_change.h):
//
//   made        a shard that is not there, or all of which is new: a new file, and the old one is
//               not read
//   rewritten   a shard of which most chunks change, or in which more than half would be bytes that
//               no chunk has any more: a new file, into which the other chunks are copied
//   lengthened  any other: the new chunks, and a new index, are written after the old index
//
// What lengthens a shard waits, encoded, until the commit.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "formats/zarr_chunk_files.h"
#include "formats/zarr_new_shards.h"
#include "formats/zarr_shards.h"
#include "storage/folder_change.h"
#include "stores/pixels.h"
#include "stores/scratch.h"

namespace swr {

class ZarrChangedShards final : public ZarrChunkFiles {
 public:
  // `changed`: the chunks of the image that will be placed, if they are known; others can be placed
  // too. Takes the turn of the change if the old content of a shard counts. `chunks` and `change`
  // must outlive the files. `within`: as in single_zarr_files().
  ZarrChangedShards(const ZarrChunks& chunks, FolderChange& change, std::string within,
                    const std::set<int64_t>& changed, const WriteOptions& options);

  void place(const ZarrChunks::Stored& chunk, std::span<const std::byte> bytes) override;
  std::optional<std::vector<std::byte>> read(const ZarrChunks::Stored& chunk) override;
  void finish() override;

  // Whether so many new chunks of all that a shard has make it a new file.
  static bool are_most(int64_t changed, int64_t all) { return 2 * changed > all; }

 private:
  enum class Way { undecided, made, rewritten, lengthened };
  // What waits, by the chunks' numbers in the shard.
  using Waiting = std::map<int64_t, Scratch::Stretch>;
  struct Shard {
    int64_t changed = 0;  // chunks
    Way way = Way::undecided;
    Waiting waiting{};
  };

  std::string path_of(const std::string& key) const;
  int64_t chunks_of(const std::string& key) const;
  Way way_of(const std::string& key, const Shard& shard) const;
  Shard& use(const std::string& key);
  std::vector<std::byte> waiting(const Scratch::Stretch& stretch) const;
  bool is_better_rewritten(const std::string& key, const Waiting& waiting, const File& old) const;
  void store_waiting(const std::string& key, Shard& shard);

  const ZarrChunks& chunks_;
  const ZarrShardIndex index_;
  FolderChange& change_;
  const std::string within_;
  ZarrNewShards new_;
  // Until the commit, which comes after the end of this.
  const std::shared_ptr<Scratch> encoded_;
  std::map<std::string, Shard> shards_;
};

// As forecast_chunk_change(), with the chunks that are copied, and the indices.
ChangeForecast forecast_zarr_change(const Layout& layout, const ChangeRequest& request);

}  // namespace swr
