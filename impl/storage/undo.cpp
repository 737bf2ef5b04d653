#include "storage/undo.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>

#include "storage/dead_journal.h"
#include "storage/journal_names.h"
#include "storage/paths.h"
#include "storage/platform.h"

namespace swr {

namespace {

// Whether a living writer's journal is about the name of its file, and perhaps others, that is
// being given, which takes a moment. A journal of other files of the image is one of a change of
// pixels.
bool is_giving_names(const File& file) {
  try {
    JournalReader journal(file, JournalReader::Blocks::unknown);
    std::string own;
    while (const auto entry = journal.next()) {
      if (entry->kind == JournalEntry::Kind::begin) {
        const auto begin = begin_from(*entry);
        if (begin) own = name_of(begin->image);
      } else if (entry->kind != JournalEntry::Kind::name) {
        return false;
      } else if (const auto name = split(*entry); name && name->final_path == own) {
        return true;
      }
    }
  } catch (const Error&) {
  }
  return false;
}

void recover_one(const std::string& path, const RecoveryScope& scope, FoundJournals::Found& found,
                 Recovery& recovery) {
  using State = FoundJournals::Found::State;
  if (found.state == State::living) {
    ++recovery.living;
    if (is_giving_names(found.file)) ++recovery.giving_names;
    return;
  }
  if (found.state == State::alien) {
    recovery.notes.push_back(text(found.file.path(),
                                  ": has the name of an undo journal and is no regular file; it is "
                                  "left alone. Rename it, or remove it if you do not need it"));
    return;
  }
  try {
    std::string note;
    if (DeadJournal(path, scope, found).undo(note) == DeadJournal::Outcome::undone)
      ++recovery.rolled_back;
    if (!note.empty()) recovery.notes.push_back(std::move(note));
  } catch (const JournalRefused& refused) {
    if (!recovery.refusal) recovery.refusal = refused;
  }
}

// The number of the file's names; 1 if another process is replacing the image at `path`: then the
// image's files have a second name for a moment.
uint64_t lasting_names(const std::string& file, const std::string& path) {
  constexpr int looks = 3;
  uint64_t names = 1;
  for (int look = 0; look < looks; ++look) {
    if (look > 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    system::Facts facts;
    if (!system::facts(follow_links(file).c_str(), system::Links::no_follow, facts) ||
        facts.links < 2 || facts.kind == system::Facts::Kind::folder)
      return 1;
    if (is_being_changed(path)) return 1;
    names = facts.links;
  }
  return names;
}

}  // namespace

void Recovery::add(Recovery&& other) {
  rolled_back += other.rolled_back;
  living += other.living;
  giving_names += other.giving_names;
  std::ranges::move(other.notes, std::back_inserter(notes));
  if (!refusal) refusal = std::move(other.refusal);
}

Recovery recover_all(const std::string& path, const RecoverOptions& options) {
  return recover_all(path, options, path);
}

Recovery recover_all(const std::string& path, const RecoverOptions& options,
                     const std::string& image) {
  const std::string target = follow_links(path);
  const RecoveryScope scope{options, path_of(real_folder_of(follow_links(image)))};
  Recovery recovery;
  FoundJournals journals(target, options.patience);
  while (auto found = journals.next()) recover_one(target, scope, *found, recovery);
  if (scope.has(path_of(real_folder_of(target)))) journals.remove_folder();
  return recovery;
}

Recovery recover_files(const std::vector<std::string>& files, const std::string& image,
                       const RecoverOptions& options) {
  Recovery recovery;
  for (const std::string& file : files) {
    if (has_journal(file)) recovery.add(recover_all(file, options, image));
  }
  return recovery;
}

int recover(const std::string& path, bool outside_allowed) {
  const Recovery recovery = recover_all(path, {.outside = outside_allowed});
  require_recovered(recovery);
  return recovery.rolled_back;
}

void require_recovered(const Recovery& recovery) {
  if (recovery.refusal) throw Error(*recovery.refusal);
}

bool has_journal(const std::string& path) {
  const std::string target = follow_links(path);
  for (const std::string& name : {first_journal(target), journal_folder(target)}) {
    if (facts_if_there(name, system::Links::follow, "look for undo journals")) return true;
  }
  return false;
}

bool is_being_changed(const std::string& path) {
  if (!has_journal(path)) return false;
  FoundJournals journals(follow_links(path));
  while (const auto found = journals.next()) {
    if (found->state == FoundJournals::Found::State::living) return true;
  }
  return false;
}

std::vector<std::string> notes_of_names(const std::set<std::string>& files,
                                        const std::string& path) {
  std::vector<std::string> notes;
  for (const std::string& each : files) {
    const uint64_t names = lasting_names(each, path);
    if (names < 2) continue;
    notes.push_back(text(each, ": has ", names,
                         " names (hard links); if a write under another one has died, its undo "
                         "journal is there, and is not found from here: run 'swr recover' on the "
                         "other names"));
  }
  return notes;
}

}  // namespace swr
