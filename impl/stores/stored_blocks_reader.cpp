#include "stores/stored_blocks_reader.h"

#include <algorithm>

#include "stores/linear_pixels.h"
#include "stores/stored_chunks_reader.h"

namespace swr {
namespace {

Layout bytes_of(const Layout& layout) {
  Layout bytes = layout;
  bytes.order = {1, layout.grid().size, 1, 1};
  return bytes;
}

// The blocks as chunks of an image of bytes.
class BlockStore final : public ReadStore {
 public:
  BlockStore(const Layout& layout, const ReadOptions& options)
      : reader_(read_stored_chunks(bytes_of(layout), options)) {}

  void read(int64_t offset, std::span<std::byte> out) override {
    Region bytes;
    bytes.dimensions = 1;
    bytes.index[0] = offset;
    bytes.size[0] = std::ssize(out);
    reader_->read(bytes, out);
  }
  bool notices_changes() const override { return reader_->notices_changes(); }
  void verify() override { reader_->verify(); }

 private:
  std::unique_ptr<PixelReader> reader_;
};

struct OwnedBlocks {
  BlockStore blocks;
};

// A base class, so that the blocks are there before the reader that refers to them.
class BlockReader final : private OwnedBlocks, public SequenceReader {
 public:
  BlockReader(const Layout& layout, const ReadOptions& options)
      : OwnedBlocks{BlockStore(layout, options)},
        SequenceReader(blocks, layout.order, std::max<int64_t>(options.memory_limit / 8, 65536)) {}
};

}  // namespace

std::unique_ptr<PixelReader> read_stored_blocks(const Layout& layout, const ReadOptions& options) {
  return std::make_unique<BlockReader>(layout, options);
}

}  // namespace swr
