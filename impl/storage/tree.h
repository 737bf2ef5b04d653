// A folder with all that is in it.
#pragma once

#include <string>

#include "storage/platform.h"

namespace swr {

// Removes the folder and all that is in it, as far as the system permits; returns why it refused,
// if it did. No symbolic link is followed: a link goes, what it points to stays. Does nothing if
// there is no folder of this name. Allocates nothing, since a rollback may run without memory.
system::Result remove_tree(const std::string& path) noexcept;

}  // namespace swr
