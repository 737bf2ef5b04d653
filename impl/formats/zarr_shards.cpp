#include "formats/zarr_shards.h"

#include <limits>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"
#include "codecs/crc32c.h"

namespace swr {
namespace {

constexpr int64_t entry_bytes = 16, checksum_bytes = 4;
constexpr uint64_t not_stored = std::numeric_limits<uint64_t>::max();

}  // namespace

ZarrShardIndices::ZarrShardIndices(const ZarrArray& array) : shards_(*array.shards) {
  for (size_t axis = 0; axis < array.chunk.size(); ++axis)
    count_ = checked_multiply(count_, shards_.shape[axis] / array.chunk[axis]);
}

std::optional<StoredChunk> ZarrShardIndices::find(const File& shard, int64_t number) {
  std::shared_ptr<const Places> places;
  const int64_t taken = FileState::now();
  const FileState now = FileState::of(shard.facts(), taken);
  {
    const MutexLock lock(mutex_);
    const Index* const known = kept_.find(shard.path());
    if (known && known->shard.is_settled() && known->shard.is_same(now)) places = known->places;
  }
  if (!places) {
    places = read(shard);
    const MutexLock lock(mutex_);
    kept_.put(shard.path(), {now, places});
  }
  const StoredChunk& place = places->at(static_cast<size_t>(number));
  if (place.bytes < 0) return std::nullopt;
  return place;
}

std::shared_ptr<const ZarrShardIndices::Places> ZarrShardIndices::read(const File& shard) const {
  const int64_t bytes = checked_add(checked_multiply(count_, entry_bytes),
                                    shards_.index_has_checksum ? checksum_bytes : 0);
  const int64_t end = shard.size();
  if (end < bytes) {
    fail(SWR_ERROR_CORRUPT, shard.path(), ": the shard is damaged: it has ", end,
         " bytes, and its index has ", bytes);
  }
  std::vector<std::byte> index(static_cast<size_t>(bytes));
  shard.read_at(shards_.index_at_end ? end - bytes : 0, index);
  const auto entries = std::span(index).first(static_cast<size_t>(count_ * entry_bytes));
  const bool big_endian = shards_.index_is_big_endian;
  if (shards_.index_has_checksum &&
      load<uint32_t>(index.data() + entries.size()) != crc32c(entries))
    fail(SWR_ERROR_CORRUPT, shard.path(),
         ": the shard is damaged: its index is not what its checksum says");
  auto places = std::make_shared<Places>(static_cast<size_t>(count_));
  for (size_t i = 0; i < places->size(); ++i) {
    const std::byte* const at = entries.data() + i * static_cast<size_t>(entry_bytes);
    const auto offset = load<uint64_t>(at, big_endian), length = load<uint64_t>(at + 8, big_endian);
    const auto most = static_cast<uint64_t>(end);
    if (offset == not_stored && length == not_stored) {
      (*places)[i].bytes = -1;
    } else if (offset > most || length > most - offset) {
      fail(SWR_ERROR_CORRUPT, shard.path(), ": the shard is damaged: its chunk ", i,
           " would be outside of it");
    } else {
      (*places)[i] = {static_cast<int64_t>(offset), static_cast<int64_t>(length)};
    }
  }
  return places;
}

}  // namespace swr
