// The plan of a write that changes or extends an existing file.
#pragma once

#include "engine/settings.h"
#include "engine/write_plan.h"

namespace swr {

// SWR_ERROR_MISMATCH if the file's image is not the one that was described; SWR_ERROR_UNSUPPORTED
// if the file cannot be changed in this way.
void plan_update(WritePlan& plan, const Settings& settings, ExistingImage existing, bool may_grow);

}  // namespace swr
