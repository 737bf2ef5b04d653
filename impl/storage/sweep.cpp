#include "storage/sweep.h"

#include <algorithm>
#include <vector>

#include "storage/file.h"
#include "storage/held_folder.h"
#include "storage/identity.h"
#include "storage/lock.h"
#include "storage/name_giving.h"
#include "storage/names.h"
#include "storage/platform.h"
#include "storage/tree.h"

namespace swr {

namespace {

bool may_be_swept(const system::Facts& facts) {
  const uint32_t user = system::effective_user();
  return facts.kind == system::Facts::Kind::file && facts.links == 1 &&
         (user == 0 || facts.owner == user);
}

void remove_abandoned_tree(const std::string& tree) {
  system::Facts facts;
  if (!system::facts(tree.c_str(), system::Links::no_follow, facts)) return;
  const uint32_t user = system::effective_user();
  if (user == 0 || facts.owner == user) static_cast<void>(remove_tree(tree));
}

void remove_abandoned(const std::string& name) {
  system::Facts facts;
  if (!system::facts(name.c_str(), system::Links::no_follow, facts) || !may_be_swept(facts)) return;
  std::string kept = name;
  const auto opened =
      system::open_existing(name.c_str(), system::Access::change, system::Links::no_follow);
  if (!opened) return;
  const File file(opened.value, std::move(kept));
  if (!system::lock(opened.value, system::Lock::exclusive, lock_of_life, false)) return;
  // Check again what was locked: another file may have got the name meanwhile.
  if (!system::facts(opened.value, facts) || !may_be_swept(facts)) return;
  remove_abandoned_tree(tree_beside(name));
  static_cast<void>(remove_if_named(identity_of(facts), name));
}

// A living writer has the file as long as it has the folder, so that this one is abandoned.
void remove_tree_without_file(const std::string& tree) {
  const std::string file = sibling(tree, name_beside_tree(name_of(tree)));
  if (!facts_if_there(file, system::Links::no_follow)) remove_abandoned_tree(tree);
}

// The paths of the files in the folder of `path` whose names match.
template <typename IsSuch>
std::vector<std::string> files_beside(const std::string& path, const IsSuch& is_such) {
  std::vector<std::string> names;
  for (const std::string& name : names_in(folder_of(path))) {
    if (is_such(name)) names.push_back(sibling(path, name));
  }
  return names;
}

// Whoever made them.
std::vector<std::string> staged_files_of(const std::string& path) {
  return files_beside(path, [&](const std::string& name) { return is_staging_name(name, path); });
}

bool is_being_made(const std::string& staged) noexcept {
  const auto opened =
      system::open_existing(staged.c_str(), system::Access::read, system::Links::no_follow);
  if (!opened) return false;
  const auto is_held = system::is_locked(opened.value, lock_of_life);
  static_cast<void>(system::close(opened.value));
  return is_held && is_held.value;
}

}  // namespace

void sweep(const std::string& path) noexcept {
  try {
    system::sweep_unnamed(folder_of(path).c_str());
    for (const std::string& name :
         files_beside(path, [&](const std::string& name) { return is_temporary_name(name, path); }))
      remove_abandoned(name);
    for (const std::string& tree : files_beside(path, [&](const std::string& name) {
           return is_temporary_name(name_beside_tree(name), path);
         }))
      remove_tree_without_file(tree);
  } catch (const std::exception&) {
  }
}

bool is_unfinished(const std::string& name, const std::string& path) {
  return is_staging_name(name, path);
}

std::optional<Leftover> leftover_of(const std::string& path, const std::string& image) {
  sweep(path);
  auto left = staged_files_of(path);
  if (!left.empty()) {
    // A process that is giving its new files their names removes such names again.
    settle_journals(image);
    settle_journals(path);
    left = staged_files_of(path);
  }
  if (left.empty()) return std::nullopt;
  const auto made = std::ranges::find_if(left, is_being_made);
  const bool has_made = made != left.end();
  return Leftover{has_made ? *made : left.front(), has_made};
}

}  // namespace swr
