// Sees whether somebody changed or replaced a file between two looks at it.
#pragma once

#include <cstdint>
#include <string>

#include "storage/platform.h"

namespace swr {

class FileState {
 public:
  FileState() = default;  // of a file that is not there
  // Takes the state of what has this name now; a symbolic link stands for what it points to.
  static FileState of(const std::string& path);
  // Of facts that were asked for just after `taken`.
  static FileState of(const system::Facts& facts, int64_t taken);
  static int64_t now();  // nanoseconds since 1970

  // The file was neither changed nor replaced, as far as its times show.
  bool is_same(const FileState& other) const;
  bool is_same_file(const FileState& other) const;
  // Whether every later change shows in its times. They advance in ticks of some milliseconds: a
  // second change within the tick of the first does not show.
  bool is_settled() const;

 private:
  uint64_t device_ = 0, inode_ = 0;
  int64_t size_ = -1;
  int64_t changed_ = 0, modified_ = 0;  // nanoseconds since 1970
  int64_t taken_ = 0;
};

}  // namespace swr
