#include "formats/zarr_chunk_files.h"

#include <utility>

#include "formats/zarr_shards.h"

namespace swr {
namespace {

class SingleFiles final : public ZarrChunkFiles {
 public:
  SingleFiles(StagingFolder& folder, std::string within)
      : folder_(folder), within_(std::move(within)) {}

  bool places_on_threads() const override { return true; }

  void place(const ZarrChunks::Stored& chunk, std::span<const std::byte> bytes) override {
    folder_.put(within_ + chunk.key, bytes);
  }

  std::optional<std::vector<std::byte>> read(const ZarrChunks::Stored& chunk) override {
    const File file = folder_.open(within_ + chunk.key);
    return read_stored_chunk(file, {0, file.size()});
  }

  void finish() override {}

 private:
  StagingFolder& folder_;
  const std::string within_;
};

}  // namespace

std::unique_ptr<ZarrChunkFiles> single_zarr_files(StagingFolder& folder, std::string within) {
  return std::make_unique<SingleFiles>(folder, std::move(within));
}

}  // namespace swr
