#include "engine/spooled_output.h"

#include <utility>

#include "base/stopwatch.h"
#include "stores/region_io.h"

namespace swr {

SpooledOutput::SpooledOutput(Parts parts) : NewOutput(std::move(parts)) {
  if (!old_ || old_->is_in_order()) return;
  old_->carry_to([this](const Region& region, const std::byte* pixels) { write(region, pixels); });
  carried_.add(old_->box());
}

void SpooledOutput::write(const Region& region, const std::byte* pixels) {
  const Stopwatch watch(statistics_.store.store_nanoseconds);
  leave_stream();
  if (BoxOverlay::begin(layout_.order, region) < blocks().position()) again_.add(region);
  write_region(*waiting_, layout_.order, region, pixels);
}

// Interrupts the stream: what follows is written by region. The stream continues when all pixels
// are known.
void SpooledOutput::leave_stream() {
  if (waiting_) return;
  waiting_ = std::make_unique<Scratch>(settings_.memory() / 8, settings_.path, statistics_.store);
  blocks().stop_converting();
  const auto rest = blocks().take_back();
  if (!rest.empty()) waiting_->write(blocks().position(), rest);
}

void SpooledOutput::complete(const Coverage& written) {
  OverlayList overlays(total_);
  if (old_ && carried_.empty()) overlays.add(old_->overlay());
  if (waiting_) add_waiting(overlays, carried_);
  if (waiting_) add_waiting(overlays, written);
  compose(overlays);
  blocks().finish();
  if (!again_.empty()) sink().replace(again_.boxes(), *waiting_);
}

void SpooledOutput::add_waiting(OverlayList& overlays, const Coverage& boxes) {
  for (const Region& box : boxes.boxes()) {
    overlays.add(std::make_unique<BoxOverlay>(layout_.order, box, *waiting_,
                                              BoxOverlay::Values::in_place, false));
  }
}

}  // namespace swr
