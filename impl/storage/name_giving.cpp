#include "storage/name_giving.h"

#include <sys/stat.h>

#include <optional>
#include <set>
#include <vector>

#include "base/error.h"
#include "storage/file.h"
#include "storage/in_place.h"
#include "storage/journal.h"
#include "storage/system.h"
#include "storage/undo.h"

namespace swr {

namespace {

class NameGiving {
 public:
  NameGiving(std::span<GivenName* const> given, std::span<GivenName* const> retired, bool sync)
      : record_path_(given.back()->final_path), sync_(sync), names_(given.begin(), given.end()) {
    names_.insert(names_.end(), retired.begin(), retired.end());
    for (const GivenName* name : names_) folders_.insert(folder_of(name->final_path));
  }

  void run() {
    try {
      prepare();
      for (GivenName* name : names_) {
        if (!name->retires()) keep_old(*name, record_.has_value());
      }
      if (sync_ && record_) sync_folders();
      for (; given_ < names_.size(); ++given_) {
        const GivenName& name = *names_[given_];
        name.retires() ? retire(name) : give_name(name);
      }
      if (sync_) sync_folders();
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
    const bool may_go_back = names_.size() > 1 || sync_;
    for (GivenName* name : names_) {
      const bool is_there = regular_file(name->final_path).has_value();
      name->replaces = !name->must_be_new && (is_there || name->retires() || !may_go_back);
      if (name->replaces && may_go_back) name->old = staging_name(name->final_path);
      name->old_id = identity_at(name->final_path).value_or(Identity{});
    }
    if (names_.size() > 1) write_record();
  }

  void write_record() {
    record_.emplace(record_path_, JournalFlags{.sync = sync_});
    for (const GivenName* name : names_) {
      const std::string entry = joined(*name, journal_name(record_path_, name->final_path));
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
      } else if (!name.retires()) {
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

  const std::string& record_path_;
  const bool sync_;
  std::vector<GivenName*> names_;
  std::set<std::string> folders_;
  std::optional<JournalWriter> record_;
  size_t given_ = 0;
};

}  // namespace

void settle_journals(const std::string& path) {
  if (!has_journal(path)) return;
  if (recover_all(path, {}).living > 0)
    fail(SWR_ERROR_BUSY, path, ": cannot replace the file while another process is changing it");
}

void give_names(std::span<GivenName* const> given, std::span<GivenName* const> retired, bool sync) {
  if (!given.empty()) NameGiving(given, retired, sync).run();
}

}  // namespace swr
