// Makes the plan of a write whose files are locked, and of which no earlier change is half done.
#pragma once

#include <string>
#include <vector>

#include "engine/settings.h"
#include "engine/write_plan.h"
#include "storage/transaction.h"

namespace swr {

// Locks the files that the write changes or replaces, rolls back interrupted changes of them, and
// plans. As long as `transaction` holds the locks, no other write changes what the plan found.
// SWR_ERROR_BUSY if another write holds one of the files, unless the settings say to wait. `notes`:
// sentences about what was found beside the files and left alone.
WritePlan make_locked_plan(const Settings& settings, Transaction& transaction,
                           std::vector<std::string>& notes);

}  // namespace swr
