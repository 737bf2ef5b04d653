// The linear pixels of new files.
#include "base/checked.h"
#include "base/error.h"
#include "storage/transaction.h"
#include "stores/contiguous.h"
#include "stores/deflate_blocks.h"
#include "stores/linear_pixels.h"
#include "stores/overlay.h"

namespace swr {
namespace {

class RawSink final : public PixelSink {
 public:
  RawSink(const Layout& layout, const NewFiles& files, const WriteOptions& options)
      : file_(*files.parts[0]),
        end_(checked_add(layout.parts[0].offset, layout.order.bytes())),
        store_(file_, layout.parts[0].offset) {
    if (options.all_pixels_come) {
      file_.preallocate(end_);
    } else {
      file_.resize(end_);
    }
  }

  StreamStore& stream() override { return store_; }
  WriteStore* places() override { return &store_; }
  void replace(std::span<const Region>, ReadStore&) override {
    fail(SWR_ERROR_INTERNAL, file_.path(), ": raw pixels are replaced where they are");
  }
  void finish() override { file_.resize(end_); }

 private:
  File& file_;
  const int64_t end_;
  NewContiguousStore store_;
};

class DeflateSink final : public PixelSink {
 public:
  DeflateSink(const Layout& layout, const std::string& prefix, const NewFiles& files,
              const WriteOptions& options)
      : layout_(layout),
        file_(*files.parts[0]),
        header_(*files.header),
        options_(options),
        store_(SlottedStream::create(file_, layout.parts[0].offset,
                                     layout.stream().wrapper == Deflate::Wrapper::gzip, prefix,
                                     layout.order.bytes(), options.deflate, *options.counters)) {}

  StreamStore& stream() override { return *store_; }

  // The pixels are changed as in any slotted file.
  void replace(std::span<const Region> boxes, ReadStore& pixels) override {
    OverlayList overlays(layout_.order.bytes());
    for (const Region& box : boxes) {
      overlays.add(std::make_unique<BoxOverlay>(layout_.order, box, pixels,
                                                BoxOverlay::Values::in_place, false));
    }
    DeflateUpdate update;
    update.overlay = &overlays;
    update.new_bytes = layout_.order.bytes();
    update.options = options_.deflate;
    DeflateResult result;
    const auto act = [&](FileChanges& change, int file) {
      result = update_deflate(layout_, update, change, file, *options_.counters);
      if (!result.done)
        fail(SWR_ERROR_INTERNAL, file_.path(), ": the new stream is not open to change");
    };
    options_.counters->bytes_out += Transaction::revise(file_, act);
    changed_bytes_ = result.stream_bytes;
  }

  void finish() override {
    const auto& field = layout_.stream().stream_bytes_field;
    if (!field) return;
    const std::string text = field->text(changed_bytes_.value_or(store_->stream_bytes()));
    if (std::ssize(text) > field->width)
      fail(SWR_ERROR_INTERNAL, "the field of the compressed size is too narrow");
    header_.write_at(field->offset, std::as_bytes(std::span(text)));
  }

 private:
  const Layout& layout_;
  File& file_;
  File& header_;
  const WriteOptions options_;
  std::unique_ptr<SlottedStream> store_;
  std::optional<int64_t> changed_bytes_;  // the stream's length after replace()
};

}  // namespace

std::unique_ptr<PixelSink> new_linear_pixels(const Layout& layout, const std::string& stream_prefix,
                                             const NewFiles& files, const WriteOptions& options) {
  if (layout.is_compressed())
    return std::make_unique<DeflateSink>(layout, stream_prefix, files, options);
  return std::make_unique<RawSink>(layout, files, options);
}

}  // namespace swr
