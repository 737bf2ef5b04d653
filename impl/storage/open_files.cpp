#include "storage/open_files.h"

#include <algorithm>

#include "base/error.h"
#include "storage/platform.h"

namespace swr {

namespace {

// The reasons why a file can be read but not changed.
bool is_for_readers(std::errc reason) {
  return system::means_forbidden(reason) || reason == std::errc::read_only_file_system ||
         reason == std::errc::text_file_busy;
}

system::ResultOf<system::Handle> open_handle(const std::string& path, system::Access access) {
  while (true) {
    const auto opened = system::open_existing(path.c_str(), access, system::Links::no_follow);
    if (opened.reason != std::errc::interrupted) return opened;
  }
}

}  // namespace

// Most paths are not links; opening tells whether one is.
OpenFiles::Entry OpenFiles::open_new(const std::string& path) const {
  constexpr int most_tries = 10;
  Entry entry{.target = path};
  for (int tries = 0; tries < most_tries; ++tries) {
    std::string kept = path;
    auto opened = open_handle(
        entry.target, mode_ == File::Mode::change ? system::Access::change : system::Access::read);
    if (mode_ == File::Mode::change && is_for_readers(opened.reason)) {
      entry.refused = opened.reason;
      opened = open_handle(entry.target, system::Access::read);
    }
    entry.reason = opened.reason;
    if (opened.reason == std::errc::too_many_symbolic_link_levels) {
      entry.target = follow_links(entry.target);
      continue;
    }
    if (!opened) return entry;
    entry.file = std::make_shared<File>(opened.value, std::move(kept));
    const int64_t now = FileState::now();
    entry.file->learn();
    entry.is_regular = entry.file->facts().kind == system::Facts::Kind::file;
    if (!entry.is_regular) entry.file.reset();
    if (entry.file) entry.state = FileState::of(entry.file->facts(), now);
    return entry;
  }
  return entry;
}

const OpenFiles::Entry* OpenFiles::held(const std::string& path) const {
  const auto found = entries_.find(path);
  return found == entries_.end() ? nullptr : &found->second;
}

bool OpenFiles::is_no_link(const std::string& path) const {
  const Entry* const entry = held(path);
  return entry && entry->target == path;
}

OpenFiles::Entry OpenFiles::look(const std::string& path, bool always_held) {
  if (const Entry* const known = held(path)) return *known;
  Entry entry = open_new(path);
  if (!entry.file) return entry;
  const Identity identity = identity_of(*entry.file);
  const auto known = std::ranges::find_if(entries_, [&](const auto& other) {
    return identity_of(*other.second.file).is_of(identity, true);
  });
  // Another name of an open file. A second handle would conflict with the first one's lock.
  if (known != entries_.end()) entry.file = known->second.file;
  if (known != entries_.end() || always_held || entries_.size() < most_held) {
    entries_.emplace(path, entry);
    entry.file->note_reads(trace_);
  }
  return entry;
}

void OpenFiles::refuse(const std::string& path, const Entry& entry) const {
  if (entry.is_regular) refuse_to_open(path, entry.reason, mode_);
  fail(SWR_ERROR_UNSUPPORTED, path, ": is not a regular file");
}

std::shared_ptr<File> OpenFiles::open(const std::string& path) {
  const MutexLock lock(mutex_);
  const Entry entry = look(path, false);
  if (!entry.file) refuse(path, entry);
  return entry.file;
}

OpenFiles::Lent OpenFiles::open_to_change(const std::string& path) {
  const MutexLock lock(mutex_);
  const Entry entry = look(path, false);
  if (!entry.file) refuse(path, entry);
  if (entry.refused != std::errc{}) refuse_to_open(path, entry.refused, File::Mode::change);
  return {entry.file, held(path) != nullptr};
}

std::shared_ptr<File> OpenFiles::hold(const std::string& path) {
  const MutexLock lock(mutex_);
  const Entry entry = look(path, true);
  if (entry.file || !entry.is_regular) return entry.file;
  if (!system::means_absent(entry.reason) && !system::means_forbidden(entry.reason) &&
      entry.reason != std::errc::is_a_directory)
    SystemFailure(entry.reason).fail(path, "open it");
  return nullptr;
}

void OpenFiles::adopt(const std::string& path, File&& file) {
  const MutexLock lock(mutex_);
  Entry entry{.file = std::make_shared<File>(std::move(file)), .target = path};
  const int64_t now = FileState::now();
  entry.file->learn();
  entry.state = FileState::of(entry.file->facts(), now);
  entries_.insert_or_assign(path, std::move(entry));
}

bool OpenFiles::is_there(const std::string& path) {
  const MutexLock lock(mutex_);
  const Entry entry = look(path, false);
  if (entry.file || !entry.is_regular || system::means_forbidden(entry.reason) ||
      entry.reason == std::errc::is_a_directory)
    return true;
  if (!system::means_absent(entry.reason))
    SystemFailure(entry.reason).fail(path, "see whether it is there");
  missing_.push_back(path);
  return false;
}

std::vector<std::string> OpenFiles::missing() {
  const MutexLock lock(mutex_);
  return missing_;
}

// A look is needed only at what could not be opened as a file.
bool OpenFiles::is_folder(const std::string& path) {
  const MutexLock lock(mutex_);
  const Entry entry = look(path, false);
  return !entry.file && !system::means_absent(entry.reason) && swr::is_folder(path);
}

bool OpenFiles::exists(const std::string& path) {
  const MutexLock lock(mutex_);
  return held(path) || file_exists(path);
}

bool OpenFiles::is_open(const std::string& path) {
  const MutexLock lock(mutex_);
  return held(path) != nullptr;
}

bool OpenFiles::are_same(const std::string& a, const std::string& b) {
  const MutexLock lock(mutex_);
  const Entry *const one = held(a), *const other = held(b);
  if (one && other) return one->file == other->file;
  if (!one && !other) return same_file(a, b);
  const system::Facts& facts = (one ? one : other)->file->facts();
  const auto found = facts_if_there(one ? b : a, system::Links::follow);
  return found && facts.device == found->device && facts.inode == found->inode;
}

bool OpenFiles::lies_below(const std::string& path, const std::string& beside) {
  {
    const MutexLock lock(mutex_);
    if (is_no_link(path) && is_no_link(beside) && folder_of(path) == folder_of(beside)) return true;
  }
  return swr::lies_below(path, beside);
}

void OpenFiles::expect_changeable(const std::string& path) {
  const MutexLock lock(mutex_);
  system::Result may;
  if (mode_ != File::Mode::change || !held(path)) {
    may = system::may(path.c_str(), system::Wish::change_file);
  } else {
    may.reason = held(path)->refused;
  }
  if (!may) SystemFailure(may.reason).fail(path, "be changed");
}

std::string OpenFiles::target_of(const std::string& path) {
  const MutexLock lock(mutex_);
  const Entry* const entry = held(path);
  return entry ? entry->target : follow_links(path);
}

bool OpenFiles::is_writable(const std::string& path) {
  const MutexLock lock(mutex_);
  const Entry* const entry = held(path);
  return mode_ == File::Mode::change && entry && entry->refused == std::errc{};
}

FileState OpenFiles::state_of(const std::string& path) {
  const MutexLock lock(mutex_);
  const Entry* const entry = held(path);
  return entry ? entry->state : FileState::of(path);
}

bool OpenFiles::is_still_named(const std::string& path) {
  const MutexLock lock(mutex_);
  const Entry* const entry = held(path);
  if (!entry) return false;
  system::Facts found;
  const auto known = system::facts(entry->target.c_str(), system::Links::no_follow, found);
  if (!known && !system::means_absent(known.reason))
    SystemFailure(known.reason).fail(path, "look at it");
  if (known && identity_of(*entry->file).is_of(identity_of(found), true)) {
    entry->file->learn(found);
    return true;
  }
  const std::shared_ptr<File> gone = entry->file;
  std::erase_if(entries_, [&](const auto& other) { return other.second.file == gone; });
  return false;
}

bool OpenFiles::are_disturbed() {
  const MutexLock lock(mutex_);
  return std::ranges::any_of(entries_, [](const auto& entry) {
    const FileState& opened = entry.second.state;
    return !opened.is_settled() || !opened.is_same(FileState::of(entry.second.target));
  });
}

void OpenFiles::note_reads(ReadTrace* trace) {
  const MutexLock lock(mutex_);
  trace_ = trace;
  for (const auto& [path, entry] : entries_) entry.file->note_reads(trace);
}

void OpenFiles::forget_all() {
  const MutexLock lock(mutex_);
  for (const auto& [path, entry] : entries_) entry.file->note_reads(nullptr);
  if (trace_) trace_->clear();
  entries_.clear();
  missing_.clear();
}

void OpenFiles::forget_others(const std::function<bool(const File&)>& is_kept) {
  const MutexLock lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) {
    const bool goes = !is_kept(*entry.second.file);
    if (goes) entry.second.file->note_reads(nullptr);
    return goes;
  });
  missing_.clear();
}

std::shared_ptr<File> open_to_read(OpenFiles* files, const std::string& path) {
  return files ? files->open(path) : std::make_shared<File>(path, File::Mode::read);
}

}  // namespace swr
