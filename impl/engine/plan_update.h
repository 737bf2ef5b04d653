// The plan of a write that changes an existing file, or makes it grow.
#pragma once

#include "engine/settings.h"
#include "engine/write_plan.h"

namespace swr {

// SWR_ERROR_MISMATCH if the file is not the image that was described; SWR_ERROR_UNSUPPORTED if it
// cannot change so.
void plan_update(WritePlan& plan, const Settings& settings, ExistingImage existing, bool may_grow);

}  // namespace swr
