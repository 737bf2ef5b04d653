// Makes the plan of a write: of one whose files are locked, and of which no earlier change is half
// done, or of one that only asks.
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

// The plan that a write would have now. Locks nothing and changes nothing: while others change the
// files, they are read again until they agree, for up to 20 seconds (then SWR_ERROR_BUSY).
WritePlan make_unlocked_plan(const Settings& settings);

}  // namespace swr
