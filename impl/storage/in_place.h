// A change of existing files that is complete, or rolled back.
//
// Before bytes are overwritten, cut off or appended, the old bytes and the old size go to an undo
// journal beside the file that the user named. The journal goes away when the change is complete.
// Whoever finds a journal whose writer is dead writes the old bytes back first. Several writers may
// change disjoint ranges of one file at the same time, each with a journal of its own; none saves
// or restores what lies between its ranges. StagedSet rolls journals back before it replaces a
// file; who replaces one by other means removes ".<name>.swr-undo" and ".<name>.swr-undos" too.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "storage/open_files.h"

namespace swr {

// What becomes of a change that could not be rolled back.
struct Unfinished {
  bool is_half_changed = false;
  std::string words{};  // that say so, name the journal, and tell what to do
};

class InPlace {
 public:
  struct Options {
    bool rollback = true;  // false: no journal; a failure leaves what was written
    bool sync =
        false;  // old bytes are on the disk before new ones are written, new ones before the journal goes
    bool erase =
        false;  // the journal's bytes are overwritten before it goes, as far as the disk lets that be done
    Unfinished* unfinished = nullptr;  // told of a rollback that fails; must outlive the change
    // Where files are open already; it must outlive the change. Without it each is opened here.
    OpenFiles* files = nullptr;
  };
  struct Change {
    int file;  // number that add() gave
    int64_t offset;
    std::span<const std::byte> bytes;
  };

  // `path` is the file that the user names (the header); the journal lies beside it.
  InPlace(const std::string& path, const Options& options);
  InPlace(const InPlace&) = delete;
  InPlace& operator=(const InPlace&) = delete;
  ~InPlace();  // rolls back what was not committed

  // Opens an existing file for the change; the same path gives the same number. A data file in
  // another folder than `path` is possible.
  int add(const std::string& path);
  // A file that is open, and may have no name. Not with a rollback: a journal has to name its files.
  int add(const File& open_file);
  File& file(int number);
  OpenFiles* files() const;
  // Saves the old bytes of all changes, then makes them, in order. Ranges past the file's end make
  // it longer.
  void write(std::span<const Change> changes);
  void write(int file, int64_t offset, std::span<const std::byte> bytes);
  // As write, where the caller has read what lies around the changes too: old[i] are the bytes that
  // changes[i] overwrites, and `whole`, which holds all changes and what lies between them, is
  // written in one.
  void write_whole(const Change& whole, std::span<const Change> changes,
                   std::span<const std::span<const std::byte>> old);
  // Makes a file longer (zeros) or shorter.
  void resize(int file, int64_t size);
  // Writes everything out (sync), closes the files, removes the journal. After a failure the
  // destructor rolls back.
  void commit();
  // Writes the old bytes back. What cannot be written back stays in the journal, for recover().
  void roll_back() noexcept;

  int64_t bytes_written() const;  // the undo journal's included

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Rolls back every journal of `path` whose writer is dead; the number of them. Fails with
// SWR_ERROR_IO if the old bytes cannot be written back; the journal then stays. Records that are
// torn (checksum) end a journal: what they would have saved was never changed. A journal may name
// only files in the folder of `path`, or elsewhere if `outside_allowed`; otherwise
// SWR_ERROR_CORRUPT.
int recover(const std::string& path, bool outside_allowed);

// Whether there is a journal of `path`, dead or alive: three system calls, and a path that is a
// symbolic link stands for the file that it points to.
bool has_journal(const std::string& path);

// Whether a living writer has a journal of `path`: it is changing the image in place, or giving its
// new files their names.
bool is_being_changed(const std::string& path);

}  // namespace swr
