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
                 .let_go = &options_.let_go,
                 .staged_id = identity_of(folder)};
  GivenName* const given = &name;
  journal_bytes_ += give_names({&given, 1}, {}, options_.sync, nullptr);
  staging_->forget();
}

}  // namespace swr
