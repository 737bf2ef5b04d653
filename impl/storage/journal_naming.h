// Gives a new journal its names: its own, and further ones next to the data files that it is about.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "storage/attributes.h"
#include "storage/file.h"

namespace swr {

class JournalNaming {
 public:
  enum class Others { allowed, excluded };

  // With others excluded only one such journal of a file can be there at a time.
  explicit JournalNaming(Others others) : others_(others) {}

  // What a name is given to.
  struct Journal {
    const File& file;
    // What the file is called until it has a name of its own; empty if it has no name.
    const std::string& staging;
    const std::optional<Attributes>& access;  // that of the files that it is about
  };
  // Gives it a name among the journals of `path`. The first is its own; further ones are a help,
  // which not every file system can give. SWR_ERROR_BUSY if others are excluded, and there is one.
  void give(const Journal& journal, const std::string& path);

  bool is_empty() const { return names_.empty(); }
  bool has_room_for(size_t more) const { return names_.size() + more < most_names; }
  const std::string& own() const { return names_.front().path; }
  void sync_folders() const;
  void remove_from(const File& journal) const noexcept;
  void remove_empty_folders() const noexcept;

 private:
  static constexpr size_t most_names = 16;

  struct Name {
    std::string path;
    std::string folder;  // of further journals, if it is in one; else empty
  };
  enum class Outcome { taken, in_use, gone };  // gone: with the folder, by another process

  Outcome take(const Journal& journal, const Name& name, const std::string& path);
  bool make_folder(const Journal& journal, const std::string& folder,
                   const std::string& path) const;

  Others others_;
  std::vector<Name> names_;
};

}  // namespace swr
