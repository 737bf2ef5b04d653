#include "engine/placed_output.h"

#include <utility>

#include "base/stopwatch.h"
#include "engine/pieces.h"
#include "stores/region_io.h"

namespace swr {

PlacedOutput::PlacedOutput(Parts parts) : NewOutput(std::move(parts)), places_(*sink().places()) {
  if (old_) lay_background();
}

// Pixels that are written by region then replace it.
void PlacedOutput::lay_background() {
  OverlayList background(total_);
  if (old_->is_in_order()) background.add(old_->overlay());
  compose(background);
  if (old_->is_in_order()) return;
  old_->carry_to([this](const Region& region, const std::byte* pixels) { write(region, pixels); });
}

void PlacedOutput::write(const Region& region, const std::byte* pixels) {
  const Stopwatch watch(statistics_.store.store_nanoseconds);
  leave_stream();
  write_region(places_, layout_.order, region, pixels);
}

void PlacedOutput::write_selected(const Region& region, const std::byte* pixels,
                                  std::span<const uint8_t> mask) {
  const Stopwatch watch(statistics_.store.store_nanoseconds);
  leave_stream();
  swr::write_selected(places_, layout_.order, region, pixels, mask);
}

// Afterwards all that the stream has taken is in the file.
void PlacedOutput::leave_stream() {
  if (left_stream_) return;
  left_stream_ = true;
  blocks().stop_converting();
}

void PlacedOutput::complete(const Coverage& written) {
  if (blocks().position() == total_) return blocks().finish();
  leave_stream();
  // A new file reads as zeros where nothing was written.
  if (old_ || plan_.fills_with_zeros()) return;
  const auto fill = [this](const Region& gap, const std::byte* pixels) {
    write_region(places_, layout_.order, gap, pixels);
  };
  fill_gaps(fill, layout_.order, written, plan_.stored_fill(layout_), plan_.block);
}

}  // namespace swr
