#include "engine/old_pixels.h"

#include "engine/pieces.h"
#include "stores/overlay.h"

namespace swr {

OldPixels::OldPixels(const WritePlan& plan, const Settings& settings) : plan_(plan) {
  ReadOptions options;
  options.threads = plan.memory.threads;
  options.memory_limit = settings.memory() / 4;
  options.files = plan.open;
  pixels_ = plan.format->reader(plan.file->layout, options);
}

bool OldPixels::is_in_order() const {
  const LinearOrder &old = plan_.file->layout.order, &now = plan_.new_file->layout.order;
  if (!pixels_->sequence()) return false;
  return old.components == 1 ||
         (old.component_axis == now.component_axis && old.planes == now.planes);
}

std::unique_ptr<Overlay> OldPixels::overlay() {
  return std::make_unique<BoxOverlay>(plan_.new_file->layout.order, box(), *pixels_->sequence(),
                                      BoxOverlay::Values::packed, swaps());
}

void OldPixels::carry_to(const std::function<void(const Region&, const std::byte*)>& write) {
  const LinearOrder& order = plan_.file->layout.order;
  const Region place = box();
  read_in_pieces(*pixels_, order, whole(order.dimensions, order.size), swaps(), plan_.block,
                 [&](Region piece, const std::byte* pixels) {
                   for (int axis = 0; axis < piece.dimensions; ++axis)
                     piece.index[axis] += place.index[axis];
                   write(piece, pixels);
                 });
}

}  // namespace swr
