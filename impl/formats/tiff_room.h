// The bytes of a TIFF file that is new or that changes, and the room in it for chunks and lists.
//
// What is stored again and does not fit where it is goes into the first hole of the file that has
// room for it, or else to its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "formats/tiff_file.h"
#include "storage/file.h"
#include "storage/file_changes.h"
#include "stores/holes.h"

namespace swr {

// The bytes of a file that is new, or that changes.
class TiffTarget {
 public:
  explicit TiffTarget(File& file) : file_(file) {}
  TiffTarget(FileChanges& changes, int number)
      : file_(changes.file(number)), changes_(&changes), number_(number) {}

  File& file() { return file_; }
  void write(int64_t offset, std::span<const std::byte> bytes);
  void resize(int64_t bytes);
  // A reader of what is written.
  TiffFile read_again();

 private:
  File& file_;
  FileChanges* changes_ = nullptr;
  int number_ = 0;
};

// Shared by all that is stored in the file. Requires: one thread at a time uses it.
class TiffRoom {
 public:
  // `erases`: bytes that become free are overwritten.
  TiffRoom(TiffTarget bytes, Holes holes, bool erases);

  TiffTarget& bytes() { return bytes_; }
  // A hole, if there is one that fits, else the end of the file. SWR_ERROR_UNSUPPORTED if that is
  // too far for the file's offsets.
  int64_t take(int64_t bytes, int64_t alignment);
  void leave(int64_t offset, int64_t bytes);
  // Cuts off what is free at the end of the file.
  void trim();

 private:
  TiffTarget bytes_;
  Holes holes_;
  const bool erases_;
  const bool is_big_;
  int64_t end_;  // of the file
};

}  // namespace swr
