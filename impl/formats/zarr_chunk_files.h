// Where the encoded chunks of a Zarr array go when it is written.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/zarr_chunks.h"
#include "storage/staged_tree.h"

namespace swr {

class ZarrChunkFiles {
 public:
  virtual ~ZarrChunkFiles() = default;
  // Whether many threads may place chunks at once, each another one.
  virtual bool places_on_threads() const { return false; }
  // A chunk may be placed again; the last one counts.
  virtual void place(const ZarrChunks::Stored& chunk, std::span<const std::byte> bytes) = 0;
  // The bytes of a chunk; nothing if it is not stored.
  virtual std::optional<std::vector<std::byte>> read(const ZarrChunks::Stored& chunk) = 0;
  // Completes the files.
  virtual void finish() = 0;
};

// `chunks` lives as long as the files.
using MakeZarrFiles = std::function<std::unique_ptr<ZarrChunkFiles>(const ZarrChunks& chunks)>;

// A file for each chunk. `within`: the folder of the array in `folder`, with a slash at the end, or
// empty. `folder` must outlive the files.
std::unique_ptr<ZarrChunkFiles> single_zarr_files(StagingFolder& folder, std::string within);

}  // namespace swr
