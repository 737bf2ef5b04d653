// Removes unfinished new files that dead writers left under temporary names.
#pragma once

#include <string>
#include <vector>

namespace swr {

// Removes those of `path`, and of files whose names differ only in the suffix. Removes only regular
// files with one name, of the form that temporary_name() returns on this machine, which this user
// owns (the superuser: any) and no process holds. Files that the system does not let it remove
// remain.
void sweep(const std::string& path) noexcept;

// The files in the folder that have a staging name of `path`, made by any machine.
std::vector<std::string> staged_files_of(const std::string& path);

// Whether a living writer on this machine holds the file.
bool is_being_made(const std::string& staged) noexcept;

}  // namespace swr
