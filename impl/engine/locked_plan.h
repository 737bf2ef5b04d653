// The plan of a write whose files are locked, and in which nothing is half done.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/settings.h"
#include "engine/write_plan.h"
#include "storage/lock.h"

namespace swr {

// Locks the files that the write changes or replaces, rolls back what died in them, and plans. As
// long as `locks` holds them no other write changes what the plan found. SWR_ERROR_BUSY if another
// write holds one of them, unless the settings say to wait. `notes`: what was found beside the files
// and left alone. `files` are those of the locks.
WritePlan make_locked_plan(const Settings& settings, const std::shared_ptr<OpenFiles>& files,
                           FileLocks& locks, std::vector<std::string>& notes);

}  // namespace swr
