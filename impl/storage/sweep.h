// Removes new files that dead writers left under temporary names.
#pragma once

#include <optional>
#include <string>

namespace swr {

// Those of `path`, and of files whose names differ in the suffix: regular files under names that
// temporary_name() gives on this machine, with no other name, which this user owns and nobody
// holds. Where the file system has files without a name there are none. What the system does not
// let be removed stays.
void sweep(const std::string& path) noexcept;

// A file under a staging name of `path`, which may hold old pixels: one that a living writer on
// this machine holds, if there is one. What can be removed is removed first, and a process that is
// giving names to new files of `path` or `image` is waited for. SWR_ERROR_BUSY if another process
// is changing these.
struct Leftover {
  std::string path;
  bool is_being_made = false;
};
std::optional<Leftover> leftover_of(const std::string& path, const std::string& image);

}  // namespace swr
