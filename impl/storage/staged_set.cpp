#include "storage/staged_set.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "storage/attributes.h"
#include "storage/name_giving.h"
#include "storage/platform.h"
#include "storage/sweep.h"
#include "storage/unnamed_file.h"

namespace swr {

struct StagedSet::Entry {
  Kind kind;
  File file;
  GivenName name{};
  std::string attributes_from{};
  std::optional<Attributes> attributes{};
};

StagedSet::StagedSet(const Options& options) : options_(options), process_(system::process()) {}

// In a child of fork(), everything belongs to the parent.
StagedSet::~StagedSet() {
  if (committed_ || system::process() != process_) return;
  for (auto& entry : entries_) remove_temporary(*entry);
}

void StagedSet::remove_temporary(const Entry& entry) noexcept {
  if (entry.name.is_temporary) static_cast<void>(system::remove(entry.name.staging.c_str()));
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
  const auto refuse_old = [&] {
    if (regular_file(target) && how.must_be_new)
      throw Overtaken(text(final_path, ": a file of this name is there already"));
  };
  refuse_old();
  settle_journals(target, how.must_be_new);
  refuse_old();  // a file that another process was just publishing
  Entry& entry = add(Kind::created);
  try {
    entry.name.final_path = target;
    entry.name.must_be_new = how.must_be_new;
    entry.attributes_from = how.attributes_from.empty() ? target : how.attributes_from;
    entry.attributes = attributes_at(entry.attributes_from);
    // Nobody else can open the file before it has the permissions of the one that it replaces.
    open_new(entry, target, entry.attributes ? 0600 : 0666);
    if (options_.sync) entry.file.write_through();
  } catch (...) {
    remove_temporary(entry);
    entries_.pop_back();
    throw;
  }
  return entry.file;
}

// Where temporary names are used, those that dead writers left are removed.
void StagedSet::open_new(Entry& entry, const std::string& beside, uint32_t mode) {
  UnnamedFile made = make_unnamed_file(beside, mode, "create a file in its folder");
  entry.file = std::move(made.file);
  entry.name.staging = std::move(made.name);
  entry.name.is_temporary = !entry.name.staging.empty();
  if (entry.name.is_temporary) sweep(beside);
}

void StagedSet::retire(const std::string& path) {
  const std::string target = follow_links(path);
  const auto facts = regular_file(target);
  if (!facts || has(target)) return;
  settle_journals(target);
  add(Kind::retired).name.final_path = target;
}

void StagedSet::commit() {
  if (committed_) fail(SWR_ERROR_STATE, "the files have their names already");
  if (system::process() != process_)
    fail(SWR_ERROR_STATE, "the new files belong to the process that this one was forked from");
  std::vector<GivenName*> given, retired;
  for (auto& entry : entries_) {
    if (entry->kind == Kind::retired) {
      retired.push_back(&entry->name);
      continue;
    }
    complete(*entry);
    given.push_back(&entry->name);
  }
  const int64_t journal_bytes = give_names(given, retired, options_.sync, options_.locks);
  committed_ = true;
  bytes_written_ = bytes_written() + journal_bytes;
  for (auto& entry : entries_) entry->file = File();
}

// All that can be done before the file has a name.
void StagedSet::complete(Entry& entry) const {
  if (auto latest = attributes_at(entry.attributes_from)) entry.attributes = std::move(latest);
  if (entry.attributes) give_attributes(entry.file, *entry.attributes);
  if (options_.sync) entry.file.sync();
  entry.file.close_and_keep();  // a file without a name is gone when it is closed
  entry.name.new_file = &entry.file;
  entry.name.staged_id = identity_of(entry.file);
}

std::vector<File> StagedSet::take_created() {
  std::vector<File> files;
  for (auto& entry : entries_) {
    if (entry->kind == Kind::created) files.push_back(std::move(entry->file));
  }
  return files;
}

int64_t StagedSet::bytes_written() const {
  int64_t bytes = bytes_written_;
  for (const auto& entry : entries_) {
    if (entry->kind == Kind::created) bytes += entry->file.bytes_written();
  }
  return bytes;
}

}  // namespace swr
