#include "storage/name_giving.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "storage/file.h"
#include "storage/journal_writer.h"
#include "storage/name_entry.h"
#include "storage/platform.h"
#include "storage/staged_set.h"
#include "storage/undo.h"

namespace swr {

namespace {

constexpr auto most_patience = std::chrono::seconds(10);
constexpr int most_name_tries = 100;
constexpr const char* created_meanwhile =
    ": a file with this name was created meanwhile; nothing was written";

class NameGiving {
 public:
  using Others = JournalWriter::Others;

  // `others`: what other processes may do with the file beside which the journal is made.
  NameGiving(std::vector<GivenName*> names, const std::string& journal_path, Others others,
             bool sync, FileLocks* locks)
      : journal_path_(journal_path),
        others_(others),
        sync_(sync),
        locks_(locks),
        names_(std::move(names)) {
    for (const GivenName* name : names_) folders_.insert(folder_of(name->final_path));
  }

  // False if another process took one of the names first. Then nothing has changed, and it can be
  // tried again.
  bool run() {
    lock_old();
    for (const GivenName* name : names_) {
      if (is_found_by_itself(*name)) settle_journals(name->final_path, name->must_be_new);
    }
    for (GivenName* name : names_) choose_names(*name);
    try {
      if (needs_journal() && !write_journal()) return false;
      for (const GivenName* name : names_) {
        if (name->is_new_folder) give_new_folder(*name);
      }
      for (GivenName* name : names_) give_staging(*name);
      for (const GivenName* name : names_) {
        if (!name->retires()) keep_old(*name);
      }
      if (sync_ && journal_) sync_folders();
      for (const GivenName* name : names_) {
        if (name->retires()) {
          retire(*name);
        } else if (name->is_longer) {
          lengthen(*name, sync_);
        } else if (!name->is_new_folder && !give_final(*name)) {
          return give_up(*name);
        }
      }
      if (sync_) sync_folders();
      if (may_go_back()) declare_complete();
    } catch (...) {
      go_back();
      throw;
    }
    clean_up();
    return true;
  }

  // Bytes written to the journal.
  int64_t bytes_written() const { return journal_ ? journal_->bytes_written() : 0; }

 private:
  // Not through the header.
  bool is_found_by_itself(const GivenName& name) const {
    return name.made_at.empty() || name.final_path == journal_path_;
  }

  // The plan has locked what it found. Files that others made since then are locked here, or they
  // are in the way.
  void lock_old() const {
    if (!locks_) return;
    FileLocks::Needs needs;
    for (const GivenName* name : names_) {
      if (!name->must_be_new && is_found_by_itself(*name))
        needs[name->final_path] = FileLocks::Mode::exclusive;
    }
    locks_->take(needs);
  }

  // The old file is needed only if a later step can fail, or if replacing it takes several: no
  // rename replaces a folder.
  bool needs_old(const GivenName& name) const {
    return names_.size() > 1 || sync_ || name.is_folder ||
           !system::replaces_at_once(name.final_path.c_str());
  }

  void choose_names(GivenName& name) {
    if (name.is_new_folder || name.is_longer) return;
    const auto there = identity_at(name.final_path);
    if (there && name.must_be_new) refuse(name);
    name.old_id = there.value_or(Identity{});
    name.replaces = there || !name.new_file;
    name.old = name.replaces && needs_old(name) ? staging_name(name.final_path) : "";
    name.is_staged = name.is_temporary;
    if (name.is_temporary) return;
    const bool needs_staging = (name.replaces && name.new_file) || !name.made_at.empty();
    name.staging = needs_staging ? staging_name(name.final_path) : "";
  }

  [[noreturn]] static void refuse(const GivenName& name) {
    const std::string words = text(name.final_path, created_meanwhile);
    if (name.must_be_new) throw Overtaken(words);
    fail(SWR_ERROR_EXISTS, words);
  }

  bool may_go_back() const {
    return names_.size() > 1 || !names_.front()->old.empty() || names_.front()->is_longer;
  }

  // A new file that gets its final name directly needs no journal.
  bool needs_journal() const {
    const GivenName& name = *names_.front();
    return may_go_back() || (!name.is_temporary && !name.staging.empty());
  }

  // A file that was made in a folder of temporary names has its place in the folder of the header,
  // or below it, in a folder that need not be there yet.
  std::string name_in_journal(const GivenName& name) const {
    if (name.made_at.empty()) return journal_name(journal_path_, name.final_path);
    return name.final_path.substr(folder_of(journal_path_).size() + 1);
  }

