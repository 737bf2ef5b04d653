// Removes unfinished new files that dead writers left under temporary names.
#pragma once

#include <optional>
#include <string>

namespace swr {

// A folder that was being made (staged_tree.h) goes with the file beside it; after a power failure
// the file may be missing.
//
// Removes those of `path`, and of files whose names differ only in the suffix. Removes only regular
// files with one name, of the form that temporary_name() returns on this machine, which this user
// owns (the superuser: any) and no process holds. Where the file system has files without a name
// there are none, except what sweep_unnamed() (platform.h) removes, of whichever image. Files that
// the system does not let it remove remain.
void sweep(const std::string& path) noexcept;

// Whether a file or folder of this name, beside `path`, is what a writer of `path` has not
// finished, or has left there when it died.
bool is_unfinished(const std::string& name, const std::string& path);

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
