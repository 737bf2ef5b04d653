#include "engine/erasing.h"

#include <set>

#include "base/error.h"
#include "storage/file.h"
#include "storage/platform.h"
#include "storage/sweep.h"

namespace swr {
namespace {

// The files that hold pixels or may be replaced.
std::set<std::string> files_of(const WritePlan& plan) {
  std::set<std::string> files{follow_links(plan.path)};
  for (const DataPart& part : plan.file->layout.parts) files.insert(follow_links(part.path));
  return files;
}

}  // namespace

void refuse_further_names(const WritePlan& plan) {
  if (!plan.new_file) return;  // a change in place is seen under all names
  for (const DataPart& part : plan.file->layout.parts) {
    const std::string path = follow_links(part.path);
    system::Facts facts;
    const auto known = system::facts(path.c_str(), system::Links::no_follow, facts);
    if (!known) SystemFailure(known.reason).fail(path, "count its hard links");
    if (facts.links < 2) continue;
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": cannot be erased: ", path, " has ", facts.links,
         " names (hard links) and may have to be replaced by a new file; the old pixels would "
         "remain under the other names. Remove those first");
  }
}

void refuse_leftovers(const WritePlan& plan, const std::vector<std::string>& notes) {
  if (!notes.empty()) {
    fail(SWR_ERROR_UNSUPPORTED, plan.path,
         ": cannot be erased, because a file beside it may hold old pixels: ", notes.front(),
         ". Remove that file first");
  }
  for (const std::string& path : files_of(plan)) {
    const auto left = leftover_of(path, plan.path);
    if (!left) continue;
    if (left->is_being_made) {
      fail(SWR_ERROR_BUSY, plan.path,
           ": cannot be erased while another process makes its new file ", left->path,
           "; try again when that is done");
    }
    fail(SWR_ERROR_UNSUPPORTED, plan.path, ": cannot be erased, because ", left->path,
         ", which a writer on another machine or an older swr left, may hold old pixels. Remove "
         "that file first");
  }
}

}  // namespace swr
