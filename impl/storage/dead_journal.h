// Rolls back the write of one dead writer, if its journal can be trusted.
#pragma once

#include <filesystem>
#include <string>

#include "storage/found_journals.h"
#include "storage/journal_content.h"
#include "storage/journal_trust.h"
#include "storage/recovery_scope.h"

namespace swr {

class DeadJournal {
 public:
  // over: its write was complete or undone already. not_ours: not a journal of the current files.
  enum class Outcome { undone, over, not_ours };

  // A journal that was found beside `path`. The arguments must outlive the object.
  DeadJournal(const std::string& path, const RecoveryScope& scope, FoundJournals::Found& found);

  // Rolls the write back. Throws JournalRefused if the journal is not trusted, and errors of the
  // system. `note` is set if the result is not_ours: it says why; or if it is over, and something
  // that the write has replaced cannot be removed yet.
  Outcome undo(std::string& note);

 private:
  Outcome remove_over();
  bool is_about_files_there(const JournalContent& content, std::string& note) const;
  void check_places(const JournalContent& content) const;
  Outcome finish(JournalContent& content, std::string& note);
  void carry_out(JournalContent& content);
  void undo_bytes(JournalContent& content);
  void undo_names(JournalContent& content) const;
  void remove(const JournalContent& content);

  const std::string& path_;
  const RecoveryScope& scope_;
  const std::filesystem::path folder_;  // in which the journal was found
  FoundJournals::Found& found_;
  File& file_;
  JournalReader reader_;
};

}  // namespace swr
