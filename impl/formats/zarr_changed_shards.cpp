#include "formats/zarr_changed_shards.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "storage/file.h"
#include "storage/platform.h"
#include "stores/chunked_pixels.h"

namespace swr {
namespace {

// Writes what waits, and the new index, after the old one; with one call if it is short, because
// other programs cannot read the shard meanwhile.
class Tail {
 public:
  Tail(const ZarrShardIndex& index, std::shared_ptr<Scratch> encoded,
       std::map<int64_t, Scratch::Stretch> waiting)
      : index_(index), encoded_(std::move(encoded)), waiting_(std::move(waiting)) {}

  void operator()(File& shard) const {
    ZarrShardIndex::Places places = index_.read(shard);
    std::vector<std::byte> bytes;
    int64_t at = shard.size();
    const auto write = [&] {
      shard.write_at(at, bytes);
      at += std::ssize(bytes);
      bytes.clear();
    };
    for (const auto& [number, stretch] : waiting_) {
      if (std::ssize(bytes) > 0 && std::ssize(bytes) + stretch.bytes > most_at_once) write();
      places[static_cast<size_t>(number)] = {at + std::ssize(bytes), stretch.bytes};
      const size_t before = bytes.size();
      bytes.resize(before + static_cast<size_t>(stretch.bytes));
      encoded_->read(stretch, std::span(bytes).subspan(before));
    }
    const std::vector<std::byte> index = index_.stored(places);
    bytes.insert(bytes.end(), index.begin(), index.end());
    write();
  }

 private:
  static constexpr int64_t most_at_once = int64_t{1} << 20;

