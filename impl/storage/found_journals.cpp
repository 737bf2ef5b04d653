#include "storage/found_journals.h"

#include <algorithm>
#include <thread>

#include "base/error.h"
#include "storage/identity.h"
#include "storage/journal_names.h"
#include "storage/journal_writer.h"
#include "storage/lock.h"
#include "storage/platform.h"

namespace swr {

namespace {

// Locks the journal against other processes that examine or undo it. Waits for them.
void lock_for_a_look(const File& file, bool may_write, std::chrono::milliseconds patience) {
  const auto kind = may_write ? system::Lock::exclusive : system::Lock::shared;
  const auto end = std::chrono::steady_clock::now() + patience;
  auto pause = std::chrono::milliseconds(1);
  while (true) {
    const auto done = system::lock(file.descriptor(), kind, lock_of_look, false);
    if (done) return;
    if (done.reason == std::errc::interrupted) continue;
    if (!is_held_by_another(done.reason))
      SystemFailure(done.reason).fail(file.path(), "lock the undo journal");
    if (std::chrono::steady_clock::now() > end) {
      fail(SWR_ERROR_BUSY, file.path(),
           ": another process has been examining or undoing this interrupted write for more than ",
           std::chrono::duration_cast<std::chrono::seconds>(patience).count(),
           " seconds; try again when it is done");
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, std::chrono::milliseconds(50));
  }
}

// Whether the reason says that this user may at most read the file.
bool means_read_only(std::errc reason) {
  return system::means_forbidden(reason) || reason == std::errc::read_only_file_system;
}

// Whether the reason says that it is a symbolic link, a folder, a device without a driver, or a
// socket.
bool means_no_file(std::errc reason) {
  return reason == std::errc::too_many_symbolic_link_levels ||
         reason == std::errc::is_a_directory || reason == std::errc::no_such_device_or_address ||
         reason == std::errc::no_such_device;
}

}  // namespace

FoundJournals::FoundJournals(const std::string& path, std::chrono::milliseconds patience)
    : folder_(journal_folder(path)), patience_(patience), names_(journal_names(path)) {}

std::optional<FoundJournals::Found> FoundJournals::next() {
  while (at_ < names_.size()) {
    if (auto found = open(names_[at_++])) return found;
  }
  return std::nullopt;
}

// Opens and locks the journal; nothing if it no longer exists.
std::optional<FoundJournals::Found> FoundJournals::open(const std::string& name) const {
  std::string kept = name;
  system::Facts facts;
  // Opening a device can have side effects.
  if (system::facts(name.c_str(), system::Links::no_follow, facts) &&
      facts.kind != system::Facts::Kind::file)
    return Found{File(system::Handle::none, std::move(kept)), Found::State::alien};
  const auto open = [&](system::Access access) {
    return system::open_existing(name.c_str(), access, system::Links::no_follow);
  };
  auto opened = open(system::Access::change);
  const std::errc refused = opened.reason;
  if (system::means_absent(refused)) return std::nullopt;
  // A user who may only read can still find out whether the writer lives.
  if (means_read_only(refused)) opened = open(system::Access::read);
  if (means_no_file(refused))
    return Found{File(system::Handle::none, std::move(kept)), Found::State::alien};
  if (!opened) {
    SystemFailure(refused).fail(
        name,
        "open the undo journal of a write that was interrupted; its owner or the superuser can");
  }
  return look(File(opened.value, std::move(kept)), refused);
}

// Nothing if it lost its name while this process waited for another one.
std::optional<FoundJournals::Found> FoundJournals::look(File&& file, std::errc refused) const {
  if (facts_of_journal(file).kind != system::Facts::Kind::file)
    return Found{std::move(file), Found::State::alien};
  lock_for_a_look(file, refused == std::errc{}, patience_);
  const Identity identity = identity_of(file);
  if (!is_named(identity, file.path())) return std::nullopt;
  const auto lives = system::is_locked(file.descriptor(), lock_of_life);
  if (!lives) {
    SystemFailure(lives.reason)
        .fail(file.path(), "find out whether the writer of the undo journal lives");
  }
  return Found{std::move(file), lives.value ? Found::State::living : Found::State::dead, refused,
               identity};
}

void FoundJournals::Found::let_go() noexcept {
  static_cast<void>(system::lock(file.descriptor(), system::Lock::none, lock_of_look, false));
}

void FoundJournals::remove_folder() noexcept {
  remove_if_empty(folder_);
}

system::Facts facts_of_journal(const File& journal) {
  system::Facts facts;
  const auto known = system::facts(journal.descriptor(), facts);
  if (!known)
    SystemFailure(known.reason).fail(journal.path(), "query the attributes of the undo journal");
  return facts;
}

void end_found(File& journal, const JournalHead& head, JournalFlags flags) {
  end_journal(journal, head.salt, flags);
  remove_found(journal, flags.erase);
}

void remove_found(File& journal, bool erases) noexcept {
  if (erases) overwrite_journal(journal);
  remove_journal_name(journal, journal.path());
}

}  // namespace swr
