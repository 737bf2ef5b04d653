// Reads the slots of a slotted stream, each for itself.
#pragma once

#include <optional>

#include "codecs/inflate.h"
#include "codecs/pool.h"
#include "storage/file.h"
#include "stores/open_store.h"
#include "stores/slot_directory.h"
#include "stores/stream_extent.h"

namespace swr {

class SlottedFile {
 public:
  // Nothing if the stream is not slotted, or holds something else than the layout says.
  // SWR_ERROR_CORRUPT if the prefix, which may be the image's header, is not what its checksum
  // says. `file` must outlive it.
  static std::optional<SlottedFile> open(const File& file, const Layout& layout);

  const File& file() const { return *file_; }
  const StreamExtent& extent() const { return extent_; }
  const SlotDirectory& directory() const { return directory_; }
  const SlotPositions& positions() const { return positions_; }
  const Slot& slot(int64_t number) const { return directory_.slots[static_cast<size_t>(number)]; }

  // Inflates a slot and checks it; `out` is of its raw size. SWR_ERROR_CORRUPT.
  void read_slot(int64_t number, RunInflater& inflater, std::span<std::byte> out) const;
  // The same, its filler too.
  void verify_slot(int64_t number, RunInflater& inflater, std::span<std::byte> out) const;
  // Everything but the slots.
  void verify_frame() const;

 private:
  SlottedFile(const File& file, const StreamExtent& extent, SlotDirectory directory)
      : file_(&file), extent_(extent), directory_(std::move(directory)), positions_(directory_) {}
  void verify_prefix() const;
  void inflate_checked(int64_t number, RunInflater& inflater, int64_t bytes,
                       std::span<std::byte> out) const;
  void expect(int64_t position, std::span<const std::byte> bytes, const char* what) const;

  const File* file_;
  StreamExtent extent_;
  SlotDirectory directory_;
  SlotPositions positions_;
};

}  // namespace swr
