#include "engine/spooled_output.h"

#include "base/stopwatch.h"
#include "stores/region_io.h"

namespace swr {

void SpooledOutput::open(std::unique_ptr<StreamStore> store) {
  store_ = std::move(store);
  stream_ = make_stream(*store_, true);
  if (!old_ || old_->is_in_order()) return;
  old_->carry_to([this](const Region& region, const std::byte* pixels) { write(region, pixels); });
  carried_.add(old_->box());
}

void SpooledOutput::write(const Region& region, const std::byte* pixels) {
  const Stopwatch watch(statistics_.store.store_nanoseconds);
  leave_stream();
  if (BoxOverlay::begin(layout_.order, region) < stream_->position()) again_.add(region);
  write_region(*spool_, layout_.order, region, pixels);
}

// Ends the stream in the middle: what follows is written by region. It goes on from there when all
// pixels are known.
void SpooledOutput::leave_stream() {
  if (spool_) return;
  spool_ = std::make_unique<Scratch>(settings_.memory() / 8, settings_.path, statistics_.store);
  stream_->stop_converting();
  const auto rest = stream_->take_back();
  if (rest.empty()) return;
  const Write write{stream_->position(), rest};
  spool_->write({&write, 1});
}

void SpooledOutput::complete(const Coverage& written) {
  OverlayList overlays(total_);
  if (old_ && carried_.empty()) overlays.add(old_->overlay());
  if (spool_) add_spooled(overlays, carried_);
  if (spool_) add_spooled(overlays, written);
  compose(*stream_, overlays);
  stream_->finish();
  complete_file(again_);
}

void SpooledOutput::add_spooled(OverlayList& overlays, const Coverage& boxes) {
  for (const Region& box : boxes.boxes()) {
    overlays.add(std::make_unique<BoxOverlay>(layout_.order, box, *spool_,
                                              BoxOverlay::Values::in_place, false));
  }
}

}  // namespace swr
