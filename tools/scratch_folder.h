// A private folder for streams, and what is left of those of processes that were killed.
#pragma once

#include <optional>
#include <string>

#include "files.h"

namespace swr::tool {

// A folder in temporary_folder(), which lasts as long as the object. It is locked: making one
// removes those of this user that are not, whose processes were killed.
class ScratchFolder {
 public:
  // The end of a message about a full disk.
  static constexpr const char* advice = "; make room there, or set TMPDIR to another folder";

  ScratchFolder();
  ~ScratchFolder() { remove(); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  // Requires: the name begins with "standard-"; only such files are removed after a kill.
  std::string path_of(const std::string& name) const { return path_ + "/" + name; }
  // The folder that it is in, which the user knows.
  const std::string& parent() const { return parent_; }
  // With the files in it.
  void remove() noexcept;

 private:
  std::string parent_, path_;
  std::optional<Descriptor> lock_;
};

}  // namespace swr::tool
