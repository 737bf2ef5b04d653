// A journal that is being written, by a writer that holds its lock of life. It gets its name only
// when its first blocks are written: none has a journal's name before it is one. The kernel
// releases the lock when the writer dies.
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
#include "storage/journal_format.h"
#include "storage/journal_naming.h"

namespace swr {

class JournalWriter {
 public:
  using Others = JournalNaming::Others;

  // A new journal of `path`. It has no name until flush(). With others excluded only one such
  // journal can be there at a time.
  JournalWriter(const std::string& path, JournalFlags flags, Others others = Others::allowed);
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;
  ~JournalWriter();  // a journal that has its name stays

  // Those who may read `file` may read the journal, and its owner can undo it: as far as the system
  // allows that. With several files: those who may read them all. `others_may_write`: as they may
  // write the file. A journal that others may write is believed only of what they may change
  // anyway.
  void give_access(const File& file, bool others_may_write = true);
  // Another file that the journal is about. If it is in the same file system, and that has second
  // names, whoever looks for journals of that file finds this one.
  void also_beside(const std::string& path);
  // Appends to the block that is being gathered. Data too long for a block is divided, the position
  // moving along.
  void add(const JournalEntry& entry);
  // Writes the block that was gathered; with the sync flag, to the disk. SWR_ERROR_BUSY if others
  // are excluded, and there is one.
  void flush();
  // How far it is written, and the way back there: what was added since is as if it had never been.
  struct Mark {
    int64_t end, blocks, last_block_bytes;
  };
  Mark mark() const;
  void cut(const Mark& mark);
  // The work is complete, or undone: the journal is over and goes. If this fails, what the journal
  // says still holds, and it can be undone. Fails as expect_name() does.
  void end();
  // What the journal says was undone: it goes. Doing that again would do no harm, so that it need
  // not be over first, which takes a write that a full disk can refuse.
  void end_undone() noexcept;
  // SWR_ERROR_IO if somebody else has undone what the journal says, where locks are not shared.
  void expect_name() const;
  // Takes its name away, without a moment in which it is over: for one that says nothing that could
  // still be undone.
  void remove() noexcept;

  // Once it has a name.
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
  std::vector<std::string> also_beside_;  // files beside which it is to get a name
  JournalNaming names_;
  std::string staging_;  // the name until it has its own, where files cannot be without one
  File file_;
  uint32_t process_;
  uint32_t salt_ = 0;
  std::optional<Attributes> access_;  // that of its files
  int64_t end_ = 0;
  int64_t blocks_ = 0;
  int64_t bytes_written_ = 0;  // when it is over
  int64_t last_block_bytes_ = 0;
  size_t last_entry_bytes_ = 0;
  std::vector<std::byte> block_;
  bool is_synced_ = true;
  bool folders_are_synced_ = false;
};

// Ends a journal of which all was undone, or done: it is over, which is the one moment in which
// what it holds can no longer be undone, and loses its name. Throws if it is not over, and stays.
void end_journal(File& journal, uint32_t salt, JournalFlags flags);
// Overwrites all of a journal but its head, which says that it is over. The rest is of no use any
// more, so that a disk that fails here is no reason to fail.
void overwrite_journal(File& journal) noexcept;

}  // namespace swr
