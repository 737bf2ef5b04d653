// The output of a new file whose pixels are one compressed stream. Pixels that do not come from the
// front wait until all are known.
#include "base/error.h"
#include "base/stopwatch.h"
#include "engine/new_output.h"
#include "formats/header_text.h"
#include "storage/in_place.h"
#include "stores/deflate_blocks.h"
#include "stores/region_io.h"
#include "stores/scratch.h"

namespace swr {
namespace {

class NewStream final : public NewOutput {
 public:
  NewStream(const WritePlan& plan, const Settings& settings, Statistics& statistics,
            FileLocks& locks)
      : NewOutput(plan, settings, statistics, locks) {
    const bool gzip = layout_.stream().wrapper == Deflate::Wrapper::gzip;
    slotted_ = SlottedStream::create(*data_, begin(), gzip, plan.new_file->stream_prefix, total_,
                                     plan.deflate, statistics.store);
    stream_ = make_stream(*slotted_, true);
    if (!old_ || old_->is_in_order()) return;
    old_->carry_to([this](const Region& region, const std::byte* pixels) {
      NewStream::write(region, pixels);
    });
    carried_.add(old_->box());
  }

  BlockStream* stream() override { return offered(*stream_); }

  void write(const Region& region, const std::byte* pixels) override {
    const Stopwatch watch(statistics_.store.store_nanoseconds);
    leave_stream();
    if (BoxOverlay::begin(layout_.order, region) < stream_->position()) again_.add(region);
    write_region(*spool_, layout_.order, region, pixels);
  }

 private:
  // Ends the stream in the middle: what follows is written by region. It goes on from there when all
  // pixels are known.
  void leave_stream() {
    if (spool_) return;
    spool_ = std::make_unique<Scratch>(settings_.memory() / 8, settings_.path, statistics_.store);
    stream_->stop_converting();
    const auto rest = stream_->take_back();
    if (rest.empty()) return;
    const Write write{stream_->position(), rest};
    spool_->write({&write, 1});
  }

  void complete(const Coverage& written) override {
    OverlayList overlays(total_);
    if (old_ && carried_.empty()) overlays.add(old_->overlay());
    if (spool_) add_boxes(overlays, carried_);
    if (spool_) add_boxes(overlays, written);
    compose(*stream_, overlays);
    stream_->finish();
    patch_stream_bytes(again_.empty() ? slotted_->stream_bytes() : change_again());
  }

  void add_boxes(OverlayList& overlays, const Coverage& boxes) {
    for (const Region& box : boxes.boxes()) {
      overlays.add(std::make_unique<BoxOverlay>(layout_.order, box, *spool_,
                                                BoxOverlay::Values::in_place, false));
    }
  }

  // Pixels that were put again after they had gone into the stream: changed there as in any slotted
  // file. The stream's length is returned.
  int64_t change_again() {
    OverlayList overlays(total_);
    add_boxes(overlays, again_);
    DeflateUpdate update;
    update.overlay = &overlays;
    update.new_bytes = total_;
    update.options = plan_.deflate;
    InPlace change(settings_.path, {.rollback = false, .sync = false, .erase = false});
    const DeflateResult result =
        update_deflate(layout_, update, change, change.add(*data_), statistics_.store);
    if (!result.done)
      fail(SWR_ERROR_INTERNAL, settings_.path, ": the new stream is not open to change");
    change.commit();
    statistics_.store.bytes_out += change.bytes_written();
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

  std::unique_ptr<SlottedStream> slotted_;
  std::unique_ptr<Scratch> spool_;       // once the stream was left
  Coverage carried_;                     // pixels of the existing file that were written by region
  Coverage again_;                       // written by region where the stream had been already
  std::unique_ptr<BlockStream> stream_;  // last: its threads stop before what they use goes
};

}  // namespace

std::unique_ptr<Output> open_new_stream(const WritePlan& plan, const Settings& settings,
                                        Statistics& statistics, FileLocks& locks) {
  return std::make_unique<NewStream>(plan, settings, statistics, locks);
}

}  // namespace swr
