// What a write with the option "erase" refuses: old pixels that would still be there when it is done.
#pragma once

#include <string>
#include <vector>

#include "engine/write_plan.h"

namespace swr {

// SWR_ERROR_UNSUPPORTED if the file may have to be replaced, and has further names: hard links, under
// which the old pixels would stay.
void refuse_further_names(const WritePlan& plan);

// SWR_ERROR_UNSUPPORTED if something lies beside the files that may hold old pixels and is not this
// write's to remove: journals that were left alone, for the reasons in `notes`, and new files of
// writers on other machines. Requires: the files are locked. What dead writers of this machine left
// is removed.
void refuse_leftovers(const WritePlan& plan, const std::vector<std::string>& notes);

}  // namespace swr