  const ZarrShardIndex index_;
  const std::shared_ptr<Scratch> encoded_;
  const std::map<int64_t, Scratch::Stretch> waiting_;
};

// How many of the stored chunks of these chunks of the image are in each file.
template <typename Chunks>
std::map<std::string, int64_t> counts_by_file(const ZarrChunks& of, const Chunks& chunks) {
  std::map<std::string, int64_t> counts;
  for (const int64_t chunk : chunks) {
    for (int column = 0; column < of.columns(); ++column) ++counts[of.place_of(chunk, column).key];
  }
  return counts;
}

}  // namespace

ZarrChangedShards::ZarrChangedShards(const ZarrChunks& chunks, FolderChange& change,
                                     std::string within, const std::set<int64_t>& changed,
                                     const WriteOptions& options)
    : chunks_(chunks),
      index_(chunks.storage().array),
      change_(change),
      within_(std::move(within)),
      new_(chunks.storage().array, change.files(), within_, chunks.storage().folder,
           options.memory / 16),
      encoded_(std::make_shared<Scratch>(options.memory / 16, options.beside, *options.counters)) {
  for (const auto& [key, count] : counts_by_file(chunks_, changed)) shards_[key].changed = count;
  const auto is_new = [this](const auto& each) {
    return each.second.changed == chunks_of(each.first);
  };
  if (!std::ranges::all_of(shards_, is_new)) change_.take_turn();
}

std::string ZarrChangedShards::path_of(const std::string& key) const {
  return text(chunks_.storage().folder, '/', key);
}

int64_t ZarrChangedShards::chunks_of(const std::string& key) const {
  const ZarrArray& array = chunks_.storage().array;
  return chunks_.count_in(*zarr_place(array.keys, key, array.dimensions()));
}

ZarrChangedShards::Way ZarrChangedShards::way_of(const std::string& key, const Shard& shard) const {
  const int64_t all = chunks_of(key);
  const auto there = facts_if_there(path_of(key), system::Links::no_follow);
  if (!there || shard.changed == all) return Way::made;
  // What has further names may be a copy that is to stay as it is. A new file needs no permission
  // to change the old one.
  const auto may = system::may(path_of(key).c_str(), system::Wish::change_file);
  const bool is_fixed = there->links > 1 || may.reason == std::errc::permission_denied;
  return is_fixed || are_most(shard.changed, all) ? Way::rewritten : Way::lengthened;
}

ZarrChangedShards::Shard& ZarrChangedShards::use(const std::string& key) {
  Shard& shard = shards_[key];
  if (shard.way != Way::undecided) return shard;
  shard.way = way_of(key, shard);
  if (shard.way == Way::rewritten) new_.keep_old(key);
  return shard;
}

void ZarrChangedShards::place(const ZarrChunks::Stored& chunk, std::span<const std::byte> bytes) {
  Shard& shard = use(chunk.key);
  if (shard.way != Way::lengthened) return new_.place(chunk, bytes);
  shard.waiting[chunk.in_shard] = encoded_->append(bytes);
}

std::vector<std::byte> ZarrChangedShards::waiting(const Scratch::Stretch& stretch) const {
  std::vector<std::byte> bytes(static_cast<size_t>(stretch.bytes));
  encoded_->read(stretch, bytes);
  return bytes;
}

std::optional<std::vector<std::byte>> ZarrChangedShards::read(const ZarrChunks::Stored& chunk) {
  const auto known = shards_.find(chunk.key);
  if (known != shards_.end()) {
    const auto found = known->second.waiting.find(chunk.in_shard);
    if (found != known->second.waiting.end()) return waiting(found->second);
    auto placed = new_.read(chunk);
    if (placed || known->second.way == Way::made) return placed;
  }
  const auto old = open_if_there(chunks_.storage().folder, chunk.key);
  if (!old) return std::nullopt;
  const StoredChunk place = index_.read(*old).at(static_cast<size_t>(chunk.in_shard));
  if (place.bytes < 0) return std::nullopt;
  return read_stored_chunk(*old, place);
}

// The sizes are known now that all is encoded.
bool ZarrChangedShards::is_better_rewritten(const std::string& key, const Waiting& waiting,
                                            const File& old) const {
  if (are_most(std::ssize(waiting), chunks_of(key))) return true;
  const ZarrShardIndex::Places places = index_.read(old);
  int64_t more = index_.stored_bytes(), kept = 0;
  for (size_t i = 0; i < places.size(); ++i) {
    if (!waiting.contains(static_cast<int64_t>(i))) kept += std::max<int64_t>(0, places[i].bytes);
  }
  for (const auto& [number, stretch] : waiting) more += stretch.bytes;
  return old.size() + more > 2 * (kept + more);
}

void ZarrChangedShards::store_waiting(const std::string& key, Shard& shard) {
  const auto old = open_if_there(chunks_.storage().folder, key);
  if (!old) fail(SWR_ERROR_NOT_FOUND, path_of(key), ": the shard was removed meanwhile");
  const bool is_all_new = std::ssize(shard.waiting) == chunks_of(key);
  if (!is_all_new && !is_better_rewritten(key, shard.waiting, *old)) {
    return change_.lengthen(within_ + key, *old, Tail(index_, encoded_, std::move(shard.waiting)));
  }
  if (!is_all_new) new_.keep_old(key);
  for (const auto& [number, stretch] : shard.waiting) new_.place({key, number}, waiting(stretch));
}

void ZarrChangedShards::finish() {
  for (auto& [key, shard] : shards_) {
    if (!shard.waiting.empty()) store_waiting(key, shard);
  }
  new_.finish();
}

ChangeForecast forecast_zarr_change(const Layout& layout, const ChangeRequest& request) {
  ChangeForecast forecast = forecast_chunk_change(layout, request);
  if (!zarr_storage(layout).array.shards) return forecast;
  const ZarrChunks chunks(layout);
  const ZarrArray& array = chunks.storage().array;
  const Region old = whole(layout.order.dimensions, layout.order.size);
  const auto changed =
      counts_by_file(chunks, chunks.grid().chunks_of(request.region.intersection(old)));
  for (const auto& [key, count] : changed) {
    const int64_t all = chunks.count_in(*zarr_place(array.keys, key, array.dimensions()));
    const int64_t copied =
        ZarrChangedShards::are_most(count, all) ? (all - count) * chunks.raw_bytes() : 0;
    forecast.bytes_read += copied;
    forecast.bytes_written += copied + ZarrShardIndex(array).stored_bytes();
  }
  return forecast;
}

}  // namespace swr
