// A change of the files of one image: all of it happens, or nothing.
//
//   lock      keeps other writes away from the files, shared or exclusively (lock.h)
//   change    changes existing files where they are, under an undo journal (in_place.h)
//   create    makes new files, which get their names when all are complete (staged_set.h), or a
//             new folder with files (staged_tree.h)
//   publish   the change has happened
//   rollback  everything is as it was before; the destructor does this after no publish()
//
// A transaction either changes files or creates files: the two cannot become visible in one step.
//
// If the process dies before publish() is over, a journal beside the files says what was done. The
// next process that opens the image takes it from there: recovery (undo.h) is not a member of this
// class, as readers recover too, and they have no transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/folder_change.h"
#include "storage/in_place.h"
#include "storage/lock.h"
#include "storage/open_files.h"
#include "storage/staged_set.h"
#include "storage/staged_tree.h"

namespace swr {

class Transaction {
 public:
  using Mode = FileLocks::Mode;
  using Creation = StagedSet::Creation;

  struct Options {
    bool rollback = true;  // false: changes in place stay after a failure
    bool sync = false;     // what is published is on the disk
    bool erase = false;    // no old bytes stay in a journal
    bool waits = false;    // for locks of other writes; otherwise they are SWR_ERROR_BUSY
    std::function<bool()> is_cancelled{};  // ends such a wait with SWR_CANCELLED
    Unfinished* unfinished = nullptr;      // told of a rollback that fails; must outlive this
  };

  explicit Transaction(const Options& options);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() { rollback(); }

  // The existing files, each opened once. A journal records their identities.
  const std::shared_ptr<OpenFiles>& files() const { return files_; }

  // As FileLocks::take().
  void lock(const FileLocks::Needs& needs) { locks_.take(needs); }
  void unlock() noexcept { locks_.release(); }
  void forget_unlocked() { locks_.forget_unlocked(); }

  // For changes of existing files. The journal will be beside `path`, the file that the user names.
  // Requires: `path` is the same at every call.
  FileChanges& change(const std::string& path);
  File& create(const std::string& final_path, const Creation& how);
  // A new folder, instead of files.
  StagedTree& create_folder(const std::string& final_path, StagedTree::Options how);
  // New files in an existing folder, instead of files.
  FolderChange& change_folder(FolderPlaces places);
  // Removes an old file when the new ones get their names.
  void retire(const std::string& path);
  // The files that create() made, in the order of the calls, complete and without names. Requires:
  // publish() has thrown Overtaken. Afterwards only the destructor may be called.
  std::vector<File> take_created() { return staged().take_created(); }
  // The same of the folder that create_folder() made: it is there until the object is destroyed.
  std::unique_ptr<StagedTree> take_created_folder() { return std::move(folder_); }
  // Changes a file that create() made. It has no name yet, so that a failure needs no rollback.
  // Returns the number of bytes that were written.
  static int64_t revise(File& created,
                        const std::function<void(FileChanges& change, int file)>& act);

  // After a failure the destructor rolls back.
  void publish();
  // Keeps the locks, and may be followed by another change.
  void rollback() noexcept;
  int64_t bytes_written() const;  // an undo journal's included

 private:
  StagedSet& staged();

  const Options options_;
  const std::shared_ptr<OpenFiles> files_ = std::make_shared<OpenFiles>(File::Mode::change);
  FileLocks locks_;
  std::optional<StagedSet> staged_;
  std::unique_ptr<StagedTree> folder_;
  std::optional<FolderChange> changed_folder_;
  std::optional<InPlace> in_place_;
};

}  // namespace swr
