#include "engine/piece.h"

#include "base/error.h"

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

}  // namespace swr
