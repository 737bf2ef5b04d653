#include "storage/staged_set.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>
#include <span>

#include "base/error.h"
#include "storage/in_place.h"
#include "storage/names.h"
#include "storage/system.h"
#include "storage/undo.h"

namespace swr {

struct StagedSet::Entry {
  File file;
  GivenName name;  // a file without a name gets its staging name when all is written
  bool is_scratch = false;
};

namespace {

constexpr int most_tries = 100;

// The mode of the file at `path`, or -1 if there is none.
int mode_of_existing(const std::string& path) {
  struct stat facts;
  if (system::stat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT) return -1;
    SystemFailure(errno).fail(path, "look at it");
  }
  if (!S_ISREG(facts.st_mode))
    fail(SWR_ERROR_UNSUPPORTED, path, ": is not a regular file and cannot be replaced");
  return static_cast<int>(facts.st_mode & 0777);
}

mode_t mode_of_new(int old_mode) {
  return old_mode < 0 ? 0666 : static_cast<mode_t>(old_mode);
}

// A new file without a name in the folder of `path`: it is gone when its process dies. Not open
// where the file system, or an old kernel, has none, or could not give it a name later.
File open_nameless(const std::string& path, mode_t mode) {
  std::string what = path;
  const int fd = system::open(folder_of(path).c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, mode);
  if (fd < 0) return {};
  File file(fd, std::move(what));
  struct stat facts;
  if (system::stat(text("/proc/self/fd/", fd).c_str(), &facts) != 0) return {};
  return file;
}

// Takes a staging name that nothing has: `take` is given names until it takes one, and answers -1
// and errno where it does not. `what` is for the message.
template <typename Take>
std::string take_staging_name(const std::string& final_path, const char* what, const Take& take) {
  for (int tries = 0; tries < most_tries; ++tries) {
    std::string name = staging_name(final_path);
    if (take(name.c_str()) >= 0) return name;
    if (errno != EEXIST && errno != EINTR) SystemFailure(errno).fail(final_path, what);
  }
  SystemFailure(EEXIST).fail(final_path, "find a free name in its folder");
}

// A new file under a staging name, no more readable than the one that it replaces.
File open_staging(const std::string& final_path, mode_t mode, std::string& staging) {
  std::string path = final_path;
  int fd = -1;
  staging = take_staging_name(final_path, "create a file in its folder", [&](const char* name) {
    return fd = system::open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  });
  return {fd, std::move(path)};
}

// A new file must not get the old bytes that a dead writer saved of the one before; and a living
// writer would go on with a file that has no name.
void settle_journals(const std::string& path) {
  if (!has_journal(path)) return;
  if (recover_all(path, {}).living > 0)
    fail(SWR_ERROR_BUSY, path, ": cannot replace the file while another process is changing it");
}

// The commit: all names, or none. If there are several, a journal beside the last one says what is
// being done, for whoever finds it half done.
class NameGiving {
 public:
  NameGiving(std::span<GivenName* const> names, const StagedSet::Options& options)
      : names_(names), options_(options) {
    for (const GivenName* name : names_) folders_.insert(folder_of(name->final_path));
  }

  void run() {
    try {
      prepare();
      for (GivenName* name : names_) keep_old(*name, record_.has_value());
      if (options_.sync && record_) sync_folders();
      for (; given_ < names_.size(); ++given_) give_name(*names_[given_]);
      if (options_.sync) sync_folders();
      if (record_) {
        record_->add({JournalEntry::Kind::complete});
        record_->flush();
      }
    } catch (...) {
      go_back();
      throw;
    }
    clean_up();
  }

 private:
  void prepare() {
    for (const GivenName* name : names_) settle_journals(name->final_path);
    // A single rename is all or nothing by itself; only what follows it can fail and ask for the
    // old file.
    const bool may_go_back = names_.size() > 1 || options_.sync;
    for (GivenName* name : names_) {
      name->replaces =
          !options_.fail_if_exists && (mode_of_existing(name->final_path) >= 0 || !may_go_back);
      if (name->replaces && may_go_back) name->old = staging_name(name->final_path);
      name->old_id = identity_at(name->final_path).value_or(Identity{});
    }
    if (names_.size() > 1) write_record();
  }

  void write_record() {
    const std::string& path = names_.back()->final_path;
    record_.emplace(path, JournalFlags{.sync = options_.sync});
    for (const GivenName* name : names_) {
      const std::string entry = joined(*name, journal_name(path, name->final_path));
      record_->add(
          {JournalEntry::Kind::name, name->replaces ? 1U : 0U, 0, std::as_bytes(std::span(entry))});
    }
    record_->flush();
  }

