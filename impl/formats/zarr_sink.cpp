#include "formats/zarr_sink.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/byte_order.h"
#include "base/checked.h"
#include "base/error.h"
#include "formats/zarr_chunks.h"
#include "formats/zarr_new_shards.h"
#include "formats/zarr_shards.h"
#include "image/copy.h"
#include "storage/staged_tree.h"
#include "stores/chunk_decoder.h"
#include "stores/chunk_encoding.h"
#include "stores/chunked_pixels.h"
#include "stores/overlay.h"

namespace swr {
namespace {

// The level that is written is that of the metadata, which may be one that stands for another.
DeflateOptions encoder_of(const WriteOptions& options, const ZarrArray& array) {
  DeflateOptions of_array = options.deflate;
  for (const ZarrCodec& codec : array.codecs) {
    if (codec.kind == ChunkFilter::Kind::blosc || codec.kind == ChunkFilter::Kind::crc32c) continue;
    const bool is_deflate =
        codec.kind == ChunkFilter::Kind::zlib || codec.kind == ChunkFilter::Kind::gzip;
    of_array.level = std::clamp(codec.level, 1, is_deflate ? 9 : 22);
  }
  return of_array;
}

// A chunk of the grid is one file, or several if components have chunks of their own. What is
// encoded of several is a list, each with its length in front.
class ZarrChunkSink final : public ChunkSink {
 public:
  ZarrChunkSink(const Layout& layout, const MakeZarrFiles& make_files, const WriteOptions& options,
                std::function<void()> complete, OldZarrPixels old)
      : layout_(layout),
        chunks_(layout_),
        filters_(chunks_.storage().array.filters()),
        encoding_(filters_, layout_.big_endian, encoder_of(options, chunks_.storage().array),
                  blosc_of(chunks_.storage().array)),
        decoder_(filters_, layout_.big_endian, layout_.parts.at(0).path),
        fill_(options.fill),
        files_(make_files(chunks_)),
        complete_(std::move(complete)),
        old_(std::move(old)) {}

  const Grid& grid() const override { return layout_.grid(); }

  bool absent_is_fill() const override {
    const std::vector<std::byte>& of_array = chunks_.storage().array.fill;
    std::vector<std::byte> wanted(of_array.size());
    fill_with(fill_, 0, wanted);
    return !wanted.empty() && wanted == of_array;
  }

  std::vector<std::byte> encode(int64_t chunk, std::vector<std::byte>&& pixels) const override {
    const Region box = grid().box(chunk);
    if (chunks_.are_packed(box)) return encoding_.encode(std::move(pixels));
    if (chunks_.columns() == 1) return encoded_column(0, box, pixels);
    std::vector<std::byte> encoded;
    for (int column = 0; column < chunks_.columns(); ++column) {
      const std::vector<std::byte> bytes = encoded_column(column, box, pixels);
      std::byte length[length_bytes];
      store(length, static_cast<uint64_t>(bytes.size()));
      encoded.insert(encoded.end(), std::begin(length), std::end(length));
      encoded.insert(encoded.end(), bytes.begin(), bytes.end());
    }
    return encoded;
  }

  bool places_on_threads() const override { return !old_.reader && files_->places_on_threads(); }

  void place(int64_t chunk, std::span<const std::byte> encoded) override {
    if (old_.reader) placed_.insert(chunk);
    if (chunks_.columns() == 1) return files_->place(chunks_.place_of(chunk, 0), encoded);
    for (int column = 0; column < chunks_.columns(); ++column) {
      const auto bytes = static_cast<size_t>(load<uint64_t>(encoded.data()));
      files_->place(chunks_.place_of(chunk, column), encoded.subspan(length_bytes, bytes));
      encoded = encoded.subspan(length_bytes + bytes);
    }
  }

  void read(int64_t chunk, std::span<std::byte> pixels) override {
    if (old_.reader && !placed_.contains(chunk)) return read_old(grid().box(chunk), pixels);
    for (int column = 0; column < chunks_.columns(); ++column) {
      const ZarrChunks::Stored place = chunks_.place_of(chunk, column);
      auto bytes = files_->read(place);
      const char* const flaw = bytes ? decoder_.decode(*bytes, chunks_.raw_bytes()) : nullptr;
      if (flaw) {
        fail(SWR_ERROR_CORRUPT, chunks_.storage().folder, '/', place.key,
             ": the chunk was changed meanwhile: ", flaw);
      }
      chunks_.unpack(bytes ? *bytes : chunks_.filled(), column, grid().box(chunk), pixels);
    }
  }

