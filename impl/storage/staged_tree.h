// A new folder with files in it that gets its name when all is complete, or not at all: an image
// whose pixels are in many files.
//
//   .x.zarr.swr-_bcdefghij    the folder, under its staging name
//   .x.zarr.swr-xbcdefghij    an empty file that its writer holds (lock.h), for sweep()
//
// If the name is free, the commit is one rename. If an old folder has it, both exchange their names
// in one step, and the old one is removed. Where the system cannot do that, the old one is set
// aside first, under a journal (name_giving.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "storage/attributes.h"
#include "storage/file.h"

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
    // The file of the old folder whose owner and access rights the new files get; empty: none.
    std::string attributes_from{};
  };

  // `final_path`: a symbolic link stands for what it points to. The folder that is replaced gives
  // its own owner and access rights to the new one.
  StagedTree(const std::string& final_path, Options options);
  StagedTree(const StagedTree&) = delete;
  StagedTree& operator=(const StagedTree&) = delete;
  ~StagedTree();  // removes what was not committed

  // Writes a whole file, and replaces one that put() wrote before. `name` is its path in the
  // folder; folders on the way are made.
  void put(const std::string& name, std::span<const std::byte> bytes);
  // A file that put() wrote, for reading.
  File open(const std::string& name) const;
  // Gives the folder its name. If a step fails, everything is as it was.
  void commit();

  int64_t bytes_written() const { return bytes_written_; }

 private:
  void make();
  void make_folder(const std::string& folder);
  std::string place_of(const std::string& name) const;
  void complete();
  void refuse_old() const;
  bool give_free_name();
  bool replace_old();
  void set_old_aside();
  void remove() noexcept;

  const std::string path_;
  const Options options_;
  const uint32_t process_;
  std::optional<Attributes> folder_attributes_, file_attributes_;
  File holder_;              // the file beside the folder, whose lock says that the writer lives
  std::string holder_name_;  // empty: nothing was made, or all is removed
  std::string staging_;
  std::set<std::string> folders_;  // in the folder
  int64_t bytes_written_ = 0;
  bool committed_ = false;
};

}  // namespace swr
