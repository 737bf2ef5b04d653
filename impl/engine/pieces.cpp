#include "engine/pieces.h"

#include <algorithm>
#include <vector>

#include "base/byte_order.h"
#include "plan/split.h"
#include "stores/overlay.h"

namespace swr {
namespace {

int64_t pixel_bytes(const LinearOrder& order) {
  return int64_t{order.component_bytes} * order.components;
}

Split pieces_of(const LinearOrder& order, const Region& box, int64_t most_bytes) {
  const int64_t pixel = pixel_bytes(order);
  return Split::in_bytes(box, pixel, std::max(most_bytes, pixel));
}

std::vector<std::byte> buffer_for(const LinearOrder& order, const Split& pieces) {
  return std::vector<std::byte>(static_cast<size_t>(pieces.largest_pixels() * pixel_bytes(order)));
}

}  // namespace

void fill_gaps(const WritePixels& write, const LinearOrder& order, const Coverage& written,
               std::span<const std::byte> fill, int64_t most_bytes) {
  for (const Region& gap : written.missing(whole(order.dimensions, order.size))) {
    const Split pieces = pieces_of(order, gap, most_bytes);
    auto pixels = buffer_for(order, pieces);
    fill_with(fill, 0, pixels);
    for (int64_t i = 0; i < pieces.count(); ++i) write(pieces.piece(i), pixels.data());
  }
}

void read_in_pieces(PixelReader& from, const LinearOrder& order, const Region& box, bool swap,
                    int64_t most_bytes, const WritePixels& take) {
  const Split pieces = pieces_of(order, box, most_bytes);
  auto pixels = buffer_for(order, pieces);
  for (int64_t i = 0; i < pieces.count(); ++i) {
    const Region piece = pieces.piece(i);
    const auto packed =
        std::span(pixels).first(static_cast<size_t>(piece.pixels() * pixel_bytes(order)));
    from.read(piece, packed);
    if (swap) swap_bytes(packed, order.component_bytes);
    take(piece, packed.data());
  }
}

}  // namespace swr
