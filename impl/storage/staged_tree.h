// A new folder with files in it that gets its name when all is complete, or not at all: an image
// whose pixels are in many files. Until then it is a staging_folder.h.
//
// If the name is free, the commit is one rename. If an old folder has it, both exchange their names
// in one step, and the old one is removed. Where the system cannot do that, the old one is set
// aside first, under a journal (name_giving.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "storage/staging_folder.h"

namespace swr {

class StagedTree {
 public:
  struct Options {
    // Files and folders are flushed before the folder gets its name, and the name afterwards.
    bool sync = false;
    // Overtaken (staged_set.h) if something has the name: at once, and at the commit.
    bool must_be_new = false;
    // Throws if the folder that has the name now may not be replaced. Asked at the commit, too:
    // another process may have made it meanwhile.
    std::function<void()> check_old{};
    // Closes what this process has open in the old folder. Windows renames no folder in which a
    // file is open; so nobody else is changing one of them then. The locks may end with that.
    std::function<void()> let_go{};
    // The file of the old folder whose owner and access rights the new files get; empty: none.
    std::string attributes_from{};
  };

  // Removes what was not committed, when it is destroyed.
  // `final_path`: a symbolic link stands for what it points to. The folder that is replaced gives
  // its own owner and access rights to the new one.
  StagedTree(const std::string& final_path, Options options);
  StagedTree(const StagedTree&) = delete;
  StagedTree& operator=(const StagedTree&) = delete;

  // Where its files are put.
  StagingFolder& files() { return *staging_; }
  // Gives the folder its name. If a step fails, everything is as it was.
  void commit();

  int64_t bytes_written() const {
    return journal_bytes_ + (staging_ ? staging_->bytes_written() : 0);
  }

 private:
  void refuse_old() const;
  bool give_free_name();
  bool replace_old();
  void set_old_aside();

  const std::string path_;
  const Options options_;
  std::optional<StagingFolder> staging_;
  int64_t journal_bytes_ = 0;
  bool committed_ = false;
};

}  // namespace swr
