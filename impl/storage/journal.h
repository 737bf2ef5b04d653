// The undo journal's own format, and where journals are. What the entries mean is the business of
// in_place.cpp, staged_set.cpp and undo.cpp.
//
// The journal of the file "x.mha" is ".x.mha.swr-undo" beside it. Those of further writers at the
// same time, which change disjoint regions, are in the folder ".x.mha.swr-undos" under random
// names: making and removing a folder costs a hundred times what a file does, so that the first
// writer, mostly the only one, goes without. A journal gets its name only when its first blocks are
// written and its writer has locked it (lock.h); the kernel releases the lock when the writer dies.
// A journal is over, and says nothing any more, when its head says so: that is the moment in which
// a change is complete, or completely undone.
//
//   file                            block                                    entry
//    0   8  "SWRUNDO2"               0  4  CRC-32 of the bytes from 4 on,     0  4  kind
//    8   4  salt                           started with the salt             4  4  number
//   12   4  1: in use, 2: over,      4  4  bytes of the entries, n            8  8  position
//           3: over, to be erased    8  4  bytes of the block before         16  4  bytes of data, m
//   16   4  CRC-32 of bytes 0..15   12  4  zero                              20  4  bytes of the entry
//   20   4  zero                    16  8  number of the block, from 0             before, in its block
//   24      blocks                  24  n  entries                           24  m  data
//
// All numbers are little-endian. "Bytes of the block before" count its head; they are 0 in the
// first, and the same holds for entries: a journal is read from its end too, in little memory. A
// block is written with one call; the first that is torn, or whose number or checksum is wrong, ends
// the journal.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/attributes.h"
#include "storage/file.h"
#include "storage/identity.h"

namespace swr {

struct JournalEntry {
  enum class Kind : uint32_t {
    // The first entry. number: flags; data: JournalBegin
    begin = 1,
    // number: of the file, from 0; position: its old size; data: its identity, and its path,
    // relative to the folder of the one that the user named
    file = 2,
    // number: of the file; position: offset; data: the old bytes
    bytes = 3,
    // number: of the file, whose size is going to change
    resized = 4,
    // data: GivenName, as joined() of undo.h makes it
    name = 5,
    // All names are given.
    complete = 6,
  };
  Kind kind;
  uint32_t number = 0;
  int64_t position = 0;
  std::span<const std::byte> data{};
};

struct JournalFlags {
  bool sync = false;   // what is undone is flushed before the journal goes
  bool erase = false;  // the journal is overwritten before it goes

  uint32_t number() const { return (sync ? 1U : 0U) | (erase ? 2U : 0U); }
  static JournalFlags of(uint32_t number) {
    return {.sync = (number & 1U) != 0, .erase = (number & 2U) != 0};
  }
};

// What a journal says of itself. Its data: the process, four bytes that are zero, the identities of the
// journal itself and of the image's folder, and machine, boot and image with zero bytes between them.
struct JournalBegin {
  JournalFlags flags;
  Author author;
  Identity journal;
  Identity folder;    // of the image
  std::string image;  // the file that the user named, in full
};
std::optional<JournalBegin> begin_from(const JournalEntry& entry);

// Where the journals of `path`, which is no symbolic link, are: the first one, and the folder of the
// others.
std::string first_journal(const std::string& path);
std::string journal_folder(const std::string& path);

// A journal that is being written, and is locked.
class JournalWriter {
 public:
  enum class Others { allowed, excluded };

  // A new journal of `path`. It has no name until flush(). With others excluded only one such journal
  // can be there at a time.
  JournalWriter(const std::string& path, JournalFlags flags, Others others = Others::allowed);
  JournalWriter(const JournalWriter&) = delete;
  JournalWriter& operator=(const JournalWriter&) = delete;
  ~JournalWriter();  // a journal that has its name stays