  void finish() override {
    files_->finish();
    complete_();
  }

 private:
  std::vector<std::byte> encoded_column(int column, const Region& box,
                                        std::span<const std::byte> pixels) const {
    std::vector<std::byte> raw = chunks_.filled();
    chunks_.pack(pixels, column, box, raw);
    return encoding_.encode(std::move(raw));
  }

  static constexpr size_t length_bytes = sizeof(uint64_t);

  // What the array grows by has no pixels yet, whatever the old file of the chunk holds there.
  void read_old(const Region& box, std::span<std::byte> pixels) {
    fill_with(fill_, 0, pixels);
    const Region part = box.intersection(old_.region);
    if (part.empty()) return;
    std::vector<std::byte> packed(static_cast<size_t>(part.pixels() * layout_.order.pixel_bytes()));
    old_.reader->read(part, packed);
    copy_region(part, layout_.order.pixel_bytes(), packed.data(), part, pixels.data(), box);
  }

  static BloscSettings blosc_of(const ZarrArray& array) {
    for (const ZarrCodec& codec : array.codecs) {
      if (codec.kind == ChunkFilter::Kind::blosc) return codec.blosc;
    }
    return {};
  }

  const Layout layout_;
  const ZarrChunks chunks_;
  const std::vector<ChunkFilter> filters_;
  const ChunkEncoding encoding_;
  const ChunkDecoder decoder_;
  const std::vector<std::byte> fill_;
  const std::unique_ptr<ZarrChunkFiles> files_;
  const std::function<void()> complete_;
  const OldZarrPixels old_;
  std::set<int64_t> placed_;  // if there are old pixels
};

}  // namespace

std::unique_ptr<ChunkSink> zarr_chunk_sink(const Layout& layout, const MakeZarrFiles& make_files,
                                           const WriteOptions& options,
                                           std::function<void()> complete, OldZarrPixels old) {
  return std::make_unique<ZarrChunkSink>(layout, make_files, options, std::move(complete),
                                         std::move(old));
}

// As many as are open at a time: those of a row of shards.
int64_t bytes_for_zarr_indices(const Layout& layout, int64_t memory) {
  const ZarrArray& array = zarr_storage(layout).array;
  if (!array.shards) return 0;
  const Grid rows{layout.order.dimensions, layout.order.size,
                  zarr_file_shape(array, zarr_storage(layout).channel_axis)};
  const auto in_row = std::ssize(rows.chunks_of(rows.layer_at(0)));
  const int64_t index = ZarrShardIndex(array).bytes();
  return std::max(index, std::min(checked_multiply(in_row, index), memory / 16));
}

std::unique_ptr<PixelSink> new_zarr_pixels(const NewFile& file, const NewFiles& files,
                                           const WriteOptions& options) {
  StagingFolder& folder = files.folder->files();
  const auto sink_of = [&](const Layout& layout) {
    std::string within = zarr_storage(layout).folder.substr(file.folder->path.size());
    if (!within.empty()) within = within.substr(1) + '/';
    const int64_t memory = bytes_for_zarr_indices(layout, options.memory);
    const auto make_files = [&](const ZarrChunks& chunks) -> std::unique_ptr<ZarrChunkFiles> {
      const ZarrArray& array = chunks.storage().array;
      if (!array.shards) return single_zarr_files(folder, within);
      return std::make_unique<ZarrNewShards>(array, folder, within, "", memory);
    };
    return zarr_chunk_sink(layout, make_files, options, [] {});
  };
  const Pyramid* const pyramid = file.layout.pyramid.get();
  if (!pyramid) return new_chunks(sink_of(file.layout), file.layout.order, options);
  std::vector<std::unique_ptr<ChunkSink>> levels;
  levels.reserve(pyramid->levels.size());
  for (const Layout& level : pyramid->levels) levels.push_back(sink_of(level));
  return new_pyramid(sink_of(file.layout), std::move(levels), file.layout, options);
}

}  // namespace swr
