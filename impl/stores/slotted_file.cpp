#include "stores/slotted_file.h"

#include <algorithm>

#include "base/checked.h"

namespace swr {

std::optional<SlottedFile> SlottedFile::open(const File& file, const Layout& layout,
                                             int64_t memory_limit, MemoryMeter& meter) {
  const StreamExtent extent = stream_extent(file, layout);
  const auto footer = SlotFooter::find(file, extent.begin, extent.bytes);
  if (!footer || footer->shape.pixel_bytes != layout.parts[0].bytes ||
      footer->shape.prefix_bytes != layout.stream().prefix)
    return std::nullopt;
  std::unique_ptr<SlotPages> pages;
  try {
    pages =
        std::make_unique<SlotPages>(file, extent, *footer, directory_memory(memory_limit), meter);
  } catch (const DirectoryError&) {
    return std::nullopt;
  }
  SlottedFile slots(file, extent, std::move(pages));
  slots.verify_prefix();
  return slots;
}

int64_t SlottedFile::directory_memory(int64_t memory_limit) {
  return std::clamp(memory_limit / 16, int64_t{64} << 10, int64_t{1} << 20);
}

void SlottedFile::inflate_checked(int64_t number, RunInflater& inflater, bool with_filler,
                                  std::span<std::byte> out) const {
  const auto [slot, position] = pages_->find(number);
  const int64_t end = extent_.begin + position + slot.bytes;
  const int64_t bytes = with_filler ? slot.bytes : slot.run_bytes;
  file_->read_at(end - bytes, inflater.input(static_cast<size_t>(bytes)));
  if (inflater.inflate(out) && checksum_of(shape().kind(), out) == slot.checksum) return;
  const int64_t raw_begin = number * shape().slot_raw_bytes;
  fail(SWR_ERROR_CORRUPT, file_->path(), ": the compressed bytes ", end - bytes, " to ", end - 1,
       " do not decompress to the pixel bytes ", raw_begin, " to ",
       raw_begin + static_cast<int64_t>(out.size()) - 1, " with the right checksum");
}

void SlottedFile::read_slot(int64_t number, RunInflater& inflater, std::span<std::byte> out) const {
  inflate_checked(number, inflater, false, out);
}

void SlottedFile::verify_slot(int64_t number, RunInflater& inflater,
                              std::span<std::byte> out) const {
  inflate_checked(number, inflater, true, out);
}

void SlottedFile::expect(int64_t position, std::span<const std::byte> bytes,
                         const char* what) const {
  std::vector<std::byte> found(bytes.size());
  file_->read_at(extent_.begin + position, found);
  if (!std::equal(bytes.begin(), bytes.end(), found.begin())) {
    fail(SWR_ERROR_CORRUPT, file_->path(), ": the ", what, " at byte ", extent_.begin + position,
         " has unexpected bytes");
  }
}

void SlottedFile::verify_prefix() const {
  constexpr int64_t longest_stored_block = 65535;
  uint32_t checksum = checksum_start(shape().kind());
  auto position = static_cast<int64_t>(plain_head(shape().gzip).size());
  for (int64_t left = shape().prefix_bytes; left > 0;) {
    std::vector<std::byte> block(static_cast<size_t>(std::min(left, longest_stored_block)));
    file_->read_at(extent_.begin + position + 5, block);
    checksum = checksum_update(shape().kind(), checksum, block);
    expect(position, std::span<const std::byte>(store_prefix(block)), "prefix of the stream");
    position += 5 + static_cast<int64_t>(block.size());
    left -= static_cast<int64_t>(block.size());
  }
  if (checksum != pages_->footer().prefix_checksum)
    fail(SWR_ERROR_CORRUPT, file_->path(),
         ": the bytes before the pixels do not match their checksum");
}

void SlottedFile::verify_frame() const {
  expect(0, plain_head(shape().gzip), "head of the stream");
  verify_prefix();
  expect(pages_->end(), pages_->footer().tail(), "end of the stream");
}

}  // namespace swr