  // Those who may read `file` may read the journal, and its owner can undo it: as far as the system
  // allows that. With several files: those who may read them all.
  // `others_may_write`: as they may write the file. A journal that others may write is believed only
  // of what they may change anyway.
  void give_access(const File& file, bool others_may_write = true);
  // Another file that the journal is about. If it is in the same file system, and that has second
  // names, whoever looks for journals of that file finds this one.
  void also_beside(const std::string& path);
  // Appends to the block that is being gathered. Data too long for a block is divided, the position
  // moving along.
  void add(const JournalEntry& entry);
  // Writes the block that was gathered; with the sync flag, to the disk. SWR_ERROR_BUSY if others are
  // excluded, and there is one.
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
  const std::string& path() const { return names_.front().path; }
  bool has_name() const { return !names_.empty(); }
  int64_t bytes_written() const { return std::max(bytes_written_, file_.bytes_written()); }

 private:
  friend class JournalReader;

  struct Name {
    std::string path;
    std::string folder;  // of further journals, if it is one; else empty
  };

  void create();
  void give_names();
  void give_name(const std::string& beside);
  [[noreturn]] static void refuse_others(const std::string& beside);
  system::Result take(const std::string& name, const std::string& folder);
  // False if a further name, which is only a help, cannot have one.
  bool make_folder(const std::string& folder, const std::string& beside) const;
  void sync_folders();
  void append(const JournalEntry& entry, std::span<const std::byte> data, int64_t position);
  void write_block();

  std::string beside_;
  JournalFlags flags_;
  Others others_;
  std::vector<std::string> also_beside_;  // files beside which it is to get a name
  std::vector<Name> names_;               // the first is its own
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

// Reads the blocks of a journal that are whole, in either direction.
class JournalReader {
 public:
  enum class Head { none, in_use, over };  // none: it is no journal

  // A journal that was found. SWR_ERROR_UNSUPPORTED for another version's.
  explicit JournalReader(const File& file);
  // The writer's own, to undo what it did; it adds nothing from then on. Takes no memory.
  explicit JournalReader(JournalWriter& writer);
  JournalReader(const JournalReader&) = delete;
  JournalReader& operator=(const JournalReader&) = delete;

  Head head() const { return head_; }
  bool is_to_be_erased() const { return is_to_be_erased_; }
  int64_t block_count() const { return blocks_; }
  void to_begin();
  void to_end();
  // The entry after the last that was given, or the one before it; nothing at the end. Its data is
  // valid until the next call. SWR_ERROR_CORRUPT if the entries are not what a journal has.
  std::optional<JournalEntry> next();
  std::optional<JournalEntry> previous();

 private:
  void read_head();
  bool read_block(int64_t offset, int64_t number, int64_t file_size);
  void go_to_block(int64_t offset, int64_t number);
  JournalEntry entry_at(size_t at) const;
  size_t last_entry() const;

  const File& file_;
  std::vector<std::byte> own_buffer_;
  std::vector<std::byte>& buffer_;  // the block that is being read
  Head head_ = Head::none;
  bool is_to_be_erased_ = false;
  uint32_t salt_ = 0;
  int64_t blocks_ = 0;
  int64_t last_block_ = 0;
  int64_t block_ = -1;  // the number of the one that is being read
  int64_t offset_ = 0;
  size_t at_ = 0;  // in the buffer: where the entry begins that next() gives
};

// Looks at the journals of `path`, one after the other; each is locked against others who look.
class Journals {
 public:
  // `patience`: how long it waits for another process that undoes one.
  static constexpr std::chrono::milliseconds usual_patience{30'000};
  explicit Journals(const std::string& path, std::chrono::milliseconds patience = usual_patience);

  struct Found {
    enum class State { dead, living, alien };  // alien: nothing that a journal could be
    File file;
    State state;
    std::errc refused{};  // why it could be opened for reading only
  };
  // The next one; nothing if there are no more. Waits for another process that undoes it;
  // SWR_ERROR_BUSY if that takes too long.
  std::optional<Found> next();
  // Ends the journal that next() gave: all of it was undone.
  static void end(File& journal, JournalFlags flags);
  // Removes one whose head says that it is over.
  static void remove(File& journal, bool erases) noexcept;
  // Removes the names that this journal has beside `path` too.
  static void remove_names(const File& journal, const std::string& path) noexcept;
  // Removes the folder of further journals, if it is empty.
  void remove_folder() noexcept;

 private:
  std::string folder_;
  std::chrono::milliseconds patience_;
  std::vector<std::string> names_;
  size_t at_ = 0;
};

}  // namespace swr
