// Keeps a few of many files open: an image may consist of more files than a process may open.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "storage/file.h"
#include "storage/identity.h"

namespace swr {

// Allocates nothing after the files were made, since a rollback may run without memory.
class FewOpen {
 public:
  explicit FewOpen(File::Mode mode) : mode_(mode) {}

  // Opens the file if it is closed. If too many are open then, closes the least recently used one.
  // `path` must be absolute. SWR_ERROR_IO if `path` no longer names the file of `identity`. `file`
  // must not be moved or destroyed while this object is used.
  File& use(File& file, const std::string& path, const Identity& identity);

 private:
  static constexpr size_t most = 32;

  void reopen(File& file, const std::string& path, const Identity& identity) const;

  File::Mode mode_;
  std::array<File*, most> files_{};  // most recently used first
  size_t count_ = 0;
};

}  // namespace swr
