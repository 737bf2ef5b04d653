// New files of an existing folder, which take the places of old ones together, or none does: an
// image that is a folder and changes.
//
// The files are made in a staging_folder.h beside the header, or beside another file if the header
// is further down in the folder. At the commit a journal there records their places, and each is
// renamed to its place (name_giving.h): a reader finds each file old or new, never in part.
// Existing files can get longer too: the journal has their old sizes, and what follows is cut off
// if the change does not complete. The header comes last if it changes; then it has to be locked
// exclusively. Otherwise a shared lock suffices: other processes may change other files of the
// folder meanwhile.
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

// Where a change of a folder takes place.
struct FolderPlaces {
  std::string folder;
  // A file in the folder, or further down in it: the last one to be replaced.
  std::string header;
  // A file in the folder beside which the journal is made; empty: the header, which is in it.
  std::string journal{};
  // Further headers, which come before that one: their paths.
  std::vector<std::string> further_headers{};
  // A file beside which changes of more than this folder have their journals; may be empty.
  std::string outer_journal{};
  // The whole image, if the folder is a part of it: what dead writers left beside it is removed.
  std::string image{};
};

class FolderChange {
 public:
  struct Options {
    bool sync = false;           // files and folders are flushed
    FileLocks* locks = nullptr;  // in which the header is locked; must outlive this
  };

  // Removes what was not committed, when it is destroyed.
  FolderChange(FolderPlaces places, const Options& options);
  FolderChange(const FolderChange&) = delete;
  FolderChange& operator=(const FolderChange&) = delete;

  // Where new files are put, by their names in the folder.
  StagingFolder& files() { return staging_; }
  // At the commit, `write` writes from the end of `file` on, which is the file of this name in the
  // folder. SWR_ERROR_BUSY then if another program has changed it. Requires: the caller has its
  // turn, or no other process writes.
  void lengthen(const std::string& name, const File& file, std::function<void(File& file)> write);
  // Waits until no other change with this header, in any process, has taken its turn, rolls back
  // what dead ones left, and excludes others until this one is destroyed: for old files that are
  // read, and replaced by what depends on them. SWR_CANCELLED.
  void take_turn();
  // If a step fails, everything is as it was. SWR_ERROR_BUSY if another process changes the image,
  // SWR_ERROR_EXISTS if one has made a file in a place that was free.
  void commit();

  int64_t bytes_written() const {
    return journal_bytes_ + appended_bytes_ + staging_.bytes_written();
  }

 private:
  void add_places(const std::string& within, std::vector<GivenName>& places);
  void keep_attributes(const std::string& name) const;
  std::vector<std::string> headers_that_change() const;
  GivenName place_of(const std::string& name) const;
  GivenName new_folder(const std::string& name);

  const FolderPlaces places_;
  const std::vector<std::string> headers_;  // their names in the folder, in their order
  const Options options_;
  StagingFolder staging_;
  std::optional<FileLocks::Turn> turn_;
  std::vector<GivenName> longer_;
  int new_folders_ = 0;
  int64_t journal_bytes_ = 0, appended_bytes_ = 0;
};

}  // namespace swr
