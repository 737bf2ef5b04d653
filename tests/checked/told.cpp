#include "checked/told.h"

namespace swr::checked {

bool Told::keeps_old_file() const {
  if (existing == SWR_EXISTING_DEFAULT) return part.has_value();
  return existing == SWR_EXISTING_UPDATE || existing == SWR_EXISTING_EXTEND;
}

void Delivered::add_unknown() {
  const std::scoped_lock lock(mutex_);
  complete = false;
}

void Delivered::keep(std::vector<Chunk>& list, const swr_region& region, const PixelsIn& memory) {
  const std::scoped_lock lock(mutex_);
  const int64_t pixel_bytes = int64_t{swr_component_bytes(memory.component)} * memory.components;
  const int64_t bytes = pixels_of(region) * pixel_bytes;
  if (!complete || bytes_ + bytes > 2 * most_bytes) {
    complete = false;
    return;
  }
  bytes_ += bytes;
  Chunk chunk{region, memory.component, memory.components, Bytes(static_cast<size_t>(bytes))};
  copy_part(region, pixel_bytes, static_cast<const unsigned char*>(memory.memory), memory.held,
            chunk.pixels.data(), region);
  list.push_back(std::move(chunk));
}

}  // namespace swr::checked
