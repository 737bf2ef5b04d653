// The plan of a write whose files are locked, and in which nothing is half done.
#pragma once

#include <string>
#include <vector>

#include "engine/settings.h"
#include "engine/write_plan.h"
#include "storage/transaction.h"

namespace swr {

// Locks the files that the write changes or replaces, rolls back what died in them, and plans. As
// long as `transaction` holds them no other write changes what the plan found. SWR_ERROR_BUSY if another
// write holds one of them, unless the settings say to wait. `notes`: what was found beside the files
// and left alone.
WritePlan make_locked_plan(const Settings& settings, Transaction& transaction,
                           std::vector<std::string>& notes);

}  // namespace swr
