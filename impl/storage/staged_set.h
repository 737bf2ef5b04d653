// New files that get their names all together, at the end, or not at all.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/file.h"
#include "storage/lock.h"

namespace swr {

class StagedSet {
 public:
  struct Options {
    bool sync = false;  // files and folder are flushed before and after the names are given
    // Old files that are replaced or removed are locked in these, exclusively, at the commit if not
    // before. They must outlive the set.
    FileLocks* locks = nullptr;
  };
  struct Creation {
    // SWR_ERROR_EXISTS if a file has the final name: when the file is created, and again at the
    // commit, which then changes nothing.
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
  // stays of it if the process dies; where the file system has no such files, under a temporary name
  // (".<name>.swr-<random>"), which the next one who creates the file, or sweep(), then removes. A
  // final path that is a symbolic link stands for the file that it points to; SWR_ERROR_UNSUPPORTED
  // if that is not a regular file. Owned by the set.
  File& create(const std::string& final_path, const Creation& how);
  File& create(const std::string& final_path) { return create(final_path, {}); }
  // An old file that goes when the commit gives the new files their names: a data file of the image
  // that is replaced. Until then it stays where it is, and it is back if the commit fails. Nothing
  // happens if there is no such file, or if create() replaces it.
  void retire(const std::string& path);
  // A file without a name in the same folder, for intermediate data; its space is free again when
  // it is closed. Owned by the set.
  File& scratch(const std::string& beside);
  // Renames every staged file to its final name, in the order of create(), and removes what
  // retire() named. If one step fails, those before it are taken back: old files are where they
  // were. Closes all files. If the process dies between two steps, recover() of in_place.h finds a
  // journal of the last file created (which should be the one that users name, the header) and
  // takes them back. SWR_ERROR_BUSY if another process is changing one of the old files in place.
  void commit();

  // To the new files and, by commit(), to a journal.
  int64_t bytes_written() const;

 private:
  enum class Kind { created, retired, scratch };
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
  int64_t bytes_written_ = 0;  // when all is closed, a journal's included
};

}  // namespace swr
