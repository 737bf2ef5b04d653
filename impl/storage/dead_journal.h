// Rolls back what one dead writer left, if its journal may be believed.
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
  enum class Outcome { undone, over, not_ours };

  // A journal that was found next to `path`. The arguments must outlive the object.
  DeadJournal(const std::string& path, const RecoveryScope& scope, FoundJournals::Found& found);

  // Throws JournalRefused, and what the system refuses. `note`: why the journal is not about the
  // files that are there.
  Outcome undo(std::string& note);

 private:
  Outcome remove_over();
  bool is_about_files_there(const JournalContent& content, std::string& note) const;
  void check_places(const JournalContent& content) const;
  void carry_out(JournalContent& content);
  void undo_bytes(JournalContent& content);
  void undo_names(const JournalContent& content) const;
  void remove(const JournalContent& content);

  const std::string& path_;
  const RecoveryScope& scope_;
  const std::filesystem::path folder_;  // where the journal was found
  FoundJournals::Found& found_;
  File& file_;
  JournalReader reader_;
};

}  // namespace swr
