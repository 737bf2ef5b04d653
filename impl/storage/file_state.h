// Detects whether a file was changed or replaced between two points in time.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "storage/platform.h"

namespace swr {

class FileState {
 public:
  FileState() = default;  // of a file that does not exist
  // The current state of the file with this name; symbolic links are followed.
  static FileState of(const std::string& path);
  // From facts that were queried just after `taken`.
  static FileState of(const system::Facts& facts, int64_t taken);
  static int64_t now();  // of the clock that stamps files

  // Whether the file was neither changed nor replaced, as far as its times show.
  bool is_same(const FileState& other) const;
  bool is_same_file(const FileState& other) const;
  bool is_there() const { return size_ >= 0; }
  // Device and inode. Requires: is_there().
  std::pair<uint64_t, uint64_t> file() const { return {device_, inode_}; }
  // Whether every later change will show in the file's times. They advance in ticks of some
  // milliseconds: a second change within the same tick does not show.
  bool is_settled() const;

 private:
  uint64_t device_ = 0, inode_ = 0;
  int64_t size_ = -1;
  int64_t changed_ = 0, modified_ = 0;  // nanoseconds since 1970
  int64_t tick_ = 0;                    // see system::Facts
  int64_t taken_ = 0;
};

}  // namespace swr
