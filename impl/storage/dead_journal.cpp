#include "storage/dead_journal.h"

#include <set>

#include "base/error.h"
#include "storage/journal_names.h"
#include "storage/paths.h"
#include "storage/platform.h"
#include "storage/write_back.h"

namespace swr {

using Target = JournalContent::Target;

namespace {

// Summary of the targets that are not the recorded files.
struct Missing {
  bool has_any = false;  // at least one is there
  const Target* absent = nullptr;
  const Target* another = nullptr;
};

Missing missing_of(const std::vector<Target>& targets) {
  Missing missing;
  for (const Target& target : targets) {
    if (target.state == Target::State::there) missing.has_any = true;
    if (target.state == Target::State::absent) missing.absent = &target;
    if (target.state == Target::State::another) missing.another = &target;
  }
  return missing;
}

}  // namespace

DeadJournal::DeadJournal(const std::string& path, const RecoveryScope& scope,
                         FoundJournals::Found& found)
    : path_(path),
      scope_(scope),
      folder_(path_of(real_folder_of(path))),
      found_(found),
      file_(found.file),
      reader_(file_) {}

DeadJournal::Outcome DeadJournal::undo(std::string& note) {
  if (!reader_.head()) {
    note = text(file_.path(),
                ": has the name of an undo journal but is not one; it is left alone. "
                "Rename it, or remove it if you do not need it");
    return Outcome::not_ours;
  }
  if (reader_.head()->state != JournalHead::State::in_use || reader_.block_count() == 0)
    return remove_over();
  const bool may_write = found_.refused == std::errc{};
  JournalContent content(file_, reader_, scope_, folder_,
                         may_write ? File::Mode::change : File::Mode::read);
  if (!is_about_files_there(content, note)) return Outcome::not_ours;
  check_places(content);
  JournalTrust(file_, facts_of_journal(file_)).check(content, scope_.options);
  if (!may_write) {
    SystemFailure(found_.refused)
        .fail(file_.path(),
              "roll back the write of this undo journal; its owner or the superuser can, if the "
              "disk is not mounted read-only");
  }
  if (content.is_complete() && !content.names().empty()) return finish(content, note);
  carry_out(content);
  return Outcome::undone;
}

// All new files have their names. An old one that cannot be removed, such as a folder with a file
// that another process has open on Windows, does no harm: the image is whole without.
DeadJournal::Outcome DeadJournal::finish(JournalContent& content, std::string& note) {
  try {
    undo_names(content);
  } catch (const Error& error) {
    note = text(error.what(), "; the image is whole, and a later write or recovery removes it");
    return Outcome::over;
  }
  remove(content);
  return Outcome::undone;
}

// The journal is over; only its name has to be removed.
DeadJournal::Outcome DeadJournal::remove_over() {
  const JournalTrust trust(file_, facts_of_journal(file_));
  if (found_.refused == std::errc{} && scope_.has(folder_) &&
      trust.may_be_removed(identity_at(path_)))
    remove_found(file_, reader_.head()->state == JournalHead::State::over_to_erase);
  return Outcome::over;
}

// A copy of a journal, or a journal whose files were all replaced, cannot be used: it is left
// alone, with a note. If only some of its files are there, it may still be needed, so the image is
// refused.
bool DeadJournal::is_about_files_there(const JournalContent& content, std::string& note) const {
  if (!content.begin().journal.is_of(found_.identity, content.same_boot())) {
    note = text(file_.path(), ": is a copy of an undo journal; it is left alone. Remove it");
    return false;
  }
  const auto [has_any, absent, another] = missing_of(content.targets());
  if (absent && (has_any || !another)) {
    throw JournalRefused(
        SWR_ERROR_NOT_FOUND,
        text(file_.path(), ": this undo journal has old bytes of ", absent->name,
             ", which is not there: it was not rolled back. Put the file back, or remove the "
             "journal if the image is good without it"));
  }
  if (another && has_any) {
    throw JournalRefused(
        SWR_ERROR_CORRUPT,
        text(file_.path(), ": this undo journal has old bytes of several files, of which ",
             another->path,
             " was replaced since then: it was not rolled back. Put the old file back, or remove "
             "the journal if the image is good without it"));
  }
  if (!another) return true;
  note = text(file_.path(), ": has old bytes of another file that had the name ", another->path,
              " before; they are not written into this one. Remove the journal if you no longer "
              "need that file");
  return false;
}

// Requires every file, and the journal itself, to be in the scope.
void DeadJournal::check_places(const JournalContent& content) const {
  for (const Target& target : content.targets())
    require_in_scope(file_, scope_, path_of(target.path));
  require_in_scope(file_, scope_, folder_ / path_of(name_of(file_.path())));
}

void DeadJournal::carry_out(JournalContent& content) {
  if (content.names().empty()) {
    undo_bytes(content);
  } else {
    undo_names(content);
  }
  remove(content);
}

void DeadJournal::undo_bytes(JournalContent& content) {
  const std::vector<Target>& targets = content.targets();
  write_back(reader_, static_cast<uint32_t>(targets.size()), [&](uint32_t number) {
    const Target& target = targets.at(number);
    return UndoFile{&content.file(target), target.old_size, target.resized};
  });
  for (const Target& target : targets) {
    if (content.begin().flags.sync) content.file(target).sync();
    if (target.file->is_open()) target.file->close();
  }
}

void DeadJournal::undo_names(JournalContent& content) const {
  std::set<std::string> folders;
  const auto& names = content.names();
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    const auto& [given, folder] = *name;
    if (given.is_new_folder) content.let_go(given.final_path);
    const auto done = content.is_complete() ? drop_old(*folder, given, content.same_boot())
                                            : roll_back_name(*folder, given, content.same_boot());
    if (!done) {
      if (content.is_complete())
        SystemFailure(done.reason)
            .fail(given.old, "remove what ", given.final_path, " has replaced");
      SystemFailure(done.reason)
          .fail(given.final_path, "put the file back that had this name, as the undo journal ",
                file_.path(), " says; open the image again");
    }
    folders.insert(folder_of(given.final_path));
  }
  if (!content.begin().flags.sync) return;
  for (const std::string& folder : folders) sync_folder_if_there(folder);
}

// Removes all names of the journal, including those beside data files.
void DeadJournal::remove(const JournalContent& content) {
  end_found(file_, *reader_.head(), content.begin().flags);
  const std::filesystem::path image = content.image();
  if (scope_.has(image.parent_path())) remove_journal_names(file_, text_of(image));
  for (const Target& target : content.targets()) remove_journal_names(file_, target.path);
  for (const auto& name : content.names()) remove_journal_names(file_, name.given.final_path);
}

}  // namespace swr