  // False if another process has such a journal.
  bool write_journal() {
    journal_.emplace(journal_path_, JournalFlags{.sync = sync_}, others_);
    for (const GivenName* name : names_) {
      if (name->new_file) journal_->give_access(*name->new_file, false);
      // Another header may name the same data file, so the journal gets a name beside it. A file
      // whose name is only added or removed is left out: afterwards no process would look for a
      // journal beside it.
      if (name->replaces && name->new_file && name->made_at.empty() &&
          name->final_path != journal_path_)
        journal_->also_beside(name->final_path);
      const std::string entry = joined(*name, name_in_journal(*name));
      journal_->add({JournalEntry::Kind::name, entry_number(*name), name->old_size,
                     std::as_bytes(std::span(entry))});
    }
    try {
      journal_->flush();
    } catch (const Error& error) {
      if (error.status() != SWR_ERROR_BUSY) throw;
      journal_->remove();
      journal_.reset();
      return false;
    }
    return true;
  }

  void sync_folders() const {
    for (const std::string& folder : folders_) sync_folder(folder);
  }

  // After a step back new folders are gone.
  void sync_folders_left() const {
    for (const std::string& folder : folders_) sync_folder_if_there(folder);
  }

  // From this moment on the old files are removed. If the entry may or may not be on the disk,
  // neither direction is safe until the journal is read again.
  void declare_complete() {
    journal_->expect_name();
    const JournalWriter::Mark before = journal_->mark();
    try {
      journal_->add({JournalEntry::Kind::complete});
      journal_->flush();
    } catch (...) {
      is_unknown_ = true;
      journal_->cut(before);
      is_unknown_ = false;
      throw;
    }
  }

  // Another process took a name that was free. Files that had temporary names are lost then.
  bool give_up(const GivenName& name) {
    const bool is_lost = std::ranges::any_of(
        names_, [](const auto* n) { return n->is_temporary || !n->made_at.empty(); });
    go_back();
    if (name.must_be_new || is_lost || is_unknown_) refuse(name);
    journal_.reset();
    return false;
  }

  // What fails here is left to the journal. With sync, the old files are removed from the disk
  // before the journal is.
  void clean_up() noexcept {
    bool is_clean = true;
    for (GivenName* name : names_) is_clean = drop_old(*name) && is_clean;
    if (!is_clean || !journal_) return;
    try {
      if (sync_) sync_folders();
      journal_->remove();
    } catch (const std::exception&) {
    }
  }

  void go_back() noexcept {
    if (is_unknown_) return;
    for (size_t i = names_.size(); i-- > 0;)
      is_unknown_ = !roll_back_name(*names_[i]) || is_unknown_;
    if (is_unknown_ || !journal_) return;
    try {
      if (sync_) sync_folders_left();
      journal_->end_undone();
    } catch (const std::exception&) {
    }
  }

  const std::string& journal_path_;
  const Others others_;
  const bool sync_;
  FileLocks* const locks_;
  std::vector<GivenName*> names_;
  std::set<std::string> folders_;
  std::optional<JournalWriter> journal_;
  bool is_unknown_ = false;  // the state of the files, or of the journal on the disk
};

void refuse_if_there(const std::string& path) {
  if (identity_at(path)) throw Overtaken(text(path, created_meanwhile));
}

}  // namespace

void settle_journals(const std::string& path, bool must_be_new) {
  const auto end = std::chrono::steady_clock::now() + most_patience;
  for (auto pause = std::chrono::milliseconds(1); has_journal(path);
       pause = std::min(2 * pause, std::chrono::milliseconds(50))) {
    const Recovery found = recover_all(path, {});
    const bool is_busy = found.refusal && found.refusal->status() == SWR_ERROR_BUSY;
    const bool is_changed = found.living > found.giving_names;
    // Somebody changes a file which was made since the plan. If there is none, a journal was seen
    // before it could be read, or after its end: the next look tells.
    if (must_be_new && (is_busy || is_changed)) refuse_if_there(path);
    if (is_busy) throw Error(*found.refusal);
    if (found.living == 0) return;
    if ((is_changed && !must_be_new) || std::chrono::steady_clock::now() > end)
      fail(SWR_ERROR_BUSY, path,
           ": cannot replace the file while another process is changing it; try again when that is "
           "done");
    std::this_thread::sleep_for(pause);
  }
}

int64_t give_names(std::span<GivenName* const> given, std::span<GivenName* const> retired,
                   bool sync, FileLocks* locks) {
  if (given.empty()) return 0;
  std::vector<GivenName*> all(given.begin(), given.end());
  all.insert(all.end(), retired.begin(), retired.end());
  const std::string& last = given.back()->final_path;
  for (int tries = 0; tries < most_name_tries; ++tries) {
    NameGiving names(all, last, NameGiving::Others::excluded, sync, locks);
    if (names.run()) return names.bytes_written();
  }
  fail(SWR_ERROR_BUSY, last, ": other processes keep replacing the file; try again");
}

int64_t give_places(std::vector<GivenName*> given, const std::string& header, bool sync) {
  if (given.empty()) return 0;
  NameGiving names(std::move(given), header, NameGiving::Others::allowed, sync, nullptr);
  if (!names.run())
    fail(SWR_ERROR_INTERNAL, header, ": its files did not get their places, for no reason");
  return names.bytes_written();
}

}  // namespace swr
