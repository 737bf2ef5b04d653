#include "storage/staged_set.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/error.h"
#include "storage/attributes.h"
#include "storage/name_giving.h"
#include "storage/system.h"

namespace swr {

struct StagedSet::Entry {
  Kind kind;
  File file;
  GivenName name;  // a file without a name gets its staging name when all is written
  std::string attributes_from{};
  std::optional<Attributes> attributes{};
};

namespace {

constexpr int most_tries = 100;

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

// A new file under a staging name.
File open_staging(const std::string& final_path, mode_t mode, std::string& staging) {
  std::string path = final_path;
  int fd = -1;
  staging = take_staging_name(final_path, "create a file in its folder", [&](const char* name) {
    return fd = system::open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  });
  return {fd, std::move(path)};
}

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

StagedSet::Entry& StagedSet::add(Kind kind) {
  entries_.push_back(std::make_unique<Entry>());
  entries_.back()->kind = kind;
  return *entries_.back();
}

bool StagedSet::has(const std::string& target) const {
  return std::ranges::any_of(entries_,
                             [&](const auto& entry) { return entry->name.final_path == target; });
}

File& StagedSet::create(const std::string& final_path, const Creation& how) {
  const std::string target = follow_links(final_path);
  if (has(target))
    fail(SWR_ERROR_ARGUMENT, final_path, ": two parts of the image would have the same file");
  if (regular_file(target) && how.must_be_new)
    fail(SWR_ERROR_EXISTS, final_path, ": a file of this name is there already");
  settle_journals(target);
  Entry& entry = add(Kind::created);
  try {
    entry.name.final_path = target;
    entry.name.must_be_new = how.must_be_new;
    entry.attributes_from = how.attributes_from.empty() ? target : how.attributes_from;
    entry.attributes = attributes_at(entry.attributes_from);
    // Nobody else opens a file before it has the rights of the one that it replaces.
    const mode_t mode = entry.attributes ? 0600 : 0666;
    entry.file = open_nameless(target, mode);
    if (!entry.file.is_open()) entry.file = open_staging(target, mode, entry.name.staging);
    if (options_.sync) entry.file.write_through();
  } catch (...) {
    if (!entry.name.staging.empty()) system::unlink(entry.name.staging.c_str());
    entries_.pop_back();
    throw;
  }
  return entry.file;
}

void StagedSet::retire(const std::string& path) {
  const std::string target = follow_links(path);
  const auto facts = regular_file(target);
  if (!facts || has(target)) return;
  settle_journals(target);
  add(Kind::retired).name.final_path = target;
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
  Entry& entry = add(Kind::scratch);
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
  for (auto& entry : entries_) {
    if (entry->kind == Kind::created) complete(*entry);
  }
  std::vector<GivenName*> given, retired;
  for (auto& entry : entries_) {
    switch (entry->kind) {
      case Kind::scratch: break;
      case Kind::retired: retired.push_back(&entry->name); break;
      case Kind::created:
        staging_path(entry->file);
        entry->name.staged_id = identity_of(entry->file);
        given.push_back(&entry->name);
    }
    entry->file.close();
  }
  give_names(given, retired, options_.sync);
  committed_ = true;
}

// All that can be done before the file has a name.
void StagedSet::complete(Entry& entry) const {
  if (auto latest = attributes_at(entry.attributes_from)) entry.attributes = std::move(latest);
  if (entry.attributes) give_attributes(entry.file, *entry.attributes);
  if (options_.sync) entry.file.sync();
}

int64_t StagedSet::bytes_written() const {
  int64_t bytes = 0;
  for (const auto& entry : entries_) {
    if (entry->kind == Kind::created) bytes += entry->file.bytes_written();
  }
  return bytes;
}

}  // namespace swr
