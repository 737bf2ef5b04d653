// Reads single slots of a slotted stream.
#pragma once

#include <memory>
#include <optional>

#include "codecs/inflate.h"
#include "codecs/pool.h"
#include "storage/file.h"
#include "stores/open_store.h"
#include "stores/slot_pages.h"
#include "stores/stream_extent.h"

namespace swr {

class SlottedFile {
 public:
  // Nothing if the stream is not slotted or does not match the layout. SWR_ERROR_CORRUPT if the
  // prefix, which may be the image's header, does not match its checksum. `file` and `meter` must
  // outlive it.
  static std::optional<SlottedFile> open(const File& file, const Layout& layout,
                                         int64_t memory_limit, MemoryMeter& meter);
  // The part of a memory limit that the directory may use.
  static int64_t directory_memory(int64_t memory_limit);

  const File& file() const { return *file_; }
  const StreamExtent& extent() const { return extent_; }
  const StreamShape& shape() const { return pages_->shape(); }
  const SlotPages& pages() const { return *pages_; }

  // Inflates and checks a slot; `out` has its raw size. SWR_ERROR_CORRUPT; DirectoryError if the
  // directory is damaged. Thread-safe.
  void read_slot(int64_t number, RunInflater& inflater, std::span<std::byte> out) const;
  // The same, and checks its filler.
  void verify_slot(int64_t number, RunInflater& inflater, std::span<std::byte> out) const;
  // Checks everything except the slots and their pages.
  void verify_frame() const;

 private:
  SlottedFile(const File& file, const StreamExtent& extent, std::unique_ptr<SlotPages> pages)
      : file_(&file), extent_(extent), pages_(std::move(pages)) {}
  void verify_prefix() const;
  void inflate_checked(int64_t number, RunInflater& inflater, bool with_filler,
                       std::span<std::byte> out) const;
  void expect(int64_t position, std::span<const std::byte> bytes, const char* what) const;

  const File* file_;
  StreamExtent extent_;
  std::unique_ptr<SlotPages> pages_;
};

}  // namespace swr
