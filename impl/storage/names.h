// The names that a file has on its way from staged to final, and the way back.
#pragma once

#include <string>
#include <vector>

#include "storage/identity.h"

namespace swr {

// A file with the name `staging` is to get the name `final_path`. The file that has it now, if any,
// is kept under the name `old` until all files of the set have their names. Which step was reached
// can be read off the names that are there, so that a recovering process finds its way back too.
struct GivenName {
  std::string final_path;
  std::string staging;
  std::string old{};      // empty if no old file is kept
  bool replaces = false;  // there is a file of the final name already
  Identity staged_id{};   // of the new file
  Identity old_id{};      // of the one that has the final name now
};

// A name that nothing has in the folder of `path`: ".<name>.swr-<random>", shortened where the file
// system's limit asks for it.
std::string staging_name(const std::string& path);
bool is_staging_name(const std::string& name);
// The first bytes of a name, `most` of them at most, and whole UTF-8 characters: some file systems
// refuse others.
std::string shortened(std::string name, size_t most);
// Ten random letters.
std::string random_letters();

// Keeps the file that will be replaced under a second name. Where a file cannot have two, it loses
// its first one if `may_move`; otherwise nothing is kept, and `old` is emptied.
void keep_old(GivenName& name, bool may_move);
// Renames staging to final; SWR_ERROR_EXISTS if the name was free and is not any more.
void give_name(const GivenName& name);
// Puts everything back as it was before keep_old() and removes the staged file; false if the system
// did not let it. May be called again after it died. Only the new and the old file are touched, by
// their identities: what else has one of the names keeps it. `same_boot`: they were taken since the
// system started.
bool take_back(const GivenName& name, bool same_boot = true) noexcept;
// Removes the old file; false if the system did not let it.
bool drop_old(const GivenName& name, bool same_boot = true) noexcept;

}  // namespace swr
