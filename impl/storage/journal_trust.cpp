#include "storage/journal_trust.h"

#include <utility>

#include "base/error.h"
#include "storage/platform.h"

namespace swr {

namespace {

constexpr uint32_t group_may_write = 0020, others_may_write = 0002;

}  // namespace

void JournalTrust::check(const JournalContent& content, const RecoverOptions& options) const {
  check_writers(content);
  check_owners(content);
  if (!options.other_machine) check_machine(content.begin().author);
}

bool JournalTrust::may_be_removed(const std::optional<Identity>& image) const {
  return owner_ == 0 || owner_ == system::effective_user() || (image && image->owner == owner_);
}

// Who may write the journal may have made it up: they must be able to write its files too.
void JournalTrust::check_writers(const JournalContent& content) const {
  const bool by_group = (mode_ & group_may_write) != 0, by_others = (mode_ & others_may_write) != 0;
  for (const auto& target : content.targets()) {
    const uint32_t file = target.facts.mode;
    const bool group_of_both = (file & group_may_write) != 0 && target.facts.group == group_;
    const bool all = (file & group_may_write) != 0 && (file & others_may_write) != 0;
    if (by_others && (file & others_may_write) == 0) refuse_writers(target.path);
    if (by_group && !group_of_both && !all) refuse_writers(target.path);
  }
  if (!content.names().empty() && (by_group || by_others))
    refuse_writers(content.names().front().given.final_path);
}

void JournalTrust::refuse_writers(const std::string& path) const {
  throw JournalRefused(
      SWR_ERROR_IO,
      text(journal_.path(), ": this undo journal can be changed by users who cannot change ", path,
           ": it was not rolled back, and the image may be half changed. Remove the journal if you "
           "do not trust them; otherwise take their permission to write it away (chmod go-w), and "
           "open the image again"));
}

void JournalTrust::check_owners(const JournalContent& content) const {
  for (const auto& target : content.targets()) check_owner(target.facts.owner, target.path);
  for (const auto& [name, folder] : content.names()) {
    for (const auto& [path, recorded] :
         {std::pair(name.final_path, name.staged_id), std::pair(name.final_path, name.old_id),
          std::pair(name.staging, name.staged_id), std::pair(name.old, name.old_id)}) {
      if (path.empty()) continue;
      system::Facts facts;
      const auto known = folder->facts(path, facts);
      if (system::means_absent(known.reason)) continue;
      if (!known) {
        SystemFailure(known.reason).fail(path, "look at it for the undo journal ", journal_.path());
      }
      if (recorded.is_of(identity_of(facts), content.same_boot())) check_owner(facts.owner, path);
    }
  }
}

void JournalTrust::check_owner(uint32_t owner, const std::string& path) const {
  if (owner_ == 0 || owner_ == system::effective_user() || owner_ == owner) return;
  throw JournalRefused(
      SWR_ERROR_IO,
      text(journal_.path(), ": this undo journal belongs to user ", owner_, ", and ", path,
           " to user ", owner,
           ": it was not rolled back, and the image may be half changed. Let user ", owner_,
           " or the superuser open the image, or remove the journal if you do not trust it"));
}

void JournalTrust::check_machine(const Author& author) const {
  if (Author::self().same_machine(author)) return;
  throw JournalRefused(
      SWR_ERROR_BUSY,
      text(journal_.path(), ": this undo journal was made by process ", author.process,
           " on the machine ", author.machine.substr(author.machine.find('@') + 1),
           ", which may still be writing: open the image there, or run 'swr recover "
           "--other-machine' if you know that the writer is dead"));
}

}  // namespace swr
