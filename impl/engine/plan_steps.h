// The steps that plans of new files and of updates have in common.
#pragma once

#include <string>

#include "engine/settings.h"
#include "engine/write_plan.h"

namespace swr {

// What the application described. What it left unset is that of `file`, an existing file's image, if
// there is one.
Image described_image(const Settings& settings, const Image* file);
// What is done with a file that is there.
swr_existing policy_of(const Settings& settings);
// The new file, and the old ones that give way to it. Requires: the image, the format, and the file
// that is rewritten, if one is.
void plan_new_file(WritePlan& plan, const Settings& settings);
// What the source delivers: as set, else what the file holds. Requires: the image.
void plan_source(WritePlan& plan, const Settings& settings);
// The region that is written. Requires: the image.
void plan_region(WritePlan& plan, const Settings& settings);
// The fill value. Requires: the image.
void plan_fill(WritePlan& plan, const Settings& settings);

}  // namespace swr
