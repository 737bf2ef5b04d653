#include "engine/piece.h"

#include "base/error.h"
#include "image/runs.h"

namespace swr {

void* Piece::buffer() {
  if (failure_) return nullptr;
  try {
    if (!buffer_) buffer_ = memory_();
    is_asked_ = true;
  } catch (...) {
    failure_ = std::current_exception();
  }
  return buffer_;
}

void Piece::lend(const void* data, const swr_region* held) {
  if (!data || !held) {
    words_ = "the lent memory or its region is NULL";
    swr::fail(SWR_ERROR_ARGUMENT, words_);
  }
  lent_ = nullptr;
  region_error_.reset();
  Region given;
  try {
    given = region_from_c(*held, "the lent region");
  } catch (const Error& error) {
    region_error_ = error.what();
    swr::fail(SWR_ERROR_SOURCE_REGION, error.what());
  }
  if (!given.contains(region_)) {
    region_error_ = text("asked for ", region_.text(), ", the source delivered ", given.text());
    swr::fail(SWR_ERROR_SOURCE_REGION, *region_error_);
  }
  lent_ = static_cast<const std::byte*>(data);
  held_ = given;
}

std::optional<std::span<const std::byte>> lent_stretch(const std::byte* lent, const Region& held,
                                                       const Region& region,
                                                       const PixelType& type) {
  LinearOrder order;
  order.dimensions = held.dimensions;
  order.size = held.size;
  order.component_bytes = swr_component_bytes(type.component);
  order.components = type.components;
  const int64_t begin = contiguous_begin(order, region.relative_to(held.index));
  if (begin < 0) return std::nullopt;
  return std::span(lent + begin, static_cast<size_t>(region.pixels() * type.bytes()));
}

}  // namespace swr
