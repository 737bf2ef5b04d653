#include "formats/zarr_new_shards.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace swr {

ZarrNewShards::ZarrNewShards(const ZarrArray& array, StagingFolder& folder, std::string within,
                             std::string old_folder, int64_t memory)
    : index_(array),
      folder_(folder),
      within_(std::move(within)),
      old_folder_(std::move(old_folder)),
      most_open_(static_cast<size_t>(std::max<int64_t>(1, memory / index_.bytes()))) {}

ZarrNewShards::Shard& ZarrNewShards::open(const std::string& key) {
  const auto known = open_.find(key);
  if (known != open_.end()) return known->second;
  if (open_.size() >= most_open_) finish();
  Shard shard{index_.empty()};
  if (!made_.insert(key).second) {
    const File file = folder_.open(name_of(key));
    shard = {index_.read(file), file.size() - index_.stored_bytes()};
  }
  return open_.emplace(key, std::move(shard)).first->second;
}

void ZarrNewShards::place(const ZarrChunks::Stored& chunk, std::span<const std::byte> bytes) {
  Shard& shard = open(chunk.key);
  StoredChunk& place = shard.places[static_cast<size_t>(chunk.in_shard)];
  if (place.bytes < std::ssize(bytes)) {
    place.offset = shard.end;
    shard.end += std::ssize(bytes);
  }
  place.bytes = std::ssize(bytes);
  folder_.write(name_of(chunk.key), place.offset, bytes);
}

std::optional<std::vector<std::byte>> ZarrNewShards::read(const ZarrChunks::Stored& chunk) {
  if (!made_.contains(chunk.key)) return std::nullopt;
  const StoredChunk& place = open(chunk.key).places[static_cast<size_t>(chunk.in_shard)];
  if (place.bytes < 0) return std::nullopt;
  return read_stored_chunk(folder_.open(name_of(chunk.key)), place);
}

void ZarrNewShards::copy_kept(const std::string& key, Shard& shard) {
  const auto old = open_if_there(old_folder_, key);
  if (!old) fail(SWR_ERROR_NOT_FOUND, old_folder_, '/', key, ": the shard was removed meanwhile");
  const ZarrShardIndex::Places places = index_.read(*old);
  for (size_t i = 0; i < places.size(); ++i) {
    if (shard.places[i].bytes >= 0 || places[i].bytes < 0) continue;
    const std::vector<std::byte> bytes = read_stored_chunk(*old, places[i]);
    folder_.write(name_of(key), shard.end, bytes);
    shard.places[i] = {shard.end, std::ssize(bytes)};
    shard.end += std::ssize(bytes);
  }
}

void ZarrNewShards::complete(const std::string& key, Shard& shard) {
  if (kept_.erase(key) > 0) copy_kept(key, shard);
  folder_.write_end(name_of(key), shard.end, index_.stored(shard.places));
}

void ZarrNewShards::finish() {
  for (auto& [key, shard] : open_) complete(key, shard);
  open_.clear();
}

}  // namespace swr
