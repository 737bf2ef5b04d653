#include "engine/conversion_scratch.h"

#include <new>

namespace swr {

std::span<const std::byte> ConversionScratch::Lease::run(const PixelConversion& conversion,
                                                         std::span<const std::byte> source,
                                                         const PixelConversion::Place& place) {
  PixelConversion::Buffers& buffers = item_->buffers;
  const auto stored = conversion.run(source, buffers, place);
  const auto bytes =
      static_cast<int64_t>(buffers.values.capacity() + buffers.components.capacity());
  item_.get_deleter().scratch->meter_.add(bytes - item_->metered);
  item_->metered = bytes;
  return stored;
}

ConversionScratch::Lease ConversionScratch::take() {
  std::unique_ptr<Item> item;
  {
    const MutexLock lock(mutex_);
    if (!free_.empty()) {
      item = std::move(free_.back());
      free_.pop_back();
    }
  }
  if (!item) item = std::make_unique<Item>();
  return Lease({item.release(), GiveBack{this}});
}

void ConversionScratch::give_back(std::unique_ptr<Item> item) noexcept {
  const MutexLock lock(mutex_);
  try {
    free_.reserve(free_.size() + 1);
  } catch (const std::bad_alloc&) {
    meter_.remove(item->metered);
    return;
  }
  free_.push_back(std::move(item));
}

void ConversionScratch::clear() {
  const MutexLock lock(mutex_);
  for (const auto& item : free_) meter_.remove(item->metered);
  free_.clear();
}

}  // namespace swr
