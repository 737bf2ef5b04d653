#include "formats/zarr_pixels.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/checked.h"
#include "base/error.h"
#include "base/lru_cache.h"
#include "base/mutex.h"
#include "formats/zarr_chunks.h"
#include "formats/zarr_files.h"
#include "formats/zarr_shards.h"
#include "formats/zarr_sink.h"
#include "storage/file.h"
#include "storage/file_state.h"
#include "storage/platform.h"
#include "storage/undo.h"
#include "stores/chunk_decoder.h"
#include "stores/chunk_encoding.h"
#include "stores/chunked_pixels.h"
#include "stores/chunked_reader.h"
#include "stores/pyramid_reader.h"

namespace swr {
namespace {

class ZarrReader final : public ChunkedReader {
 public:
  ZarrReader(const Layout& layout, const ReadOptions& options)
      : ChunkedReader(layout.grid(), layout.order.pixel_bytes(),
                      means_for(bytes_for_chunk(ZarrChunks(layout)), options)),
        layout_(layout),
        chunks_(layout_),
        filters_(chunks_.storage().array.filters()),
        decoder_(filters_, layout_.big_endian, layout_.parts.at(0).path),
        memory_limit_(options.memory_limit) {
    const ZarrArray& array = chunks_.storage().array;
    if (array.shards) indices_.emplace(array, journals());
  }

  // A header may tell of far more chunks than there are files.
  void verify() override {
    constexpr int64_t most_looked_for = 65536;
    if (grid().count() <= most_looked_for) return ChunkedReader::verify();
    visit_zarr_files(chunks_.storage(), [&](const ZarrShape& place) {
      for (const int64_t chunk : chunks_.chunks_in(place)) pixels_of(chunk, grid().box(chunk));
    });
  }

 private:
  // A decoded chunk, what is decoded into it, and the pixels.
  static int64_t bytes_for_chunk(const ZarrChunks& chunks) {
    return checked_multiply(chunks.raw_bytes(), 2 + chunks.columns());
  }

  void check_memory() const {
    const int64_t need =
        checked_add(bytes_for_chunk(chunks_), indices_ ? indices_->index_bytes() : 0);
    if (need <= memory_limit_) return;
    fail(SWR_ERROR_MEMORY_LIMIT, layout_.parts[0].path, ": a chunk has ", chunks_.raw_bytes(),
         " bytes; to read it a memory limit of ", need, " bytes is needed, and it is ",
         memory_limit_);
  }

  std::vector<std::byte> pixels_of(int64_t chunk, const Region& box) const override {
    check_memory();
    std::vector<FileState> states = states_of(chunk);
    std::vector<std::byte> pixels(static_cast<size_t>(box.pixels() * pixel_bytes()));
    for (int column = 0; column < chunks_.columns(); ++column)
      chunks_.unpack(decoded(chunk, column), column, box, pixels);
    const MutexLock lock(mutex_);
    states_.put(chunk, std::move(states));
    return pixels;
  }

  // The files beside which changes of the array have their journals: its header, and perhaps that
  // of the group.
  std::vector<std::string> journals() const {
    std::vector<std::string> journals{layout_.parts.at(0).path};
    if (!chunks_.storage().journal.empty()) journals.push_back(chunks_.storage().journal);
    return journals;
  }

