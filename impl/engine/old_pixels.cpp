#include "engine/old_pixels.h"

#include <algorithm>
#include <vector>

#include "base/byte_order.h"
#include "stores/open_store.h"
#include "stores/overlay.h"
#include "stores/region_io.h"

namespace swr {

OldPixels::OldPixels(const WritePlan& plan, const Settings& settings) : plan_(plan) {
  ReadOptions options;
  options.threads = plan.memory.threads;
  options.memory_limit = settings.memory_limit.value_or(default_memory_limit) / 4;
  store_ = open_store(plan.file->layout, options);
}

bool OldPixels::is_in_order() const {
  const LinearOrder &old = plan_.file->layout.order, &now = plan_.new_file->layout.order;
  return old.components == 1 ||
         (old.component_axis == now.component_axis && old.planes == now.planes);
}

std::unique_ptr<Overlay> OldPixels::overlay() {
  return std::make_unique<BoxOverlay>(plan_.new_file->layout.order, box(), *store_,
                                      BoxOverlay::Values::packed, swaps());
}

void OldPixels::carry_to(const std::function<void(const Region&, const std::byte*)>& write) {
  const int64_t pixel_bytes = plan_.image.pixel.bytes();
  const LinearOrder& order = plan_.file->layout.order;
  const Split pieces = Split::in_bytes(whole(order.dimensions, order.size), pixel_bytes,
                                       std::max(plan_.block, pixel_bytes));
  std::vector<std::byte> pixels(static_cast<size_t>(pieces.largest_pixels() * pixel_bytes));
  for (int64_t i = 0; i < pieces.count(); ++i) {
    Region piece = pieces.piece(i);
    const auto packed = std::span(pixels).first(static_cast<size_t>(piece.pixels() * pixel_bytes));
    read_region(*store_, order, piece, packed.data());
    if (swaps()) swap_bytes(packed, order.component_bytes);
    for (int axis = 0; axis < piece.dimensions; ++axis) piece.index[axis] += box().index[axis];
    write(piece, packed.data());
  }
}

}  // namespace swr
