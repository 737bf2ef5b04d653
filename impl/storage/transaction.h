// A change of the files of one image: all of it happens, or nothing.
//
//   lock      keeps other writes away from the files, shared or exclusively (lock.h)
//   change    existing files where they are, under an undo journal (in_place.h)
//   create    new files, which get their names when all are complete (staged_set.h)
//   publish   the change has happened
//   rollback  all is as it was before; so it is when the transaction goes without publish()
//
// It either changes files or creates some: the two cannot become visible in one step.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "storage/in_place.h"
#include "storage/lock.h"
#include "storage/open_files.h"
#include "storage/staged_set.h"

namespace swr {

class Transaction {
 public:
  using Mode = FileLocks::Mode;
  using Creation = StagedSet::Creation;

  struct Options {
    bool rollback = true;  // false: what was changed in place stays after a failure
    bool sync = false;     // what is published is on the disk
    bool erase = false;    // no old bytes stay in a journal
    bool waits = false;    // for locks that other writes hold; otherwise that is SWR_ERROR_BUSY
    Unfinished* unfinished = nullptr;  // told of a rollback that fails; must outlive this
  };

  explicit Transaction(const Options& options);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() { rollback(); }

  // The files that are there, each opened once.
  const std::shared_ptr<OpenFiles>& files() const { return files_; }

  // As FileLocks::take() and try_to_take().
  void lock(const std::string& path, Mode mode) { locks_.take(path, mode); }
  bool try_to_lock(const std::string& path, Mode mode) { return locks_.try_to_take(path, mode); }
  void unlock() noexcept { locks_.release(); }

  // For changes and resizes of existing files. The journal will be beside `path`, the file that the
  // user names, which is the same at every call.
  InPlace& change(const std::string& path);
  File& create(const std::string& final_path, const Creation& how);
  // An old file that goes when the new ones get their names.
  void retire(const std::string& path);
  // Changes a file that create() made, and has no name yet; what fails needs no way back. Returns how
  // many bytes that wrote.
  static int64_t revise(File& created, const std::function<void(InPlace& change, int file)>& act);

  // After a failure the destructor rolls back.
  void publish();
  // Keeps the locks.
  void rollback() noexcept;
  int64_t bytes_written() const;  // an undo journal's included

 private:
  StagedSet& staged();

  const Options options_;
  const std::shared_ptr<OpenFiles> files_ = std::make_shared<OpenFiles>(File::Mode::change);
  FileLocks locks_;
  std::optional<StagedSet> staged_;
  std::optional<InPlace> in_place_;
};

}  // namespace swr
