// New files that get their names together at the end, or not at all.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "storage/file.h"
#include "storage/lock.h"

namespace swr {

// SWR_ERROR_EXISTS: another process made a file that had to be new. Nothing was changed.
class Overtaken : public Error {
 public:
  explicit Overtaken(const std::string& message) : Error(SWR_ERROR_EXISTS, message) {}
};

class StagedSet {
 public:
  struct Options {
    bool sync = false;  // files and folder are flushed before and after the names are given
    // Old files that are replaced or removed are locked exclusively in these, at the commit at the
    // latest. They must outlive the set.
    FileLocks* locks = nullptr;
  };
  struct Creation {
    // Overtaken if a file has the final name: when the file is created, and again at the commit,
    // which then changes nothing.
    bool must_be_new = false;
    // The file whose owner, access rights and extended attributes the new one gets (attributes.h);
    // the one that it replaces unless set.
    std::string attributes_from{};
  };

  explicit StagedSet(const Options& options);
  StagedSet(const StagedSet&) = delete;
  StagedSet& operator=(const StagedSet&) = delete;
  ~StagedSet();  // removes what was not committed

  // A new empty file in the folder of `final_path`, without a name until commit(), so that nothing
  // remains of it if the process dies. Where the file system has no such files, it has a temporary
  // name (".<name>.swr-<random>"), which the next writer of the file, or sweep(), then removes. A
  // final path that is a symbolic link stands for the file that it points to; SWR_ERROR_UNSUPPORTED
  // if that is not a regular file. Owned by the set.
  File& create(const std::string& final_path, const Creation& how);
  File& create(const std::string& final_path) { return create(final_path, {}); }
  // Removes an old file when the commit gives the new files their names: a data file of the image
  // that is replaced. It stays if the commit fails. Nothing happens if there is no such file, or if
  // create() replaces it.
  void retire(const std::string& path);
  // Renames every staged file to its final name, in the order of create(), and removes what
  // retire() named. If a step fails, the steps before it are undone: old files are where they were.
  // Closes all files. If the process dies between two steps, recovery (undo.h) finds a journal
  // beside the last file created (which should be the one that users name, the header) and undoes
  // them. SWR_ERROR_BUSY if another process is changing one of the old files in place.
  void commit();

  // The complete new files, in the order of create(). Requires: commit() has thrown Overtaken.
  std::vector<File> take_created();

  // To the new files and, by commit(), to a journal.
  int64_t bytes_written() const;

 private:
  enum class Kind { created, retired };
  struct Entry;
  Entry& add(Kind kind);
  bool has(const std::string& target) const;
  static void open_new(Entry& entry, const std::string& beside, uint32_t mode);
  static void remove_temporary(const Entry& entry) noexcept;
  void complete(Entry& entry) const;

  Options options_;
  std::vector<std::unique_ptr<Entry>> entries_;
  const uint32_t process_;
  bool committed_ = false;
  int64_t bytes_written_ = 0;  // once all is closed, including a journal's
};

}  // namespace swr
