// A change of existing files that is completed, or rolled back.
//
// Before bytes are overwritten, cut off or appended, the old bytes and the old size go to an undo
// journal beside the file that the user named. The journal is removed when the change is complete.
// If a writer dies, the next process that opens the image finds the journal and writes the old
// bytes back first (undo.h). Several writers may change disjoint ranges of one file at the same
// time, each with a journal of its own; none saves or restores bytes between its ranges. StagedSet
// rolls journals back before it replaces a file; other programs that replace a file should remove
// ".<name>.swr-undo" and ".<name>.swr-undos" too.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "storage/file_changes.h"

namespace swr {

// Tells of a change that could not be rolled back.
struct Unfinished {
  bool is_half_changed = false;
  std::string words{};  // for the user: that it is so, where the journal is, what to do
};

class InPlace final : public FileChanges {
 public:
  struct Options {
    bool rollback = true;  // false: no journal; a failure leaves what was written
    // Old bytes are on the disk before new ones are written, and new ones before the journal goes.
    bool sync = false;
    // The journal's bytes are overwritten before it goes, as far as the disk permits that.
    bool erase = false;
    Unfinished* unfinished = nullptr;  // told of a rollback that fails; must outlive the change
    // Where files are open already; it must outlive the change. Without it each is opened here.
    OpenFiles* files = nullptr;
  };

  // `path` is the file that the user names (the header); the journal is beside it.
  InPlace(const std::string& path, const Options& options);
  InPlace(const InPlace&) = delete;
  InPlace& operator=(const InPlace&) = delete;
  ~InPlace() override;  // rolls back what was not committed

  int add(const std::string& path) override;
  // A file that is open, and may have no name. Requires: no rollback, as a journal names its files.
  int add(const File& open_file);
  File& file(int number) override;
  OpenFiles* files() const override;
  using FileChanges::write;
  void write(std::span<const Change> changes) override;
  void write_whole(const Change& whole, std::span<const Change> changes,
                   std::span<const std::span<const std::byte>> old) override;
  void resize(int file, int64_t size) override;
  // Writes everything out (sync), closes the files, removes the journal. After a failure the
  // destructor rolls back.
  void commit();
  // Writes the old bytes back. Bytes that cannot be written back stay in the journal, for recovery.
  void roll_back() noexcept;

  int64_t bytes_written() const;  // including the undo journal

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace swr
