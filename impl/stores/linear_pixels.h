// Adaptors from pixels by region to linear sequences.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "stores/contiguous.h"
#include "stores/open_store.h"
#include "stores/pixels.h"

namespace swr {

// The pixels of a sequence, read through a buffer of at most `span_bytes`. `store` must outlive it.
class SequenceReader : public PixelReader {
 public:
  SequenceReader(ReadStore& store, const LinearOrder& order, int64_t span_bytes = int64_t{1} << 20)
      : store_(store), order_(order), span_bytes_(span_bytes) {}
  void read(const Region& region, std::span<std::byte> out) override;
  bool notices_changes() const override { return store_.notices_changes(); }
  void verify() override { store_.verify(); }
  StoreFacts facts() const override { return store_.facts(); }
  ReadStore* sequence() override { return &store_; }

 private:
  ReadStore& store_;
  LinearOrder order_;
  int64_t span_bytes_;
};

// Changes raw pixels in their files.
class RawChange : public PixelChange {
 public:
  // `order`: of the image after the change, which may be longer than that of the layout. `change`
  // must outlive it; `sole` as for ExistingContiguousStore.
  RawChange(const Layout& layout, const LinearOrder& order, InPlace& change, bool sole);
  void write(const Region& region, const std::byte* pixels) override;

 private:
  LinearOrder order_;
  ExistingContiguousStore store_;
};

// The pixels of a layout that is one sequence. Fails as open_store() does.
std::unique_ptr<PixelReader> read_linear_pixels(const Layout& layout, const ReadOptions& options);

}  // namespace swr
