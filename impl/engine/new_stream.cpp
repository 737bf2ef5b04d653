// The output of a new file whose pixels are one compressed stream.
#include "base/error.h"
#include "engine/spooled_output.h"
#include "formats/header_text.h"
#include "stores/deflate_blocks.h"
#include "stores/stream_suffix.h"

namespace swr {
namespace {

class NewStream final : public SpooledOutput {
 public:
  NewStream(const WritePlan& plan, const Settings& settings, Statistics& statistics,
            Transaction& transaction)
      : SpooledOutput(plan, settings, statistics, transaction) {
    const bool gzip = layout_.stream().wrapper == Deflate::Wrapper::gzip;
    auto slotted = SlottedStream::create(*data_, begin(), gzip, plan.new_file->stream_prefix,
                                         total_, plan.deflate, statistics.store);
    slotted_ = slotted.get();
    open(std::move(slotted));
  }

 private:
  void complete_file(const Coverage& again) override {
    const int64_t bytes = again.empty() ? slotted_->stream_bytes() : change_again(again);
    patch_stream_bytes(bytes);
    const std::string& suffix = plan_.new_file->stream_suffix;
    if (!suffix.empty()) data_->write_at(begin() + bytes, suffix_member(suffix));
  }

  // The pixels are changed as in any slotted file. The stream's length is returned.
  int64_t change_again(const Coverage& again) {
    OverlayList overlays(total_);
    add_spooled(overlays, again);
    DeflateUpdate update;
    update.overlay = &overlays;
    update.new_bytes = total_;
    update.options = plan_.deflate;
    DeflateResult result;
    statistics_.store.bytes_out += Transaction::revise(*data_, [&](InPlace& change, int file) {
      result = update_deflate(layout_, update, change, file, statistics_.store);
      if (!result.done)
        fail(SWR_ERROR_INTERNAL, settings_.path, ": the new stream is not open to change");
    });
    return result.stream_bytes;
  }

  void patch_stream_bytes(int64_t stream_bytes) {
    const auto& field = layout_.stream().stream_bytes_field;
    if (!field) return;
    const std::string digits = left_aligned(stream_bytes, field->width);
    if (std::ssize(digits) > field->width)
      fail(SWR_ERROR_INTERNAL, "the field of the compressed size is too narrow");
    header_->write_at(field->offset, std::as_bytes(std::span(digits)));
  }

  SlottedStream* slotted_ = nullptr;
};

}  // namespace

std::unique_ptr<Output> open_new_stream(const WritePlan& plan, const Settings& settings,
                                        Statistics& statistics, Transaction& transaction) {
  return std::make_unique<NewStream>(plan, settings, statistics, transaction);
}

}  // namespace swr
