// Writes a journal. While the writer lives it holds the journal's lock of life, which the kernel
// releases if the process dies. The journal gets its name only after its first blocks are written:
// a file with a journal's name is always a valid journal.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/attributes.h"
#include "storage/file.h"
#include "storage/identity.h"
#include "storage/journal_format.h"
#include "storage/journal_naming.h"

namespace swr {

class JournalWriter {
 public:
  using Others = JournalNaming::Others;

  // Creates a journal of `path`. It has no name until flush(). Others::excluded: only one such
  // journal can exist at a time.
  JournalWriter(const std::string& path, JournalFlags flags, Others others = Others::allowed);
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;
  ~JournalWriter();  // a journal that has its name remains

  // Users who may read `file` may read the journal, and the owner of the file can undo it, as far
  // as the system permits. With several files: users who may read all of them. `others_may_write`:
  // users who may write the file may write the journal. A journal that others can write is trusted
  // only for files that they can write too.
  void give_access(const File& file, bool others_may_write = true);
  // Another file to which the journal refers. Where the file system supports hard links, the
  // journal also gets a name beside this file, so that it is found there.
  void also_beside(const std::string& path);
  // Appends an entry to the current block. Old bytes too long for a block are split into several
  // entries.
  void add(const JournalEntry& entry);
  // Writes the current block; with the sync flag, to the disk. SWR_ERROR_BUSY if others are
  // excluded and there is one.
  void flush();
  // A position in the journal. cut() removes everything that was added after the mark.
  struct Mark {
    int64_t end, blocks, last_block_bytes;
  };
  Mark mark() const;
  void cut(const Mark& mark);
  // The change is complete, or undone: marks the journal as over and removes it. If this fails, the
  // journal is still valid, and the change can be undone. Fails like expect_name().
  void end();
  // The change was undone: removes the journal. It need not be marked as over first, since undoing
  // twice does no harm, and marking takes a write that can fail on a full disk.
  void end_undone() noexcept;
  // SWR_ERROR_IO if the journal's name is gone: where locks are not shared, another process may
  // have undone the change.
  void expect_name() const;
  // Removes the journal without marking it as over. Requires: nothing in it could still be undone.
  void remove() noexcept;

  // Requires: has_name().
  const std::string& path() const { return names_.own(); }
  bool has_name() const { return !names_.is_empty(); }
  int64_t bytes_written() const { return std::max(bytes_written_, file_.bytes_written()); }

 private:
  friend class JournalReader;

  void create();
  void remove_staging() noexcept;
  void give_names();
  void write_block();

  std::string beside_;
  JournalFlags flags_;
  std::vector<std::string> also_beside_;  // files beside which it will get a name
  JournalNaming names_;
  std::string staging_;  // temporary name, where the file system has no unnamed files
  File file_;
  // Taken before the file is renamed: wine does not find out the volume of an open file that
  // another handle renamed.
  Identity id_;
  uint32_t process_;
  uint32_t salt_ = 0;
  std::optional<Attributes> access_;  // access rights of its files
  int64_t end_ = 0;
  int64_t blocks_ = 0;
  int64_t bytes_written_ = 0;  // set when the journal is removed
  int64_t last_block_bytes_ = 0;
  size_t last_entry_bytes_ = 0;
  std::vector<std::byte> block_;
  bool is_synced_ = true;
  bool folders_are_synced_ = false;
};

// Marks a journal as over, because all of its change was completed or undone. From that moment it
// can no longer be undone. If this throws, the journal is still valid.
void end_journal(File& journal, uint32_t salt, JournalFlags flags);
// Overwrites a journal except its head, which says that it is over. Failures are ignored, because
// the journal is no longer needed.
void overwrite_journal(File& journal) noexcept;

}  // namespace swr
