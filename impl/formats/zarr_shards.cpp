#include "formats/zarr_shards.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"
#include "codecs/crc32c.h"
#include "storage/undo.h"

namespace swr {
namespace {

constexpr int64_t entry_bytes = 16, checksum_bytes = 4;
constexpr uint64_t not_stored = std::numeric_limits<uint64_t>::max();

FileState state_of(const File& file) {
  const int64_t taken = FileState::now();
  return FileState::of(file.facts(), taken);
}

}  // namespace

ZarrShardIndex::ZarrShardIndex(const ZarrArray& array) : shards_(*array.shards) {
  for (size_t axis = 0; axis < array.chunk.size(); ++axis)
    count_ = checked_multiply(count_, shards_.shape[axis] / array.chunk[axis]);
}

int64_t ZarrShardIndex::stored_bytes() const {
  return checked_add(checked_multiply(count_, entry_bytes),
                     shards_.index_has_checksum ? checksum_bytes : 0);
}

ZarrShardIndex::Places ZarrShardIndex::empty() const {
  return Places(static_cast<size_t>(count_), StoredChunk{0, -1});
}

ZarrShardIndex::Places ZarrShardIndex::read(const File& shard) const {
  const int64_t bytes = stored_bytes(), end = shard.size();
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
  Places places = empty();
  for (size_t i = 0; i < places.size(); ++i) {
    const std::byte* const at = entries.data() + i * static_cast<size_t>(entry_bytes);
    const auto offset = load<uint64_t>(at, big_endian), length = load<uint64_t>(at + 8, big_endian);
    const auto most = static_cast<uint64_t>(end);
    if (offset == not_stored && length == not_stored) continue;
    if (offset > most || length > most - offset) {
      fail(SWR_ERROR_CORRUPT, shard.path(), ": the shard is damaged: its chunk ", i,
           " would be outside of it");
    }
    places[i] = {static_cast<int64_t>(offset), static_cast<int64_t>(length)};
  }
  return places;
}

std::vector<std::byte> ZarrShardIndex::stored(const Places& places) const {
  std::vector<std::byte> index(static_cast<size_t>(stored_bytes()));
  const bool big_endian = shards_.index_is_big_endian;
  std::byte* at = index.data();
  for (const StoredChunk& place : places) {
    const bool is_stored = place.bytes >= 0;
    store(at, is_stored ? static_cast<uint64_t>(place.offset) : not_stored, big_endian);
    store(at + 8, is_stored ? static_cast<uint64_t>(place.bytes) : not_stored, big_endian);
    at += entry_bytes;
  }
  const auto entries = std::span(index).first(static_cast<size_t>(count_ * entry_bytes));
  if (shards_.index_has_checksum) store(at, crc32c(entries));
  return index;
}

std::vector<std::byte> read_stored_chunk(const File& file, const StoredChunk& place) {
  std::vector<std::byte> bytes(static_cast<size_t>(place.bytes));
  file.read_at(place.offset, bytes);
  return bytes;
}

std::optional<StoredChunk> ZarrShardIndices::find(File& shard, int64_t number) {
  const StoredChunk place = places_of(shard)->at(static_cast<size_t>(number));
  if (place.bytes < 0) return std::nullopt;
  return place;
}

// While a writer makes the shard longer, its last bytes are no index. When that is over, they are.
// The journals come first: a change whose journal is gone by now shows in the state of the file.
std::shared_ptr<const ZarrShardIndices::Places> ZarrShardIndices::places_of(File& shard) {
  constexpr auto most_patience = std::chrono::seconds(10);
  const auto end = std::chrono::steady_clock::now() + most_patience;
  shard.forget();  // the facts from when it was opened
  while (true) {
    const FileState before = state_of(shard);
    {
      const MutexLock lock(mutex_);
      const Index* const known = kept_.find(shard.path());
      if (known && known->shard.is_settled() && known->shard.is_same(before)) return known->places;
    }
    try {
      auto places = std::make_shared<const Places>(index_.read(shard));
      const MutexLock lock(mutex_);
      kept_.put(shard.path(), {before, places});
      return places;
    } catch (const Error& error) {
      const bool is_disturbed = std::ranges::any_of(journals_, is_being_changed) ||
                                !before.is_settled() || !before.is_same(state_of(shard));
      if (error.status() != SWR_ERROR_CORRUPT || !is_disturbed ||
          std::chrono::steady_clock::now() > end)
        throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace swr
