#include "storage/staged_tree.h"

#include <utility>

#include "base/error.h"
#include "storage/identity.h"
#include "storage/name_giving.h"
#include "storage/names.h"
#include "storage/platform.h"
#include "storage/staged_set.h"
#include "storage/sweep.h"

namespace swr {
namespace {

constexpr int most_tries = 100;

bool cannot_exchange(std::errc reason) {
  return reason == std::errc::function_not_supported || reason == std::errc::invalid_argument ||
         reason == std::errc::operation_not_supported || reason == std::errc::not_supported;
}

bool is_taken(std::errc reason) {
  return reason == std::errc::file_exists || reason == std::errc::directory_not_empty ||
         reason == std::errc::not_a_directory;
}

}  // namespace

StagedTree::StagedTree(const std::string& final_path, Options options)
    : path_(follow_links(final_path)), options_(std::move(options)) {
  refuse_old();
  sweep(path_);
  settle_journals(path_, options_.must_be_new);
  StagingFolder::Options made{.beside = path_, .shown = path_, .sync = options_.sync};
  made.folder_attributes = attributes_of_folder(path_);
  // An old folder of another form may have a file where this one has a folder.
  const std::string& from = options_.attributes_from;
  if (!from.empty() && file_exists(from)) made.file_attributes = attributes_at(from);
  staging_.emplace(std::move(made));
}

// What has the name must be a folder that may be replaced.
void StagedTree::refuse_old() const {
  const auto there = facts_if_there(path_, system::Links::no_follow);
  if (!there) return;
  if (options_.must_be_new)
    throw Overtaken(text(path_, ": was created meanwhile; nothing was written"));
  if (there->kind != system::Facts::Kind::folder)
    fail(SWR_ERROR_EXISTS, path_, ": is no folder, and a folder would replace it; remove it first");
  if (options_.check_old) options_.check_old();
}

<<<<<<< HEAD
// Nobody else can open the folder before it has the permissions of the one that it replaces.
void StagedTree::make() {
  for (int tries = 0; tries < most_tries; ++tries) {
    UnnamedFile made =
        make_temporary_file(path_, 0600, "create a folder beside it", temporary_name_beside_tree);
    holder_ = std::move(made.file);
    holder_name_ = std::move(made.name);
    staging_ = tree_beside(holder_name_);
    const auto folder = system::make_folder(staging_.c_str(), folder_attributes_ ? 0700 : 0777);
    if (folder) return;
    const std::string name = std::exchange(staging_, "");
    remove();
    if (folder.reason != std::errc::file_exists)
      SystemFailure(folder.reason).fail(path_, "create a folder beside it");
  }
  SystemFailure(std::errc::file_exists).fail(path_, "find a free name beside it");
}

// The folder first: without its holder, nobody would remove it.
void StagedTree::remove() noexcept {
  if (!staging_.empty() && !remove_tree(staging_)) return;
  if (!holder_name_.empty()) static_cast<void>(system::remove(holder_name_.c_str()));
  holder_name_.clear();
  holder_ = {};  // Some systems remove an open file when it is closed.
}

std::string StagedTree::place_of(const std::string& name) const {
  return text(staging_, '/', name);
}

void StagedTree::make_folder(const std::string& folder) {
  if (folder == "." || folders_.contains(folder)) return;
  make_folder(folder_of(folder));
  const std::string place = place_of(folder);
  const auto made = system::make_folder(place.c_str(), folder_attributes_ ? 0700 : 0777);
  if (!made) SystemFailure(made.reason).fail(text(path_, '/', folder), "create the folder");
  folders_.insert(folder);
}

void StagedTree::put(const std::string& name, std::span<const std::byte> bytes) {
  make_folder(folder_of(name));
  const std::string place = place_of(name);
  std::string kept = text(path_, '/', name);
  auto made = system::create_new(place.c_str(), file_attributes_ ? 0600 : 0666);
  if (made.reason == std::errc::file_exists)
    made = system::open_existing(place.c_str(), system::Access::change, system::Links::no_follow);
  if (!made) SystemFailure(made.reason).fail(kept, "create");
  File file(made.value, std::move(kept));
  if (options_.sync) file.write_through();
  file.write_at(0, bytes);
  if (file.size() != std::ssize(bytes)) file.resize(std::ssize(bytes));
  if (file_attributes_) give_attributes(file, *file_attributes_);
  if (options_.sync) file.sync();
  bytes_written_ += file.bytes_written();
  file.close();
}

File StagedTree::open(const std::string& name) const {
  const std::string place = place_of(name);
  std::string kept = text(path_, '/', name);
  const auto opened =
      system::open_existing(place.c_str(), system::Access::read, system::Links::no_follow);
  if (!opened) refuse_to_open(kept, opened.reason, File::Mode::read);
  return {opened.value, std::move(kept)};
}

// All that can be done before the folder has its name.
void StagedTree::complete() {
  if (folder_attributes_) {
    if (auto latest = attributes_of_folder(path_)) folder_attributes_ = std::move(latest);
    folders_.insert("");
    for (const std::string& folder : folders_) {
      std::string place = place_of(folder);
      const auto opened = system::open_folder(place.c_str(), system::Links::no_follow);
      if (!opened) SystemFailure(opened.reason).fail(path_, "give the new folder its permissions");
      give_attributes(File(opened.value, std::move(place)), *folder_attributes_);
    }
  }
  if (!options_.sync) return;
  folders_.insert("");
  for (const std::string& folder : folders_) sync_folder(place_of(folder));
}

=======
>>>>>>> land
void StagedTree::commit() {
  if (committed_) fail(SWR_ERROR_STATE, path_, ": the folder has its name already");
  staging_->require_own_process();
  staging_->complete(attributes_of_folder(path_));
  for (int tries = 0; tries < most_tries && !committed_; ++tries) {
    settle_journals(path_, options_.must_be_new);
    refuse_old();
    committed_ = file_exists(path_) ? replace_old() : give_free_name();
  }
  if (!committed_)
    fail(SWR_ERROR_BUSY, path_, ": other processes keep replacing the folder; try again");
  staging_->remove();  // what the new folder has replaced
}

// False if another process took the name.
bool StagedTree::give_free_name() {
  auto named = system::rename_new(staging_->path().c_str(), path_.c_str());
  // Where names cannot be given as new ones: rename() replaces no folder with something in it.
  if (links_are_missing(named.reason))
    named = system::replace(staging_->path().c_str(), path_.c_str());
  if (!named && is_taken(named.reason)) return false;
  if (!named) SystemFailure(named.reason).fail(path_, "give the new folder its name");
  if (!options_.sync) return true;
  try {
    sync_folder(folder_of(path_));
  } catch (...) {
    static_cast<void>(system::rename_new(path_.c_str(), staging_->path().c_str()));
    throw;
  }
  return true;
}

// False if another process has replaced the folder that was asked about.
bool StagedTree::replace_old() {
  const auto old = identity_at(path_);
  if (!old) return false;
  const auto exchange = [&] { return system::exchange(staging_->path().c_str(), path_.c_str()); };
  const auto exchanged = exchange();
  if (system::means_absent(exchanged.reason)) return false;
  if (cannot_exchange(exchanged.reason)) {
    set_old_aside();
    return true;
  }
  if (!exchanged)
    SystemFailure(exchanged.reason).fail(path_, "exchange the old and the new folder");
  try {
    if (!is_named(*old, staging_->path())) {
      static_cast<void>(exchange());
      return false;
    }
    if (options_.sync) sync_folder(folder_of(path_));
  } catch (...) {
    static_cast<void>(exchange());
    throw;
  }
  return true;
}

void StagedTree::set_old_aside() {
  std::string place = staging_->path();
  const auto opened = system::open_folder(place.c_str(), system::Links::no_follow);
  if (!opened) SystemFailure(opened.reason).fail(path_, "open the new folder");
  const File folder(opened.value, std::move(place));
  GivenName name{.final_path = path_,
                 .staging = staging_->path(),
                 .new_file = &folder,
                 .is_temporary = true,
                 .is_folder = true,
                 .staged_id = identity_of(folder)};
  GivenName* const given = &name;
  journal_bytes_ += give_names({&given, 1}, {}, options_.sync, nullptr);
  staging_->forget();
}

}  // namespace swr
