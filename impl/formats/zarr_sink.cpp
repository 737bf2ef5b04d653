#include "formats/zarr_sink.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/byte_order.h"
#include "base/error.h"
#include "formats/zarr_chunks.h"
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

// What is encoded of a chunk of the grid is a list of files, each with its length in front.
class ZarrChunkSink final : public ChunkSink {
 public:
  ZarrChunkSink(const Layout& layout, StagingFolder& folder, std::string within,
                const WriteOptions& options, std::function<void()> complete, OldZarrPixels old)
      : layout_(layout),
        chunks_(layout_),
        filters_(chunks_.storage().array.filters()),
        encoding_(filters_, layout_.big_endian, encoder_of(options, chunks_.storage().array),
                  blosc_of(chunks_.storage().array)),
        decoder_(filters_, layout_.big_endian, layout_.parts.at(0).path),
        fill_(options.fill),
        folder_(folder),
        within_(std::move(within)),
        complete_(std::move(complete)),
        old_(std::move(old)) {}

  const Grid& grid() const override { return layout_.grid(); }

  bool absent_is_fill() const override {
    const std::vector<std::byte>& of_array = chunks_.storage().array.fill;
    std::vector<std::byte> wanted(of_array.size());
    fill_with(fill_, 0, wanted);
    return !wanted.empty() && wanted == of_array;
  }

  std::vector<std::byte> encode(int64_t chunk, std::vector<std::byte> pixels) const override {
    std::vector<std::byte> encoded;
    for (int column = 0; column < chunks_.columns(); ++column) {
      std::vector<std::byte> raw = chunks_.filled();
      chunks_.pack(pixels, column, grid().box(chunk), raw);
      const std::vector<std::byte> bytes = encoding_.encode(std::move(raw));
      std::byte length[length_bytes];
      store(length, static_cast<uint64_t>(bytes.size()));
      encoded.insert(encoded.end(), std::begin(length), std::end(length));
      encoded.insert(encoded.end(), bytes.begin(), bytes.end());
    }
    return encoded;
  }

  void place(int64_t chunk, std::span<const std::byte> encoded) override {
    for (int column = 0; column < chunks_.columns(); ++column) {
      const auto bytes = static_cast<size_t>(load<uint64_t>(encoded.data()));
      folder_.put(name_of(chunk, column), encoded.subspan(length_bytes, bytes));
      encoded = encoded.subspan(length_bytes + bytes);
    }
    if (old_.reader) placed_.insert(chunk);
  }

  void read(int64_t chunk, std::span<std::byte> pixels) override {
    if (old_.reader && !placed_.contains(chunk)) return read_old(grid().box(chunk), pixels);
    for (int column = 0; column < chunks_.columns(); ++column) {
      const File file = folder_.open(name_of(chunk, column));
      std::vector<std::byte> bytes(static_cast<size_t>(file.size()));
      file.read_at(0, bytes);
      const char* const flaw = decoder_.decode(bytes, chunks_.raw_bytes());
      if (flaw) fail(SWR_ERROR_CORRUPT, file.path(), ": the chunk was changed meanwhile: ", flaw);
      chunks_.unpack(bytes, column, grid().box(chunk), pixels);
    }
  }

  void finish() override { complete_(); }

 private:
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

  std::string name_of(int64_t chunk, int column) const {
    return within_ + chunks_.place_of(chunk, column).key;
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
  StagingFolder& folder_;
  const std::string within_;
  const std::function<void()> complete_;
  const OldZarrPixels old_;
  std::set<int64_t> placed_;  // if there are old pixels
};

}  // namespace

std::unique_ptr<ChunkSink> zarr_chunk_sink(const Layout& layout, StagingFolder& folder,
                                           std::string within, const WriteOptions& options,
                                           std::function<void()> complete, OldZarrPixels old) {
  return std::make_unique<ZarrChunkSink>(layout, folder, std::move(within), options,
                                         std::move(complete), std::move(old));
}

std::unique_ptr<PixelSink> new_zarr_pixels(const NewFile& file, const NewFiles& files,
                                           const WriteOptions& options) {
  const auto sink_of = [&](const Layout& layout) {
    std::string within = zarr_storage(layout).folder.substr(file.folder->path.size());
    if (!within.empty()) within = within.substr(1) + '/';
    return zarr_chunk_sink(layout, files.folder->files(), std::move(within), options, [] {});
  };
  const Pyramid* const pyramid = file.layout.pyramid.get();
  if (!pyramid) return new_chunks(sink_of(file.layout), file.layout.order, options);
  std::vector<std::unique_ptr<ChunkSink>> levels;
  levels.reserve(pyramid->levels.size());
  for (const Layout& level : pyramid->levels) levels.push_back(sink_of(level));
  return new_pyramid(sink_of(file.layout), std::move(levels), file.layout, options);
}

}  // namespace swr
