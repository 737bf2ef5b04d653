// Gives a new journal its names: the first one, and further names beside other files that it refers
// to.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "storage/attributes.h"
#include "storage/file.h"
#include "storage/identity.h"

namespace swr {

class JournalNaming {
 public:
  enum class Others { allowed, excluded };

  // Others::excluded: only one such journal of a file can exist at a time.
  explicit JournalNaming(Others others) : others_(others) {}

  // The journal to be named.
  struct Journal {
    const File& file;
    // Its temporary name; empty if it has no name yet.
    const std::string& staging;
    const std::optional<Attributes>& access;  // that of the files it refers to
  };
  // Gives the journal a name among those of `path`. The first name is required; further ones are
  // optional, because not every file system supports them. SWR_ERROR_BUSY if others are excluded
  // and there is one.
  void give(const Journal& journal, const std::string& path);

  bool is_empty() const { return names_.empty(); }
  bool has_room_for(size_t more) const { return names_.size() + more < most_names; }
  const std::string& own() const { return names_.front().path; }
  void sync_folders() const;
  void remove_from(const Identity& journal) const noexcept;
  void remove_empty_folders() const noexcept;

 private:
  static constexpr size_t most_names = 16;

  struct Name {
    std::string path;
    std::string folder;  // the folder of further journals, if the name is in it; otherwise empty
  };
  enum class Outcome { taken, in_use, gone };  // gone: another process removed the folder

  Outcome take(const Journal& journal, const Name& name, const std::string& path);
  bool make_folder(const Journal& journal, const std::string& folder,
                   const std::string& path) const;

  Others others_;
  std::vector<Name> names_;
};

}  // namespace swr
