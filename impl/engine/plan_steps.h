// The planning steps that new files and updates share.
#pragma once

#include <string>

#include "engine/settings.h"
#include "engine/write_plan.h"

namespace swr {

// The image as the application described it. What it left unset is taken from `model`, the image of
// an existing file, if there is one.
Image described_image(const Settings& settings, const Image* model);
// The image of the model, cropped to the header region if one is set.
Image model_image(const Settings& settings, const Model& model);
// What to do with an existing file.
swr_existing policy_of(const Settings& settings);
// Plans the new file and which old files it replaces. Requires: the image, the format, and, for a
// rewrite, the file.
void plan_new_file(WritePlan& plan, const Settings& settings);
// Plans what the source delivers: as set, otherwise the file's type. Requires: the image.
void plan_source(WritePlan& plan, const Settings& settings);
// SWR_ERROR_UNSUPPORTED if the header cannot hold metadata that the application set, or, with the
// option "strict", any other metadata; otherwise such a loss is only a warning. Requires: the new
// file, if there is one.
void check_remarks(const WritePlan& plan, const Settings& settings);
// For messages, such as "2 * stored + -1024".
std::string scale_text(const ValueScale& scale);
// Plans the region that is written. Requires: the image.
void plan_region(WritePlan& plan, const Settings& settings);
// Plans the fill value. Requires: the image.
void plan_fill(WritePlan& plan, const Settings& settings);

}  // namespace swr
