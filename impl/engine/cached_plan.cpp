#include "engine/cached_plan.h"

#include <algorithm>
#include <set>

#include "engine/locked_plan.h"
#include "storage/file.h"

namespace swr {
namespace {

// Includes the folders: their state changes when a file in them is created, removed or replaced.
std::set<std::string> files_of(const WritePlan& plan, const Settings& settings) {
  std::set<std::string> files{settings.path, plan.path};
  const auto add = [&](const Layout& layout) {
    for (const DataPart& part : layout.parts) files.insert(part.path);
  };
  if (plan.file) add(plan.file->layout);
  if (plan.new_file) {
    add(plan.new_file->layout);
    if (plan.files.header) files.insert(plan.files.header->path);
    files.insert(plan.files.retired.begin(), plan.files.retired.end());
  }
  std::set<std::string> folders;
  for (const std::string& path : files) folders.insert(folder_of(path));
  files.merge(folders);
  return files;
}

}  // namespace

const WritePlan& CachedPlan::get(const Settings& settings) {
  return plan_ && is_current() ? *plan_ : renew(settings);
}

const WritePlan& CachedPlan::renew(const Settings& settings) {
  forget();
  plan_ = make_unlocked_plan(settings);
  plan_->open.reset();
  files_.clear();
  for (const std::string& path : files_of(*plan_, settings))
    files_.emplace_back(path, FileState::of(path));
  return *plan_;
}

// If a file changed while the plan was made, or just before, its recorded state may miss a later
// change (see FileState::is_settled).
bool CachedPlan::is_current() const {
  return std::ranges::all_of(files_, [](const auto& file) {
    return file.second.is_settled() && file.second.is_same(FileState::of(file.first));
  });
}

}  // namespace swr
