// The linear pixels of new files.
#include "base/checked.h"
#include "base/error.h"
#include "storage/transaction.h"
#include "stores/contiguous.h"
#include "stores/deflate_blocks.h"
#include "stores/linear_pixels.h"
#include "stores/overlay.h"
#include "stores/stream_suffix.h"

namespace swr {
namespace {

class RawSink final : public PixelSink {
 public:
  RawSink(const NewLinearPixels& pixels, const NewFiles& files, const WriteOptions& options)
      : file_(*files.parts[0]),
        end_(checked_add(pixels.layout.parts[0].offset, pixels.layout.order.bytes())),
        trailer_(pixels.trailer),
        store_(file_, pixels.layout.parts[0].offset) {
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
  void finish() override {
    file_.resize(end_);
    if (!trailer_.empty()) file_.write_at(end_, std::as_bytes(std::span(trailer_)));
  }

 private:
  File& file_;
  const int64_t end_;
  const std::string& trailer_;
  NewContiguousStore store_;
};

class DeflateSink final : public PixelSink {
 public:
  DeflateSink(const NewLinearPixels& pixels, const NewFiles& files, const WriteOptions& options)
      : layout_(pixels.layout),
        suffix_(pixels.stream_suffix),
        file_(*files.parts[0]),
        header_(*files.header),
        options_(options),
        store_(SlottedStream::create(
            file_, layout_.parts[0].offset, layout_.stream().wrapper == Deflate::Wrapper::gzip,
            pixels.stream_prefix, layout_.order.bytes(), options.deflate, *options.counters)) {}

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
    const int64_t bytes = changed_bytes_.value_or(store_->stream_bytes());
    if (!suffix_.empty()) file_.write_at(layout_.parts[0].offset + bytes, suffix_member(suffix_));
    const auto& field = layout_.stream().stream_bytes_field;
    if (!field) return;
    const std::string text = field->text(bytes);
    if (std::ssize(text) > field->width)
      fail(SWR_ERROR_INTERNAL, "the field of the compressed size is too narrow");
    header_.write_at(field->offset, std::as_bytes(std::span(text)));
  }

 private:
  const Layout& layout_;
  const std::string& suffix_;
  File& file_;
  File& header_;
  const WriteOptions options_;
  std::unique_ptr<SlottedStream> store_;
  std::optional<int64_t> changed_bytes_;  // the stream's length after replace()
};

}  // namespace

std::unique_ptr<PixelSink> new_linear_pixels(const NewLinearPixels& pixels, const NewFiles& files,
                                             const WriteOptions& options) {
  if (pixels.layout.is_compressed()) return std::make_unique<DeflateSink>(pixels, files, options);
  return std::make_unique<RawSink>(pixels, files, options);
}

}  // namespace swr
