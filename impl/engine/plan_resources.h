// Chooses the pieces, blocks, buffers and threads of a write within its memory limit.
#pragma once

#include "engine/settings.h"
#include "engine/write_plan.h"

namespace swr {

// SWR_ERROR_MEMORY_LIMIT if no choice fits, or none with the divisions that are set. Requires:
// everything else is planned.
void plan_resources(WritePlan& plan, const Settings& settings);
// The region in so many divisions, as the settings align them. Requires: all but the resources is
// planned, and the form of the pixels.
Split divided(const WritePlan& plan, const Settings& settings, int64_t divisions);
// SWR_ERROR_MEMORY_LIMIT if the application's own buffers are too small for the pieces.
void check_buffers(const WritePlan& plan, const Settings& settings);

}  // namespace swr
