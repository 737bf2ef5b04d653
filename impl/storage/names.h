// The names that a file has on its way from staged to final, and the way back.
#pragma once

#include <string>
#include <vector>

#include "storage/held_folder.h"
#include "storage/identity.h"
#include "storage/platform.h"

namespace swr {

// A file that gets the name `final_path`, or that loses it. Which step was reached can be read off
// the names that are there, so that a recovering process finds its way back too.
struct GivenName {
  std::string final_path;
  // What the new file is called until then; empty if it gets its final name at once, or if the old
  // file goes and no new one replaces it.
  std::string staging{};
  // What the file that has the final name now is called until all files of the set have their
  // names; empty if it is not kept.
  std::string old{};
  bool replaces = false;           // there is a file of the final name already
  bool must_be_new = false;        // no file of the final name is replaced
  const File* new_file = nullptr;  // open, while it gets its name
  bool is_temporary = false;       // the new file has its staging name from the beginning
  bool is_staged = false;          // the new file has its staging name
  Identity staged_id{};            // of the new file
  Identity old_id{};               // of the one that has the final name now

  bool retires() const { return replaces && staging.empty(); }
};

// A name that nothing has in the folder of `path`: ".<name>.swr-<random>", shortened where the file
// system's limit asks for it.
std::string staging_name(const std::string& path);
bool is_staging_name(const std::string& name);
bool is_staging_name(const std::string& name, const std::string& path);  // of `path`
// One for a new file on a file system that has no files without a name. It tells its machine: only
// there can it be seen whether the writer is dead (sweep.h).
std::string temporary_name(const std::string& path);
// Whether the name is one that temporary_name() gives on this machine for `path`, or for another
// file of the same image: one whose name differs in the suffix.
bool is_temporary_name(const std::string& name, const std::string& path);
// The first bytes of a name, `most` of them at most, and whole UTF-8 characters: some file systems
// refuse others.
std::string shortened(std::string name, size_t most);
// Ten random letters.
std::string random_letters();

// Keeps the file that will be replaced under a second name. Where a file cannot have two, it loses
// its first one.
void keep_old(const GivenName& name);
// Gives the new file its staging name, if it is to have one and has none.
void give_staging(GivenName& name);
// Gives the new file its final name. False if the name was free, and another file has it now.
bool give_final(const GivenName& name);
// Takes the final name away from the old file, which keeps its second name. Nothing happens if the
// file that has the name is another one.
void retire(const GivenName& name);
// Puts everything back as it was before keep_old() and removes the staged file; or the reason why
// the system did not let it. May be called again after it died. Only the new and the old file are
// touched, by their identities: what else has one of the names keeps it. `folder` is the one in
// which all names are. `same_boot`: the identities were taken since the system started.
system::Result take_back(const HeldFolder& folder, const GivenName& name, bool same_boot) noexcept;
system::Result take_back(const GivenName& name) noexcept;  // what this process did
// Removes the old file; or the reason why the system did not let it.
system::Result drop_old(const HeldFolder& folder, const GivenName& name, bool same_boot) noexcept;
system::Result drop_old(const GivenName& name) noexcept;

}  // namespace swr
