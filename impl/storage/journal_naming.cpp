#include "storage/journal_naming.h"

#include <set>
#include <string_view>

#include "base/error.h"
#include "storage/held_folder.h"
#include "storage/journal_names.h"
#include "storage/lock.h"
#include "storage/names.h"
#include "storage/platform.h"

namespace swr {

namespace {

constexpr int most_tries = 1000;
constexpr std::string_view alone_name = "alone";  // of a further journal that excludes others

// Whether the reason says that this file cannot get a hard link with this name.
bool link_is_refused(std::errc reason) {
  return links_are_missing(reason) || reason == std::errc::read_only_file_system ||
         reason == std::errc::cross_device_link || reason == std::errc::invalid_argument;
}

// Whether a living writer holds the journal of this name. If that cannot be found out, it may.
bool is_held(const std::string& name) {
  std::string kept = name;
  const auto opened =
      system::open_existing(name.c_str(), system::Access::read, system::Links::no_follow);
  if (!opened) {
    return opened.reason != std::errc::no_such_file_or_directory &&
           opened.reason != std::errc::too_many_symbolic_link_levels;
  }
  const File file(opened.value, std::move(kept));
  const auto lives = system::is_locked(opened.value, lock_of_life);
  return !lives || lives.value;
}

[[noreturn]] void refuse_others(const std::string& path) {
  fail(SWR_ERROR_BUSY, path,
       ": another process is replacing or changing the file; try again when that is done");
}

// The owner of the journals must be able to remove them. The folder may have been replaced
// meanwhile, so its owner is changed only if it belongs to this user.
void give_folder(const std::string& folder, const Attributes& access) {
  const auto opened = system::open_folder(folder.c_str(), system::Links::no_follow);
  if (!opened) return;
  system::Facts facts;
  if (system::facts(opened.value, facts) && facts.owner == system::effective_user())
    static_cast<void>(system::set_owner(opened.value, access.owner, access.group));
  static_cast<void>(system::close(opened.value));
}

// Users who may read the journals must be able to find them.
uint32_t folder_mode(const std::optional<Attributes>& access) {
  if (!access) return 0700;
  if (!access->access.is_mode()) return 0755;
  const uint32_t mode = access->access.mode();
  return 0700 | mode | (mode & 0044) >> 2;
}

}  // namespace

void JournalNaming::give(const Journal& journal, const std::string& path) {
  const bool alone = others_ == Others::excluded;
  const std::string first = first_journal(path), folder = journal_folder(path);
  for (int tries = 0; tries < most_tries; ++tries) {
    const Outcome as_first = take(journal, {first, ""}, path);
    if (as_first == Outcome::taken) return;
    if (as_first == Outcome::gone) continue;
    // A journal that was left alone, because its files are not there, keeps the first name.
    if (alone && is_held(first)) refuse_others(path);
    const std::string further = text(folder, '/', alone ? alone_name : random_letters());
    if (!make_folder(journal, folder, path)) return;
    const Outcome as_further = take(journal, {further, folder}, path);
    if (as_further == Outcome::taken) return;
    if (alone && as_further == Outcome::in_use) refuse_others(path);
  }
  fail(SWR_ERROR_IO, path,
       ": cannot make its undo journal: other processes keep removing it; try again");
}

// If a further name is not possible, the journal does without it.
JournalNaming::Outcome JournalNaming::take(const Journal& journal, const Name& name,
                                           const std::string& path) {
  names_.push_back(name);
  system::Result given;
  if (names_.size() > 1) {
    given = system::add_name(own().c_str(), name.path.c_str());
  } else if (journal.staging.empty()) {
    given = system::publish(journal.file.descriptor(), name.path.c_str());
  } else {
    given = system::rename_new(journal.staging.c_str(), name.path.c_str());
  }
  if (given) return Outcome::taken;
  names_.pop_back();
  if (!names_.empty() && link_is_refused(given.reason)) return Outcome::taken;
  if (given.reason == std::errc::file_exists) return Outcome::in_use;
  // Another process may remove the folder, with its last journal, at the same time.
  if (given.reason == std::errc::no_such_file_or_directory ||
      given.reason == std::errc::interrupted)
    return Outcome::gone;
  if (!name.folder.empty()) remove_if_empty(name.folder);
  SystemFailure(given.reason).fail(path, "make its undo journal");
}

// False if a further name, which is optional, is not possible. If the folder cannot be given to the
// owner of the journals, it remains until the superuser removes it.
bool JournalNaming::make_folder(const Journal& journal, const std::string& folder,
                                const std::string& path) const {
  const auto made = system::make_folder(folder.c_str(), folder_mode(journal.access));
  if (!made && made.reason == std::errc::file_exists) {
    if (look_at_journal_folder(folder) != JournalFolder::something_else) return true;
    fail(SWR_ERROR_IO, folder, ": is not a folder, and the undo journals of ", name_of(path),
         " need one of this name; remove it");
  }
  if (!made) {
    if (!names_.empty() && link_is_refused(made.reason)) return false;
    SystemFailure(made.reason).fail(path, "make the folder of its undo journal");
  }
  if (journal.access && journal.access->owner != system::effective_user())
    give_folder(folder, *journal.access);
  return true;
}

void JournalNaming::sync_folders() const {
  std::set<std::string> folders;
  for (const Name& name : names_) {
    folders.insert(folder_of(name.path));
    if (!name.folder.empty()) folders.insert(folder_of(name.folder));
  }
  for (const std::string& folder : folders) sync_folder(folder);
}

void JournalNaming::remove_from(const Identity& journal) const noexcept {
  for (const Name& name : names_) static_cast<void>(remove_if_named(journal, name.path));
}

void JournalNaming::remove_empty_folders() const noexcept {
  for (const Name& name : names_) {
    if (!name.folder.empty()) remove_if_empty(name.folder);
  }
}

}  // namespace swr