  void sync_folders() const {
    for (const std::string& folder : folders_) sync_folder(folder);
  }

  // What cannot be done here is left to the journal.
  void clean_up() noexcept {
    bool is_clean = true;
    for (GivenName* name : names_) {
      if (drop_old(*name)) {
        name->old.clear();
      } else {
        is_clean = false;
      }
    }
    if (is_clean) remove_record();
  }

  void go_back() noexcept {
    bool is_back = true;
    for (size_t i = names_.size(); i-- > 0;) {
      const GivenName& name = *names_[i];
      // A final name that was not given is another's file.
      if (i < given_ || !name.old.empty()) {
        is_back = take_back(name) && is_back;
      } else {
        is_back = system::unlink(name.staging.c_str()) == 0 && is_back;
      }
    }
    if (is_back) remove_record();
  }

  void remove_record() noexcept {
    try {
      if (record_) record_->end();
    } catch (const std::exception&) {
    }
  }

  std::span<GivenName* const> names_;
  const StagedSet::Options& options_;
  std::set<std::string> folders_;
  std::optional<JournalWriter> record_;
  size_t given_ = 0;
};

}  // namespace

StagedSet::StagedSet(const Options& options) : options_(options) {}

StagedSet::~StagedSet() {
  for (auto& entry : entries_) {
    if (committed_) {
      drop_old(entry->name);
    } else if (!entry->name.staging.empty()) {
      system::unlink(entry->name.staging.c_str());
    }
  }
}

File& StagedSet::create(const std::string& final_path) {
  const std::string target = follow_links(final_path);
  for (const auto& other : entries_) {
    if (other->name.final_path == target)
      fail(SWR_ERROR_ARGUMENT, final_path, ": two parts of the image would have the same file");
  }
  const int old_mode = mode_of_existing(target);
  settle_journals(target);
  entries_.push_back(std::make_unique<Entry>());
  Entry& entry = *entries_.back();
  try {
    entry.name.final_path = target;
    entry.file = open_nameless(target, mode_of_new(old_mode));
    if (!entry.file.is_open())
      entry.file = open_staging(target, mode_of_new(old_mode), entry.name.staging);
    if (old_mode >= 0 &&
        system::fchmod(entry.file.descriptor(), static_cast<mode_t>(old_mode)) != 0)
      SystemFailure(errno).fail(final_path, "keep its permissions");
    if (options_.sync) entry.file.write_through();
  } catch (...) {
    if (!entry.name.staging.empty()) system::unlink(entry.name.staging.c_str());
    entries_.pop_back();
    throw;
  }
  return entry.file;
}

const std::string& StagedSet::staging_path(const File& file) {
  for (auto& entry : entries_) {
    if (&entry->file != &file) continue;
    std::string& staging = entry->name.staging;
    if (staging.empty()) {
      staging = take_staging_name(
          entry->name.final_path, "give the new file a name in its folder",
          [&](const char* name) { return system::link_open(file.descriptor(), name); });
    }
    return staging;
  }
  fail(SWR_ERROR_INTERNAL, file.path(), ": is not staged here");
}

File& StagedSet::scratch(const std::string& beside) {
  const std::string target = follow_links(beside);
  entries_.push_back(std::make_unique<Entry>());
  Entry& entry = *entries_.back();
  entry.is_scratch = true;
  entry.file = open_nameless(target, 0600);
  if (!entry.file.is_open()) {
    // One that has a name loses it at once, or at the latest when the set goes.
    std::string& staging = entry.name.staging;
    entry.file = open_staging(target, 0600, staging);
    if (system::unlink(staging.c_str()) != 0)
      SystemFailure(errno).fail(staging, "take its name away");
    staging.clear();
  }
  return entry.file;
}

void StagedSet::commit() {
  if (committed_) fail(SWR_ERROR_STATE, "the files have their names already");
  std::vector<GivenName*> names;
  for (auto& entry : entries_) {
    if (entry->is_scratch) {
      entry->file.close();
      continue;
    }
    if (options_.sync) entry->file.sync();
    staging_path(entry->file);
    entry->name.staged_id = identity_of(entry->file);
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
    if (!entry->is_scratch) bytes += entry->file.bytes_written();
  }
  return bytes;
}

}  // namespace swr
