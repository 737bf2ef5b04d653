// New files of an existing folder, which take the places of old ones together, or none does: an
// image that is a folder and changes.
//
// The files are made in a staging_folder.h beside the header, which is the file that users open
// first. At the commit a journal beside the header records their places, and each is renamed to
// its place (name_giving.h): a reader finds each file old or new, never in part. Existing files can
// get longer too: the journal has their old sizes, and what follows is cut off if the change does
// not complete. The header comes last if it changes; then it has to be locked exclusively.
// Otherwise a shared lock suffices: other processes may change other files of the folder meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "storage/lock.h"
#include "storage/names.h"
#include "storage/staging_folder.h"

namespace swr {

class FolderChange {
 public:
  struct Options {
    bool sync = false;           // files and folders are flushed
    FileLocks* locks = nullptr;  // in which the header is locked; must outlive this
    // The whole image, if the folder is a part of it: what dead writers left beside it is removed.
    std::string image{};
  };

  // `header`: a path in the folder. Removes what was not committed, when it is destroyed.
  FolderChange(const std::string& folder, const std::string& header, const Options& options);
  FolderChange(const FolderChange&) = delete;
  FolderChange& operator=(const FolderChange&) = delete;

  // Where new files are put, by their names in the folder.
  StagingFolder& files() { return staging_; }
  // At the commit, `write` writes from the end of `file` on, which is the file of this name in the
  // folder. SWR_ERROR_BUSY then if another program has changed it. Requires: the caller has its
  // turn, or no other process writes.
  void lengthen(const std::string& name, const File& file, std::function<void(File& file)> write);
  // Waits until no other change of the folder, in any process, has taken its turn, rolls back what
  // dead ones left, and excludes others until this one is destroyed: for old files that are read,
  // and replaced by what depends on them. SWR_CANCELLED.
  void take_turn();
  // If a step fails, everything is as it was. SWR_ERROR_BUSY if another process changes the image,
  // SWR_ERROR_EXISTS if one has made a file in a place that was free.
  void commit();

  int64_t bytes_written() const {
    return journal_bytes_ + appended_bytes_ + staging_.bytes_written();
  }

 private:
  void add_places(const std::string& within, std::vector<GivenName>& places);
  GivenName place_of(const std::string& name) const;
  GivenName new_folder(const std::string& name);
  std::string header_path() const;

  const std::string folder_, header_;  // the header's name in the folder
  const Options options_;
  StagingFolder staging_;
  std::optional<FileLocks::Turn> turn_;
  std::vector<GivenName> longer_;
  bool header_changes_ = false;
  int new_folders_ = 0;
  int64_t journal_bytes_ = 0, appended_bytes_ = 0;
};

}  // namespace swr
