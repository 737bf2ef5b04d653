#include "box_source.h"

#include <algorithm>
#include <string>

#include "fill_piece.h"
#include "regions.h"

namespace swr::tool {
namespace {

bool is_one_wide(const swr_region& region, int first_axis) {
  return std::all_of(region.size + first_axis, region.size + region.dimensions,
                     [](int64_t size) { return size == 1; });
}

}  // namespace

BoxSource::BoxSource(swr_reader* reader, const swr_region& from, const swr_region& to)
    : reader_(reader), from_(from), to_(to) {
  const int common = std::min(from.dimensions, to.dimensions);
  if (!std::equal(from.size, from.size + common, to.size) || !is_one_wide(from, common) ||
      !is_one_wide(to, common)) {
    throw Failure(SWR_ERROR_MISMATCH, "the box " + region_text(from) + " does not fit into " +
                                          region_text(to) +
                                          ": axes that one of them lacks must have the size 1");
  }
}

swr_region BoxSource::source_of(const swr_region& written) const {
  swr_region region = from_;
  for (int d = 0; d < std::min(from_.dimensions, to_.dimensions); ++d) {
    region.index[d] = written.index[d] - to_.index[d] + from_.index[d];
    region.size[d] = written.size[d];
  }
  return region;
}

int32_t pull_box(swr_piece* piece, void* user) {
  const auto* const source = static_cast<const BoxSource*>(user);
  return fill_piece(piece, [&](const swr_region& part, std::byte* buffer) {
    const swr_region region = source->source_of(part);
    check(source->reader(),
          swr_reader_read(source->reader(), &region, buffer, swr_piece_bytes(piece)));
  });
}

}  // namespace swr::tool
