// The steps of giving a new file its name, and of undoing that.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/held_folder.h"
#include "storage/identity.h"
#include "storage/platform.h"

namespace swr {

// A file or folder that gets the name `final_path`, or that loses it. The names that exist show
// which step was reached, so that a recovering process can undo it too.
struct GivenName {
  std::string final_path;
  // The new file's name before that; empty if it gets its final name directly, or if no new file
  // replaces the old one.
  std::string staging{};
  // The name under which the old file is kept until all files of the set have their names; empty if
  // it is not kept.
  std::string old{};
  bool replaces = false;           // a file with the final name exists
  bool must_be_new = false;        // a file with the final name must not be replaced
  const File* new_file = nullptr;  // open, while it gets its name
  bool is_temporary = false;       // the new file was created with its staging name
  // Where the new file or folder was made, if that is a folder of temporary names
  // (folder_change.h): then `new_file` is the header. Other processes look for a journal beside the
  // header alone.
  std::string made_at{};
  bool is_folder = false;  // not a file
  // Closes what this process has open in the old folder, for systems that rename no folder in which
  // a file is open; may be null.
  const std::function<void()>* let_go = nullptr;
  // A folder that a new file of the set needs, made at `made_at`. It gets its final name directly,
  // unless another process has made such a folder, and is removed again only if it is empty.
  bool is_new_folder = false;
  // An existing file that keeps its name and gets longer: `lengthen` writes from `old_size` on, and
  // what it has written is cut off again. `staged_id` is the file's.
  bool is_longer = false;
  int64_t old_size = 0;
  std::function<void(File& file)> lengthen{};
  bool is_staged = false;  // the new file has its staging name now
  Identity staged_id{};    // of the new file
  Identity old_id{};       // of the old file

  bool retires() const { return replaces && staging.empty(); }
};

// An unused name in the folder of `path`: ".<name>.swr-<random>", shortened to the limit of the
// file system.
std::string staging_name(const std::string& path);
bool is_staging_name(const std::string& name);
bool is_staging_name(const std::string& name, const std::string& path);  // of `path`
// A staging name for a new file on a file system without unnamed files. It identifies the machine,
// because only there can others find out whether the writer is dead (sweep.h).
std::string temporary_name(const std::string& path);
// The name of the file that keeps the pieces of an interrupted write of `path`: a staging name that
// is always the same.
std::string resume_name(const std::string& path);
// Whether temporary_name() can return this name on this machine for `path`, or for another file of
// the same image, whose name has another suffix.
bool is_temporary_name(const std::string& name, const std::string& path);
// A folder that is made under a staging name (staged_tree.h) has a file beside it with a temporary
// name, which its writer holds: these are the names of the file and of the folder.
std::string temporary_name_beside_tree(const std::string& path);
std::string tree_beside(const std::string& temporary_name);
// The inverse, of names without a folder; empty if it is not the name of such a folder.
std::string name_beside_tree(const std::string& tree);
// The longest prefix of a name with at most `most` bytes that does not split a UTF-8 character:
// some file systems refuse partial characters.
std::string shortened(std::string name, size_t most);
// Ten random letters.
std::string random_letters();

// Whether the reason says that a file cannot have a further name (a hard link) here.
bool links_are_missing(std::errc reason);

// Keeps the file that will be replaced under a second name. On a file system without hard links it
// loses its first name.
void keep_old(const GivenName& name);
// Gives the new file its staging name, if it needs one and has none.
void give_staging(GivenName& name);
// Gives the new file its final name. False if the name was free, but another file has it now.
bool give_final(const GivenName& name);
// The same for a new folder. Another process's serves as well.
void give_new_folder(const GivenName& name);
// Makes a file longer. SWR_ERROR_BUSY if another program has changed or replaced it. `sync`: what
// is written is flushed.
void lengthen(const GivenName& name, bool sync);
// Removes the final name of the old file, which keeps its second name. Does nothing if another file
// has the final name.
void retire(const GivenName& name);
// Undoes keep_old() and the later steps, and removes the staged file; returns why the system
// refused, if it did. May be repeated after it was interrupted. Touches only the new and the old
// file, by their identities: other files keep their names. `folder` contains all the names.
// `same_boot`: the identities were taken since the last system start.
system::Result roll_back_name(const HeldFolder& folder, const GivenName& name,
                              bool same_boot) noexcept;
system::Result roll_back_name(
    const GivenName& name) noexcept;  // for the process that gave the name
// Removes the old file; returns why the system refused, if it did.
system::Result drop_old(const HeldFolder& folder, const GivenName& name, bool same_boot) noexcept;
system::Result drop_old(const GivenName& name) noexcept;

}  // namespace swr
