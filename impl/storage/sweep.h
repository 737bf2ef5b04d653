// Removes new files that dead writers left under temporary names.
#pragma once

#include <string>

namespace swr {

// Those of `path`, and of files whose names differ in the suffix: regular files under names that
// temporary_name() gives on this machine, with no other name, which this user owns and nobody holds. Where the file system has files without a name
// there are none. What the system does not let be removed stays.
void sweep(const std::string& path) noexcept;

}  // namespace swr
