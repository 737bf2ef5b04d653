// The checks of the option "erase": a write is refused if old pixels would remain on the disk after
// it.
#pragma once

#include <string>
#include <vector>

#include "engine/write_plan.h"

namespace swr {

// SWR_ERROR_UNSUPPORTED if the file may have to be replaced and has further hard links: the old
// pixels would remain under those names.
void refuse_further_names(const WritePlan& plan);

// SWR_ERROR_UNSUPPORTED if a file beside the image may hold old pixels and this write may not
// remove it: journals that were left alone, for the reasons in `notes`, and new files of writers on
// other machines. SWR_ERROR_BUSY while another process is making a new file. Removes what dead
// writers of this machine left. Requires: the files are locked.
void refuse_leftovers(const WritePlan& plan, const std::vector<std::string>& notes);

}  // namespace swr
