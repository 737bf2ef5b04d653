#include "stores/slotted_file.h"

#include <algorithm>

#include "base/checked.h"

namespace swr {

std::optional<SlottedFile> SlottedFile::open(const File& file, const Layout& layout) {
  const StreamExtent extent = stream_extent(file, layout);
  auto directory = SlotDirectory::find(file, extent.begin, extent.bytes);
  if (!directory || directory->pixel_bytes != layout.parts[0].bytes ||
      directory->prefix_bytes != layout.stream().prefix)
    return std::nullopt;
  SlottedFile slots(file, extent, std::move(*directory));
  slots.verify_prefix();
  return slots;
}

void SlottedFile::inflate_checked(int64_t number, RunInflater& inflater, int64_t bytes,
                                  std::span<std::byte> out) const {
  const Slot& here = slot(number);
  const int64_t end = extent_.begin + positions_.slots[static_cast<size_t>(number)] + here.bytes;
  file_->read_at(end - bytes, inflater.input(static_cast<size_t>(bytes)));
  if (inflater.inflate(out) && checksum_of(directory_.kind(), out) == here.checksum) return;
  const int64_t raw_begin = number * directory_.slot_raw_bytes;
  fail(SWR_ERROR_CORRUPT, file_->path(), ": the compressed bytes ", end - bytes, " to ", end - 1,
       " do not give the pixel bytes ", raw_begin, " to ",
       raw_begin + static_cast<int64_t>(out.size()) - 1, ", or others than their checksum says");
}

void SlottedFile::read_slot(int64_t number, RunInflater& inflater, std::span<std::byte> out) const {
  inflate_checked(number, inflater, slot(number).run_bytes, out);
}

void SlottedFile::verify_slot(int64_t number, RunInflater& inflater,
                              std::span<std::byte> out) const {
  inflate_checked(number, inflater, slot(number).bytes, out);
}

void SlottedFile::expect(int64_t position, std::span<const std::byte> bytes,
                         const char* what) const {
  std::vector<std::byte> found(bytes.size());
  file_->read_at(extent_.begin + position, found);
  if (!std::equal(bytes.begin(), bytes.end(), found.begin())) {
    fail(SWR_ERROR_CORRUPT, file_->path(), ": the ", what, " at byte ", extent_.begin + position,
         " is not what it has to be");
  }
}

void SlottedFile::verify_prefix() const {
  constexpr int64_t longest_stored_block = 65535;
  uint32_t checksum = checksum_start(directory_.kind());
  auto position = static_cast<int64_t>(plain_head(directory_.gzip).size());
  for (int64_t left = directory_.prefix_bytes; left > 0;) {
    std::vector<std::byte> block(static_cast<size_t>(std::min(left, longest_stored_block)));
    file_->read_at(extent_.begin + position + 5, block);
    checksum = checksum_update(directory_.kind(), checksum, block);
    expect(position, std::span<const std::byte>(store_prefix(block)), "prefix of the stream");
    position += 5 + static_cast<int64_t>(block.size());
    left -= static_cast<int64_t>(block.size());
  }
  if (checksum != directory_.prefix_checksum)
    fail(SWR_ERROR_CORRUPT, file_->path(),
         ": the bytes in front of the pixels do not agree with their checksum");
}

void SlottedFile::verify_frame() const {
  expect(0, plain_head(directory_.gzip), "head of the stream");
  verify_prefix();
  for (int64_t page = 0; page < directory_.page_count(); ++page) {
    expect(positions_.pages[static_cast<size_t>(page)], directory_.page(page),
           "directory of slots");
  }
  expect(positions_.end, directory_.tail(), "end of the stream");
}

}  // namespace swr