  // Nothing if the chunk has no file. Where a file is not replaced in one step, it is missing for a
  // moment, while a journal beside the header says so.
  std::optional<File> open_chunk(const std::string& key) const {
    const std::string& header = layout_.parts.at(0).path;
    const std::string& folder = chunks_.storage().folder;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (true) {
      std::optional<File> file = open_if_there(folder, key);
      if (file || system::replaces_at_once(header.c_str())) return file;
      if (std::ranges::none_of(journals(), has_journal)) return open_if_there(folder, key);
      if (std::chrono::steady_clock::now() > end)
        fail(SWR_ERROR_BUSY, folder, '/', key,
             ": another process is replacing the file; try again when that is done");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  // Another program may replace the file of a chunk, and no other file.
  bool is_current(int64_t chunk) const override {
    const MutexLock lock(mutex_);
    const auto* const known = states_.find(chunk);
    return known &&
           std::ranges::equal(*known, states_of(chunk), [](const auto& was, const auto& is) {
             return was.is_settled() && was.is_same(is);
           });
  }

  std::vector<FileState> states_of(int64_t chunk) const {
    std::vector<FileState> states;
    states.reserve(static_cast<size_t>(chunks_.columns()));
    for (int column = 0; column < chunks_.columns(); ++column)
      states.push_back(FileState::of(path_of(chunks_.place_of(chunk, column))));
    return states;
  }

  std::string path_of(const ZarrChunks::Stored& stored) const {
    return text(chunks_.storage().folder, '/', stored.key);
  }

  std::vector<std::byte> decoded(int64_t chunk, int column) const {
    const ZarrChunks::Stored stored = chunks_.place_of(chunk, column);
    const std::string path = path_of(stored);
    std::optional<File> file = open_chunk(stored.key);
    if (!file) return chunks_.filled();
    StoredChunk place{0, file->size()};
    if (indices_) {
      const auto found = indices_->find(*file, stored.in_shard);
      if (!found) return chunks_.filled();
      place = *found;
    }
    const int64_t raw = chunks_.raw_bytes();
    const char* flaw = decoder_.flaw_of_sizes(place.bytes, raw);
    if (flaw) damaged(path, chunk, flaw);
    std::vector<std::byte> bytes(static_cast<size_t>(decoder_.needed(place.bytes, raw)));
    file->read_at(place.offset, bytes);
    flaw = decoder_.decode(bytes, raw);
    if (flaw) damaged(path, chunk, flaw);
    return bytes;
  }

  [[noreturn]] void damaged(const std::string& path, int64_t chunk, const char* flaw) const {
    fail(SWR_ERROR_CORRUPT, path, ": the chunk with the pixels ", grid().box(chunk).text(),
         " is damaged: ", flaw);
  }

  const Layout layout_;
  const ZarrChunks chunks_;
  const std::vector<ChunkFilter> filters_;
  const ChunkDecoder decoder_;
  const int64_t memory_limit_;
  mutable std::optional<ZarrShardIndices> indices_;
  // Of the files of the chunks that were read last, from before they were read.
  static constexpr size_t most_states = 1024;
  mutable Mutex mutex_;
  mutable LruCache<int64_t, std::vector<FileState>> states_ SWR_GUARDED_BY(mutex_){most_states};
};

}  // namespace

namespace {

// Why this swr cannot write chunks; empty if it can. Blosc has several compressors, and a libblosc
// can be built without some of them.
std::string why_not_written(const ZarrArray& array) {
  if (!can_encode(array.filters()))
    return text("this swr reads its chunks, and has no ", array.encoding(),
                " as they need it to write them");
  for (const ZarrCodec& codec : array.codecs) {
    if (codec.kind == ChunkFilter::Kind::blosc && !has_blosc_compressor(codec.blosc.compressor))
      return text("its chunks need the compressor ", codec.blosc.compressor,
                  " of blosc, which this swr was built without");
  }
  return {};
}

}  // namespace

PixelForm form_of_zarr_pixels(const Layout& layout, const FormOptions& options) {
  PixelForm form = form_of_chunks(layout, ChunkPlace::own_files, options.memory);
  form.may_be_rewritten = false;
  const ZarrChunks chunks(layout);
  const ZarrArray& array = chunks.storage().array;
  if (array.shards) {
    form.chunk = zarr_file_shape(array, chunks.storage().channel_axis);
    form.index_bytes = bytes_for_zarr_indices(layout, options.memory);
    if (layout.pyramid) {
      for (const Layout& level : layout.pyramid->levels)
        form.index_bytes += bytes_for_zarr_indices(level, options.memory);
    }
  }
  form.encoding = array.encoding();
  form.read_only = array.read_only();
  const std::vector<ChunkFilter> filters = array.filters();
  if (std::string obstacle = why_not_written(array); !obstacle.empty()) {
    form.read_only = std::move(obstacle);
  } else {
    // A chunk as it is stored but raw, encoded, and again in the list of a chunk's files.
    const int64_t copies = checked_multiply(3, chunks.raw_bytes());
    int level = 1;
    for (const ZarrCodec& codec : array.codecs) level = std::max(level, codec.level);
    form.encoder_bytes =
        checked_add(copies, ChunkEncoding::encoder_bytes(filters, level, chunks.raw_bytes()));
  }
  return form;
}

std::unique_ptr<PixelReader> read_zarr_pixels(const Layout& layout, const ReadOptions& options) {
  return read_with_levels(
      layout, options,
      [](const Layout& each, const ReadOptions& reading) -> std::unique_ptr<PixelReader> {
        return std::make_unique<ZarrReader>(each, reading);
      });
}

}  // namespace swr
