// Reads the slots of a slotted stream, each for itself.
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
  // Nothing if the stream is not slotted, or holds something else than the layout says.
  // SWR_ERROR_CORRUPT if the prefix, which may be the image's header, is not what its checksum
  // says. `file` and `meter` must outlive it.
  static std::optional<SlottedFile> open(const File& file, const Layout& layout,
                                         int64_t memory_limit, MemoryMeter& meter);
  // Of a limit, what the directory takes at most.
  static int64_t directory_memory(int64_t memory_limit);

  const File& file() const { return *file_; }
  const StreamExtent& extent() const { return extent_; }
  const StreamShape& shape() const { return pages_->shape(); }
  const SlotPages& pages() const { return *pages_; }

  // Inflates a slot and checks it; `out` is of its raw size. SWR_ERROR_CORRUPT, as DirectoryError if
  // it is the directory that is damaged. Thread-safe.
  void read_slot(int64_t number, RunInflater& inflater, std::span<std::byte> out) const;
  // The same, its filler too.
  void verify_slot(int64_t number, RunInflater& inflater, std::span<std::byte> out) const;
  // Everything but the slots and their pages.
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
