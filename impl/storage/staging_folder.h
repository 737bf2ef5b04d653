// A folder that is made under a temporary name, with files in it: whole images that are folders
// (staged_tree.h), or the new files of one (folder_change.h).
//
//   .x.zarr.swr-_bcdefghij    the folder
//   .x.zarr.swr-xbcdefghij    an empty file that its writer holds (lock.h), for sweep()
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "base/mutex.h"
#include "storage/attributes.h"
#include "storage/file.h"

namespace swr {

class StagingFolder {
 public:
  struct Options {
    std::string beside;  // the path beside which it is made, and from which it has its name
    std::string shown;   // the folder whose files these will be, for messages
    bool sync = false;   // what is written is flushed
    // Of the folders and files in it; unset: those of new ones.
    std::optional<Attributes> folder_attributes{}, file_attributes{};
  };

  explicit StagingFolder(Options options);
  StagingFolder(const StagingFolder&) = delete;
  StagingFolder& operator=(const StagingFolder&) = delete;
  ~StagingFolder();  // removes what is there

  // Writes a whole file, and replaces one that put() wrote before. `name` is its path in the
  // folder; folders on the way are made. Many threads may write at once, each another file.
  void put(const std::string& name, std::span<const std::byte> bytes);
  // Writes a part of a file, which is made if it is not there. The file is complete with
  // write_end(), its last part.
  void write(const std::string& name, int64_t offset, std::span<const std::byte> bytes);
  void write_end(const std::string& name, int64_t offset, std::span<const std::byte> bytes);
  // Makes an empty folder in this one, and returns where it is. Requires: its name is new.
  std::string make_empty_folder(const std::string& name);
  // A file that was written, for reading.
  File open(const std::string& name) const;
  // All that can be done before the files have their place. `folder_attributes`: newer ones.
  void complete(std::optional<Attributes> folder_attributes) SWR_EXCLUDES(mutex_);
  // Where the folder is.
  const std::string& path() const { return path_; }
  // Where a file or folder is that has this path in it.
  std::string place_of(const std::string& name) const;
  // Removes the folder, with all that is in it.
  void remove() noexcept;
  // The folder has another name now, and belongs to others.
  void forget() { path_.clear(); }

  int64_t bytes_written() const { return bytes_written_; }
  // SWR_ERROR_STATE in a child of fork(): everything belongs to the parent.
  void require_own_process() const;

 private:
  void make();
  File change(const std::string& name);
  void make_folders(const std::string& folder) SWR_EXCLUDES(mutex_);
  void make_folder(const std::string& folder) SWR_REQUIRES(mutex_);
  void give_folder_attributes(const std::string& folder) const;

  Options options_;
  const uint32_t process_;
  File holder_;              // the file beside the folder, whose lock says that the writer lives
  std::string holder_name_;  // empty: nothing was made, or all is removed
  std::string path_;
  Mutex mutex_;
  std::set<std::string> folders_ SWR_GUARDED_BY(mutex_);  // in the folder
  std::atomic<int64_t> bytes_written_{0};
};

}  // namespace swr
