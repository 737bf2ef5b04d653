// The content of a dead writer's journal, and the files that it refers to. Anyone may have written
// the journal: all of it is read and checked before any of it is carried out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/few_open.h"
#include "storage/file.h"
#include "storage/held_folder.h"
#include "storage/journal_reader.h"
#include "storage/name_entry.h"
#include "storage/names.h"
#include "storage/recovery_scope.h"

namespace swr {

class JournalContent {
 public:
  // A file that has old bytes in the journal.
  struct Target {
    enum class State { absent, another, there };  // another: another file has the name now

    std::string name;  // as recorded in the journal
    std::string path;  // absolute; empty if its folder does not exist
    State state = State::absent;
    std::unique_ptr<File> file;  // null unless the file is there and in the scope
    Identity recorded, opened;
    system::Facts facts;
    int64_t old_size = 0;
    bool resized = false;
    int64_t size = 0;       // current size, before anything is written back
    int64_t past_size = 0;  // number of old bytes beyond `size`
  };
  // A name that the writer was giving or removing, and its folder, which is held open.
  struct Name {
    GivenName given;
    const HeldFolder* folder;
  };

  // Reads the journal, which was found in `folder`. `mode` is how the files are opened. Throws
  // JournalRefused. The reference arguments must outlive the object.
  JournalContent(const File& journal, JournalReader& reader, const RecoveryScope& scope,
                 const std::filesystem::path& folder, File::Mode mode);

  const JournalBegin& begin() const { return *begin_; }
  bool same_boot() const { return same_boot_; }  // the writer ran since the last system start
  bool is_complete() const { return is_complete_; }
  // The image that the writer changed.
  std::filesystem::path image() const;
  const std::vector<Target>& targets() const { return targets_; }
  const std::vector<Name>& names() const { return names_; }
  // The open file. Only a few files are open at a time.
  File& file(const Target& target);
  // Holds the folder of this path no longer: some systems remove the name of a folder that is open
  // only when it is closed. Names in it can be neither given nor removed afterwards.
  void let_go(const std::string& folder);

 private:
  template <typename... Parts>
  [[noreturn]] void contradict(const Parts&... parts) const;
  void read(const JournalEntry& entry);
  void read_begin(const JournalEntry& entry);
  std::filesystem::path base_of(const JournalBegin& begin) const;
  std::filesystem::path place_of(std::string_view name) const;
  void add_target(const JournalEntry& entry);
  void open(Target& target) const;
  Target& target_of(const JournalEntry& entry);
  void add_bytes(const JournalEntry& entry);
  void check_size(const Target& target) const;
  void add_name(const JournalEntry& entry);
  const HeldFolder& hold(const std::filesystem::path& folder);

  const File& journal_;
  const RecoveryScope& scope_;
  const std::filesystem::path& folder_;
  const File::Mode mode_;
  FewOpen few_;
  std::optional<JournalBegin> begin_;
  std::filesystem::path base_;  // to which relative names refer
  bool same_boot_ = false;
  bool is_complete_ = false;
  std::vector<Target> targets_;
  std::vector<Name> names_;
  std::map<std::filesystem::path, HeldFolder> held_;
  std::set<std::filesystem::path> new_folders_;  // that the write makes
};

// Throws JournalRefused if the file is not in the scope.
void require_in_scope(const File& journal, const RecoveryScope& scope,
                      const std::filesystem::path& file);

}  // namespace swr
