// Whether a journal may be believed: who could have written it, and where its writer runs.
#pragma once

#include <cstdint>

#include "storage/journal_content.h"

namespace swr {

class JournalTrust {
 public:
  // `facts` are those of the journal.
  JournalTrust(const File& journal, const system::Facts& facts)
      : journal_(journal), owner_(facts.owner), group_(facts.group), mode_(facts.mode) {}

  // Throws JournalRefused.
  void check(const JournalContent& content, const RecoverOptions& options) const;
  // Whether this user may remove it as one that says nothing, next to a file of this owner.
  bool may_be_removed(const std::optional<Identity>& image) const;

 private:
  void check_writers(const JournalContent& content) const;
  void check_owners(const JournalContent& content) const;
  void check_owner(uint32_t owner, const std::string& path) const;
  void check_machine(const Author& author) const;
  [[noreturn]] void refuse_writers(const std::string& path) const;

  const File& journal_;
  uint32_t owner_, group_, mode_;
};

}  // namespace swr
