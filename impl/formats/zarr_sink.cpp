#include "formats/zarr_sink.h"

#include <utility>

#include "base/byte_order.h"
#include "formats/zarr_chunks.h"
#include "storage/staged_tree.h"
#include "stores/chunked_pixels.h"

namespace swr {
namespace {

// What is encoded of a chunk of the grid is a list of files, each with its length in front.
class NewZarrChunks final : public ChunkSink {
 public:
  // `within`: the folder of the array, relative to the new folder, with a slash at the end.
  NewZarrChunks(const Layout& layout, StagedTree& folder, std::string within)
      : layout_(layout), chunks_(layout_), folder_(folder), within_(std::move(within)) {}

  const Grid& grid() const override { return layout_.grid(); }

  std::vector<std::byte> encode(int64_t chunk, std::vector<std::byte> pixels) const override {
    std::vector<std::byte> encoded;
    for (int column = 0; column < chunks_.columns(); ++column) {
      std::vector<std::byte> raw = chunks_.filled();
      chunks_.pack(pixels, column, grid().box(chunk), raw);
      std::byte length[length_bytes];
      store(length, static_cast<uint64_t>(raw.size()));
      encoded.insert(encoded.end(), std::begin(length), std::end(length));
      encoded.insert(encoded.end(), raw.begin(), raw.end());
    }
    return encoded;
  }

  void place(int64_t chunk, std::span<const std::byte> encoded) override {
    for (int column = 0; column < chunks_.columns(); ++column) {
      const auto bytes = static_cast<size_t>(load<uint64_t>(encoded.data()));
      folder_.put(name_of(chunk, column), encoded.subspan(length_bytes, bytes));
      encoded = encoded.subspan(length_bytes + bytes);
    }
  }

  void read(int64_t chunk, std::span<std::byte> pixels) override {
    std::vector<std::byte> raw(static_cast<size_t>(chunks_.raw_bytes()));
    for (int column = 0; column < chunks_.columns(); ++column) {
      folder_.open(name_of(chunk, column)).read_at(0, raw);
      chunks_.unpack(raw, column, grid().box(chunk), pixels);
    }
  }

  void finish() override {}

 private:
  static constexpr size_t length_bytes = sizeof(uint64_t);

  std::string name_of(int64_t chunk, int column) const {
    return within_ + chunks_.place_of(chunk, column).key;
  }

  const Layout layout_;
  const ZarrChunks chunks_;
  StagedTree& folder_;
  const std::string within_;
};

}  // namespace

std::unique_ptr<PixelSink> new_zarr_pixels(const NewFile& file, const NewFiles& files,
                                           const WriteOptions& options) {
  const auto& storage =
      static_cast<const ZarrStorage&>(*std::get<Chunked>(file.layout.storage).own);
  std::string within = storage.folder.substr(file.folder->path.size());
  if (!within.empty()) within = within.substr(1) + '/';
  return new_chunks(std::make_unique<NewZarrChunks>(file.layout, *files.folder, std::move(within)),
                    file.layout.order, options);
}

}  // namespace swr
