#include "stores/open_store.h"

#include "base/checked.h"
#include "base/error.h"
#include "stores/bzip2_store.h"
#include "stores/contiguous.h"
#include "stores/deflate_blocks.h"
#include "stores/half_float_store.h"
#include "stores/text_store.h"

namespace swr {
namespace {

// Several consecutive compressed files: slices or slabs. One of them is open at a time.
class CompressedParts : public ReadStore {
 public:
  CompressedParts(const Layout& layout, const ReadOptions& options)
      : layout_(layout), options_(options) {
    int64_t end = 0;
    for (const DataPart& part : layout.parts) {
      end = checked_add(end, part.bytes);
      ends_.push_back(end);
    }
  }

  void read(int64_t offset, std::span<std::byte> out) override {
    for (size_t part = 0; part < ends_.size() && !out.empty(); ++part) {
      if (offset >= ends_[part]) continue;
      const int64_t bytes =
          std::min<int64_t>(static_cast<int64_t>(out.size()), ends_[part] - offset);
      ReadStore& store = open(part);
      store.read(offset - begin(part), out.first(static_cast<size_t>(bytes)));
      notices_changes_ = notices_changes_ && store.notices_changes();
      out = out.subspan(static_cast<size_t>(bytes));
      offset += bytes;
    }
    if (!out.empty()) fail(SWR_ERROR_INTERNAL, "byte ", offset, " is not in the sequence");
  }

  bool notices_changes() const override { return notices_changes_; }

  void verify() override {
    for (size_t part = 0; part < ends_.size(); ++part) open(part).verify();
  }

 private:
  int64_t begin(size_t part) const { return part > 0 ? ends_[part - 1] : 0; }

  ReadStore& open(size_t part) {
    if (!store_ || part != open_part_) {
      Layout one = layout_;
      one.parts = {layout_.parts[part]};
      store_ = DeflateReader::open(one, options_);
      open_part_ = part;
    }
    return *store_;
  }

  Layout layout_;
  ReadOptions options_;
  std::vector<int64_t> ends_;
  std::unique_ptr<ReadStore> store_;
  size_t open_part_ = 0;
  bool notices_changes_ = true;  // every store that was read notices changes
};

}  // namespace

std::unique_ptr<ReadStore> open_store(const Layout& layout, const ReadOptions& options) {
  if (layout.half_floats) {
    Layout halves = layout;
    halves.half_floats = false;
    halves.order.component_bytes /= 2;
    return widen_half_floats(open_store(halves, options), layout.big_endian);
  }
  if (layout.is_raw()) return open_contiguous_store(layout, options);
  if (layout.is_text()) return open_text_store(layout, options.files.get());
  if (layout.is_bzip2()) return open_bzip2_store(layout, options.files.get());
  if (layout.parts.size() == 1) return DeflateReader::open(layout, options);
  return std::make_unique<CompressedParts>(layout, options);
}

}  // namespace swr
