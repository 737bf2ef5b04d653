#include "storage/staging_folder.h"

#include <utility>

#include "base/error.h"
#include "storage/names.h"
#include "storage/platform.h"
#include "storage/tree.h"
#include "storage/unnamed_file.h"

namespace swr {
namespace {

constexpr int most_names = 100;

}  // namespace

StagingFolder::StagingFolder(Options options)
    : options_(std::move(options)), process_(system::process()) {
  try {
    make();
  } catch (...) {
    remove();
    throw;
  }
}

StagingFolder::~StagingFolder() {
  if (system::process() == process_) remove();
}

void StagingFolder::require_own_process() const {
  if (system::process() != process_)
    fail(SWR_ERROR_STATE, "the new folder belongs to the process that this one was forked from");
}

// Nobody else can open the folder before it has the permissions of the one that it replaces.
void StagingFolder::make() {
  const std::string& beside = options_.beside;
  for (int tries = 0; tries < most_names; ++tries) {
    UnnamedFile made =
        make_temporary_file(beside, 0600, "create a folder beside it", temporary_name_beside_tree);
    holder_ = std::move(made.file);
    holder_name_ = std::move(made.name);
    path_ = tree_beside(holder_name_);
    const auto folder =
        system::make_folder(path_.c_str(), options_.folder_attributes ? 0700 : 0777);
    if (folder) return;
    path_.clear();
    remove();
    if (folder.reason != std::errc::file_exists)
      SystemFailure(folder.reason).fail(beside, "create a folder beside it");
  }
  SystemFailure(std::errc::file_exists).fail(beside, "find a free name beside it");
}

// The folder first: without its holder, nobody would remove it.
void StagingFolder::remove() noexcept {
  if (!path_.empty() && !remove_tree(path_)) return;
  if (!holder_name_.empty()) static_cast<void>(system::remove(holder_name_.c_str()));
  holder_name_.clear();
  holder_ = {};  // Some systems remove an open file when it is closed.
}

std::string StagingFolder::place_of(const std::string& name) const {
  return name.empty() ? path_ : text(path_, '/', name);
}

void StagingFolder::make_folders(const std::string& folder) {
  const MutexLock lock(mutex_);
  make_folder(folder);
}

void StagingFolder::make_folder(const std::string& folder) {
  if (folder == "." || folders_.contains(folder)) return;
  make_folder(folder_of(folder));
  const std::string place = place_of(folder);
  const auto made = system::make_folder(place.c_str(), options_.folder_attributes ? 0700 : 0777);
  if (!made)
    SystemFailure(made.reason).fail(text(options_.shown, '/', folder), "create the folder");
  folders_.insert(folder);
}

std::string StagingFolder::make_empty_folder(const std::string& name) {
  make_folders(name);
  return place_of(name);
}

File StagingFolder::change(const std::string& name) {
  make_folders(folder_of(name));
  const std::string place = place_of(name);
  std::string kept = text(options_.shown, '/', name);
  auto made = system::create_new(place.c_str(), options_.file_attributes ? 0600 : 0666);
  if (made.reason == std::errc::file_exists)
    made = system::open_existing(place.c_str(), system::Access::change, system::Links::no_follow);
  if (!made) SystemFailure(made.reason).fail(kept, "create");
  File file(made.value, std::move(kept));
  if (options_.sync) file.write_through();
  return file;
}

void StagingFolder::put(const std::string& name, std::span<const std::byte> bytes) {
  write_end(name, 0, bytes);
}

void StagingFolder::write(const std::string& name, int64_t offset,
                          std::span<const std::byte> bytes) {
  File file = change(name);
  file.write_at(offset, bytes);
  bytes_written_ += file.bytes_written();
  file.close();
}

void StagingFolder::write_end(const std::string& name, int64_t offset,
                              std::span<const std::byte> bytes) {
  File file = change(name);
  file.write_at(offset, bytes);
  const int64_t end = offset + std::ssize(bytes);
  if (file.size() != end) file.resize(end);
  if (options_.file_attributes) give_attributes(file, *options_.file_attributes);
  if (options_.sync) file.sync();
  bytes_written_ += file.bytes_written();
  file.close();
}

File StagingFolder::open(const std::string& name) const {
  const std::string place = place_of(name);
  std::string kept = text(options_.shown, '/', name);
  const auto opened =
      system::open_existing(place.c_str(), system::Access::read, system::Links::no_follow);
  if (!opened) refuse_to_open(kept, opened.reason, File::Mode::read);
  return {opened.value, std::move(kept)};
}

void StagingFolder::complete(std::optional<Attributes> folder_attributes) {
  if (folder_attributes) options_.folder_attributes = std::move(folder_attributes);
  const MutexLock lock(mutex_);
  folders_.insert("");
  for (const std::string& folder : folders_) {
    if (options_.folder_attributes) give_folder_attributes(folder);
    if (options_.sync) sync_folder(place_of(folder));
  }
}

void StagingFolder::give_folder_attributes(const std::string& folder) const {
  std::string place = place_of(folder);
  const auto opened = system::open_folder(place.c_str(), system::Links::no_follow);
  if (!opened) {
    SystemFailure(opened.reason)
        .fail(text(options_.shown, '/', folder), "give the new folder its permissions");
  }
  give_attributes(File(opened.value, std::move(place)), *options_.folder_attributes);
}

}  // namespace swr
