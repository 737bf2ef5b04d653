// The steps that plans of new files and of updates have in common.
#pragma once

#include <string>

#include "engine/settings.h"
#include "engine/write_plan.h"

namespace swr {

// What the application described. What it left unset is that of `model`, an existing file's image,
// if there is one.
Image described_image(const Settings& settings, const Image* model);
// The image of the file that a new one takes after, cut to the box that is written.
Image model_image(const Settings& settings, const Model& model);
// What is done with a file that is there.
swr_existing policy_of(const Settings& settings);
// The new file, and the old ones that give way to it. Requires: the image, the format, and the file
// that is rewritten, if one is.
void plan_new_file(WritePlan& plan, const Settings& settings);
// What the source delivers: as set, else what the file holds. Requires: the image.
void plan_source(WritePlan& plan, const Settings& settings);
// What is left out of a header is a warning, unless it was asked for: SWR_ERROR_UNSUPPORTED.
// Requires: the new file, if there is one.
void check_remarks(const WritePlan& plan, const Settings& settings);
// Such as "2 * stored + -1024".
std::string scale_text(const ValueScale& scale);
// The region that is written. Requires: the image.
void plan_region(WritePlan& plan, const Settings& settings);
// The fill value. Requires: the image.
void plan_fill(WritePlan& plan, const Settings& settings);

}  // namespace swr
