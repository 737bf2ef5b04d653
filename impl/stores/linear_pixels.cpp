#include "stores/linear_pixels.h"

#include <algorithm>

#include "stores/region_io.h"

namespace swr {
namespace {

// Decompression works on whole slots in parallel: the larger the span, the more of them.
int64_t span_bytes(const Layout& layout, const ReadOptions& options) {
  constexpr int64_t usual = int64_t{1} << 20;
  if (!layout.is_compressed()) return usual;
  return std::clamp<int64_t>(options.memory_limit / 8, int64_t{1} << 16, 8 * usual);
}

struct OwnedStore {
  std::unique_ptr<ReadStore> store;
};

// A base class, so that the store is created before the reader that refers to it and destroyed
// after it.
class LinearReader : private OwnedStore, public SequenceReader {
 public:
  LinearReader(const Layout& layout, const ReadOptions& options)
      : OwnedStore{open_store(layout, options)},
        SequenceReader(*store, layout.order, span_bytes(layout, options)) {}
};

}  // namespace

void SequenceReader::read(const Region& region, std::span<std::byte> out) {
  read_region(store_, order_, region, out.data(), span_bytes_);
}

RawChange::RawChange(const Layout& layout, const LinearOrder& order, InPlace& change, bool sole)
    : order_(order), store_(layout, change, sole) {
  if (order.bytes() > layout.order.bytes()) store_.grow(order.bytes());
}

void RawChange::write(const Region& region, const std::byte* pixels) {
  write_region(store_, order_, region, pixels);
}

std::unique_ptr<PixelReader> read_linear_pixels(const Layout& layout, const ReadOptions& options) {
  return std::make_unique<LinearReader>(layout, options);
}

}  // namespace swr
