// Removes new files that dead writers left under temporary names.
#pragma once

#include <string>
#include <vector>

namespace swr {

// Those of `path`, and of files whose names differ in the suffix: regular files under names that
// temporary_name() gives on this machine, with no other name, which this user owns and nobody holds.
// Where the file system has files without a name there are none. What the system does not let be
// removed stays.
void sweep(const std::string& path) noexcept;

// What there is in the folder under a staging name of `path`, whoever made it.
std::vector<std::string> staged_files_of(const std::string& path);

// Whether a living writer on this machine holds such a file.
bool is_being_made(const std::string& staged) noexcept;

}  // namespace swr
