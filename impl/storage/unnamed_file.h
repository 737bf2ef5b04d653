// A new file without a name or, on a file system that does not support that, with a temporary name.
#pragma once

#include <cstdint>
#include <string>

#include "storage/file.h"

namespace swr {

struct UnnamedFile {
  File file;
  std::string name;  // temporary; empty if it has none
};

// Creates one in the folder of `beside`, for reading and writing. A file without a name disappears
// when the process dies; where the system may keep it nevertheless, the next call in the folder
// removes it (sweep_unnamed() in platform.h). One with a temporary name holds lock_of_life
// (lock.h), so that sweep() can find out whether it is still needed. `what` is the action in the
// message of a failure.
UnnamedFile make_unnamed_file(const std::string& beside, uint32_t mode, const char* what);

// The same with a temporary name in any case. `name_for` gives the names that are tried.
UnnamedFile make_temporary_file(const std::string& beside, uint32_t mode, const char* what,
                                std::string (*name_for)(const std::string& beside));

// A file for intermediate data in the folder of `beside`, for this user alone. It has no name, and
// its space is free again when it is closed.
File make_scratch_file(const std::string& beside);

}  // namespace swr
