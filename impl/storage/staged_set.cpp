#include "storage/staged_set.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <span>

#include "base/error.h"
#include "storage/names.h"
#include "storage/system.h"

namespace swr {

struct StagedSet::Entry {
  File file;
  GivenName name;  // without a staging name: a scratch file

  bool is_scratch() const { return name.staging.empty(); }
};

namespace {

constexpr int most_tries = 100;

// The mode of the file at `path`, or -1 if there is none.
int mode_of_existing(const std::string& path) {
  struct stat facts;
  if (system::stat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT) return -1;
    fail_system(path, "look at it", errno);
  }
  if (!S_ISREG(facts.st_mode)) fail(SWR_ERROR_UNSUPPORTED, path, ": is not a regular file and cannot be replaced");
  return static_cast<int>(facts.st_mode & 0777);
}

// A new file under a staging name, no more readable than the one that it replaces.
int open_staging(const std::string& final_path, int old_mode, std::string& staging) {
  for (int tries = 0; tries < most_tries; ++tries) {
    staging = staging_name(final_path);
    const int fd = system::open(staging.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, old_mode < 0 ? 0666 : static_cast<mode_t>(old_mode));
    if (fd >= 0) return fd;
    if (errno != EEXIST && errno != EINTR) fail_system(final_path, "create a file in its folder", errno);
  }
  fail_system(final_path, "find a free name in its folder", EEXIST);
}

// The commit: all names, or none.
class NameGiving {
 public:
  NameGiving(std::span<GivenName* const> names, const StagedSet::Options& options) : names_(names), options_(options) {
    for (const GivenName* name : names_) folders_.insert(folder_of(name->final_path));
  }

  void run() {
    // A single rename is all or nothing by itself; only what follows it can fail and ask for the old file.
    const bool may_go_back = names_.size() > 1 || options_.sync;
    for (GivenName* name : names_) {
      name->replaces = !options_.fail_if_exists && (mode_of_existing(name->final_path) >= 0 || !may_go_back);
      if (name->replaces && may_go_back) name->old = staging_name(name->final_path);
    }
    try {
      for (GivenName* name : names_) keep_old(*name, names_.size() > 1);
      if (options_.sync && names_.size() > 1) sync_folders();
      for (; given_ < names_.size(); ++given_) give_name(*names_[given_]);
      if (options_.sync) sync_folders();
    } catch (...) {
      go_back();
      throw;
    }
  }

 private:
  void sync_folders() const {
    for (const std::string& folder : folders_) sync_folder(folder);
  }

  bool go_back() noexcept {
    bool complete = true;
    for (size_t i = names_.size(); i-- > 0;) {
      const GivenName& name = *names_[i];
      // A final name that was not given is another's file.
      const bool is_back = i < given_ || !name.old.empty() ? take_back(name) : system::unlink(name.staging.c_str()) == 0;
      complete = complete && is_back;
    }
    return complete;
  }

  std::span<GivenName* const> names_;
  const StagedSet::Options& options_;
  std::set<std::string> folders_;
  size_t given_ = 0;
};

}  // namespace

StagedSet::StagedSet(const Options& options) : options_(options) {}

StagedSet::~StagedSet() {
  for (auto& entry : entries_) {
    if (entry->is_scratch()) continue;
    if (committed_) {
      drop_old(entry->name);
    } else {
      system::unlink(entry->name.staging.c_str());
    }
  }
}

File& StagedSet::create(const std::string& final_path) {
  const std::string target = follow_links(final_path);
  for (const auto& other : entries_) {
    if (other->name.final_path == target) fail(SWR_ERROR_ARGUMENT, final_path, ": two parts of the image would have the same file");
  }
  const int old_mode = mode_of_existing(target);
  entries_.push_back(std::make_unique<Entry>());
  Entry& entry = *entries_.back();
  try {
    const int fd = open_staging(target, old_mode, entry.name.staging);
    entry.file = File(fd, final_path);
    entry.name.final_path = target;
    if (old_mode >= 0 && system::fchmod(fd, static_cast<mode_t>(old_mode)) != 0) fail_system(final_path, "keep its permissions", errno);
  } catch (...) {
    if (entry.file.is_open()) system::unlink(entry.name.staging.c_str());
    entries_.pop_back();
    throw;
  }
  return entry.file;
}

File& StagedSet::scratch(const std::string& beside) {
  const std::string target = follow_links(beside);
  auto entry = std::make_unique<Entry>();
  const int fd = system::open(folder_of(target).c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
  if (fd >= 0) {
    entry->file = File(fd, text("a scratch file beside ", beside));
  } else {
    // The file system, or an old kernel, has no files without a name: one loses its name at once.
    std::string staging;
    entry->file = File(open_staging(target, 0600, staging), text("a scratch file beside ", beside));
    if (system::unlink(staging.c_str()) != 0) fail_system(staging, "take its name away", errno);
  }
  entries_.push_back(std::move(entry));
  return entries_.back()->file;
}

void StagedSet::commit() {
  if (committed_) fail(SWR_ERROR_STATE, "the files have their names already");
  std::vector<GivenName*> names;
  for (auto& entry : entries_) {
    if (entry->is_scratch()) {
      entry->file.close();
      continue;
    }
    if (options_.sync) entry->file.sync();
    entry->file.close();
    names.push_back(&entry->name);
  }
  NameGiving(names, options_).run();
  committed_ = true;
  for (GivenName* name : names) {
    if (drop_old(*name)) name->old.clear();
  }
}

int64_t StagedSet::bytes_written() const {
  int64_t bytes = 0;
  for (const auto& entry : entries_) {
    if (!entry->is_scratch()) bytes += entry->file.bytes_written();
  }
  return bytes;
}

}  // namespace swr
