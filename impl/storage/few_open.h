// Of many files, the few that are open at a time: a volume may have more slices in files of their
// own than a process may have open.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "storage/file.h"
#include "storage/identity.h"

namespace swr {

// Needs no memory after the files were made: a rollback may have none.
class FewOpen {
 public:
  explicit FewOpen(File::Mode mode) : mode_(mode) {}

  // Opens the file if it is closed, and closes the one that was not used for the longest time if
  // that makes too many. `path` must be a full one. SWR_ERROR_IO if what has this name now is not
  // the file of `identity`. The file must stay where it is as long as this object is used.
  File& use(File& file, const std::string& path, const Identity& identity);

 private:
  static constexpr size_t most = 32;

  void reopen(File& file, const std::string& path, const Identity& identity) const;

  File::Mode mode_;
  std::array<File*, most> files_{};  // the one used last in front
  size_t count_ = 0;
};

}  // namespace swr
