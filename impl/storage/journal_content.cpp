#include "storage/journal_content.h"

#include <algorithm>

#include "base/checked.h"
#include "base/error.h"
#include "storage/paths.h"
#include "storage/platform.h"
#include "storage/real_path.h"

namespace swr {

namespace fs = std::filesystem;
using Kind = JournalEntry::Kind;

JournalContent::JournalContent(const File& journal, JournalReader& reader,
                               const RecoveryScope& scope, const fs::path& folder, File::Mode mode)
    : journal_(journal), scope_(scope), folder_(folder), mode_(mode), few_(mode) {
  reader.to_begin();
  while (const auto entry = reader.next()) read(*entry);
  for (const Target& target : targets_) check_size(target);
}

template <typename... Parts>
void JournalContent::contradict(const Parts&... parts) const {
  journal_format::fail_damaged(journal_.path(), text(parts...));
}

void JournalContent::read(const JournalEntry& entry) {
  if (!begin_) return read_begin(entry);
  switch (entry.kind) {
    case Kind::begin: contradict("begins twice");
    case Kind::file: return add_target(entry);
    case Kind::bytes: return add_bytes(entry);
    case Kind::resized: target_of(entry).resized = true; return;
    case Kind::name: return add_name(entry);
    case Kind::complete: is_complete_ = true; return;
  }
  contradict("has an entry of the unknown kind ", static_cast<uint32_t>(entry.kind));
}

void JournalContent::read_begin(const JournalEntry& entry) {
  begin_ = begin_from(entry);
  if (!begin_) contradict("has no valid first entry");
  same_boot_ = Author::self().same_boot(begin_->author);
  base_ = base_of(*begin_);
}

// The folder of the image to which the journal belongs. The journal is found there, even if the
// folder was moved, or beside a data file in another folder.
fs::path JournalContent::base_of(const JournalBegin& begin) const {
  if (name_of(begin.image).empty() || begin.image.find('\0') != begin.image.npos)
    contradict("has an invalid file name");
  const auto here = identity_at(text_of(folder_));
  if (root_bytes(begin.image) == 0 || (here && begin.folder.is_of(*here, same_boot_)))
    return folder_;
  std::error_code reason;
  fs::path base = real_path(path_of(folder_of(begin.image)), reason);
  return reason ? folder_ : base;
}

fs::path JournalContent::image() const {
  return base_ / path_of(name_of(begin_->image));
}

// The absolute path for a name in the journal; the file need not exist.
fs::path JournalContent::place_of(std::string_view name) const {
  if (name.empty() || name.find('\0') != std::string_view::npos)
    contradict("has an invalid file name");
  fs::path place = base_ / path_of(name);  // an absolute name stays
  if (std::ranges::find(place, "..") != place.end()) contradict("names '", name, "'");
  return place;
}

void JournalContent::add_target(const JournalEntry& entry) {
  if (entry.number != targets_.size() || entry.position < 0 || entry.data.size() <= identity_bytes)
    contradict("has a wrong file entry");
  Target target;
  target.old_size = entry.position;
  target.recorded = identity_from(entry.data);
  const auto name = entry.data.subspan(identity_bytes);
  target.name.assign(reinterpret_cast<const char*>(name.data()), name.size());
  std::error_code reason;
  target.path = text_of(real_path(place_of(target.name), reason));
  if (!reason) {
    open(target);
  } else if (reason != std::errc::no_such_file_or_directory &&
             reason != std::errc::not_a_directory) {
    SystemFailure(reason).fail(journal_.path(), "find ", target.name,
                               ", which this undo journal names");
  }
  targets_.push_back(std::move(target));
  if (targets_.back().file) file(targets_.back());
}

// The file that is checked must be the file that is written, even if its name changes meanwhile. So
// it is opened in a held folder, and its identity is checked again when it is reopened.
void JournalContent::open(Target& target) const {
  const HeldFolder folder(folder_of(target.path), system::Links::no_follow);
  const auto known = folder.facts(target.path, target.facts);
  if (system::means_absent(known.reason)) return;
  if (!known)
    SystemFailure(known.reason)
        .fail(target.path, "query its attributes for the undo journal ", journal_.path());
  target.opened = identity_of(target.facts);
  target.state = target.recorded.is_of(target.opened, same_boot_) ? Target::State::there
                                                                  : Target::State::another;
  if (target.state == Target::State::another || !scope_.has(path_of(target.path))) return;
  if (target.facts.kind != system::Facts::Kind::file)
    contradict("names ", target.path, ", which is not a regular file");
  std::string path = target.path;
  const auto opened = folder.open(
      target.path, mode_ == File::Mode::read ? system::Access::read : system::Access::change);
  if (!opened) {
    SystemFailure(opened.reason)
        .fail(target.path, "open it to roll back the write of the undo journal ", journal_.path());
  }
  auto file = std::make_unique<File>(opened.value, std::move(path));
  const Identity identity = identity_of(*file);
  if (!target.opened.is_of(identity, true)) {
    fail(SWR_ERROR_IO, target.path, ": was replaced while its undo journal ", journal_.path(),
         " was read; try again");
  }
  target.opened = identity;
  target.size = identity.size;
  target.file = std::move(file);
}

File& JournalContent::file(const Target& target) {
  return few_.use(*target.file, target.path, target.opened);
}

JournalContent::Target& JournalContent::target_of(const JournalEntry& entry) {
  if (entry.number >= targets_.size()) contradict("has no file with the number ", entry.number);
  return targets_[entry.number];
}

void JournalContent::add_bytes(const JournalEntry& entry) {
  Target& target = target_of(entry);
  const int64_t bytes = std::ssize(entry.data);
  if (entry.position < 0 || entry.position > target.old_size - bytes) {
    contradict("has ", bytes, " old bytes at ", entry.position, " of ", target.name, ", which had ",
               target.old_size, " bytes");
  }
  target.past_size +=
      std::max(int64_t{0}, entry.position + bytes - std::max(entry.position, target.size));
}

// A file may only become longer by bytes that the journal holds.
void JournalContent::check_size(const Target& target) const {
  if (!target.file || target.old_size <= checked_add(target.size, target.past_size)) return;
  throw JournalRefused(
      SWR_ERROR_CORRUPT,
      text(journal_.path(), ": this undo journal has old bytes of ", target.path, ", which had ",
           target.old_size, " bytes and has ", target.size,
           " now: another program has truncated the file, and bytes that the journal does not have "
           "are lost. It was not rolled back, and the image is damaged. Put a copy of the image in "
           "its place, or remove the journal if the image is good"));
}

void JournalContent::add_name(const JournalEntry& entry) {
  auto name = split(entry);
  if (!name) contradict("has an invalid file name");
  const fs::path place = place_of(name->final_path);
  if (place.filename().empty()) contradict("has an invalid file name");
  std::error_code reason;
  const fs::path folder = real_path(place.parent_path(), reason);
  const bool is_absent =
      reason == std::errc::no_such_file_or_directory && new_folders_.contains(place.parent_path());
  if (name->is_new_folder) new_folders_.insert(place);
  if (is_absent) return;  // a new folder that was not made, or is removed again: nothing is in it
  if (reason)
    SystemFailure(reason).fail(journal_.path(), "find the folder ", text_of(place.parent_path()),
                               ", which this undo journal names");
  require_in_scope(journal_, scope_, folder);
  name->final_path = text_of(folder / place.filename());
  if (!name->staging.empty()) name->staging = text_of(folder / path_of(name->staging));
  if (!name->old.empty()) name->old = text_of(folder / path_of(name->old));
  const HeldFolder& held = hold(folder);
  names_.push_back({std::move(*name), &held});
}

const HeldFolder& JournalContent::hold(const fs::path& folder) {
  auto held = held_.find(folder);
  if (held != held_.end()) return held->second;
  HeldFolder opened(text_of(folder), system::Links::no_follow);
  if (opened.reason() != std::errc{}) {
    SystemFailure(opened.reason())
        .fail(text_of(folder), "open the folder, which the undo journal ", journal_.path(),
              " names");
  }
  return held_.emplace(folder, std::move(opened)).first->second;
}

void JournalContent::let_go(const std::string& folder) {
  const auto held = held_.find(path_of(folder));
  if (held != held_.end()) held->second = HeldFolder();
}

void require_in_scope(const File& journal, const RecoveryScope& scope, const fs::path& file) {
  if (scope.has(file)) return;
  throw JournalRefused(
      SWR_ERROR_UNSUPPORTED,
      text(
          journal.path(), ": this undo journal names ", text_of(file),
          ", which is not in the folder of the image: it was not rolled back, and the image may be "
          "half changed. If you trust the journal, open the image with a writer whose option "
          "detached.outside is 'allow', or run 'swr recover --outside'"));
}

}  // namespace swr
