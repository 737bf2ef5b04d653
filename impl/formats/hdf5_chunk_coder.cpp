#include "formats/hdf5_chunk_coder.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "image/copy.h"
#include "stores/overlay.h"

namespace swr {

Hdf5ChunkCoder::Hdf5ChunkCoder(const Layout& layout, const DeflateOptions& deflate)
    : layout_(layout),
      form_(*hdf5_chunk_form(layout)),
      path_(layout.parts.at(0).path),
      encoding_(form_.filters, layout.big_endian, deflate),
      decoder_(form_.filters, layout.big_endian, path_) {}

Region Hdf5ChunkCoder::stored_box(int64_t chunk) const {
  Region box = layout_.grid().box(chunk);
  std::copy_n(form_.chunk.begin(), box.dimensions, box.size.begin());
  return box;
}

std::vector<std::byte> Hdf5ChunkCoder::encode(int64_t chunk,
                                              std::vector<std::byte>&& pixels) const {
  const Region box = layout_.grid().box(chunk), whole = stored_box(chunk);
  const int64_t pixel_bytes = layout_.order.pixel_bytes();
  if (!(whole == box)) {
    std::vector<std::byte> padded(static_cast<size_t>(whole.pixels() * pixel_bytes));
    if (!form_.fill.empty()) fill_with(form_.fill, 0, padded);
    copy_region(box, pixel_bytes, pixels.data(), box, padded.data(), whole);
    pixels = std::move(padded);
  }
  return encoding_.encode(std::move(pixels));
}

void Hdf5ChunkCoder::decode(int64_t chunk, std::vector<std::byte> stored,
                            std::span<std::byte> pixels) const {
  const Region box = layout_.grid().box(chunk), whole = stored_box(chunk);
  const int64_t pixel_bytes = layout_.order.pixel_bytes();
  const char* const flaw = decoder_.decode(stored, whole.pixels() * pixel_bytes);
  if (flaw) fail(SWR_ERROR_CORRUPT, path_, ": the chunk with the pixels ", box.text(), ": ", flaw);
  copy_region(box, pixel_bytes, stored.data(), whole, pixels.data(), box);
}

}  // namespace swr
