// The undo journal's own format, and where journals lie. What the entries say is in_place.cpp's and
// staged_set.cpp's affair.
//
// The journal of the file "x.mha" is ".x.mha.swr-undo" beside it. Those of further writers at the
// same time, which change disjoint regions, lie in the folder ".x.mha.swr-undos" under random
// names: making and removing a folder costs a hundred times what a file does, so that the first
// writer, mostly the only one, goes without. A living writer holds an exclusive flock() on its
// journal; the kernel lets go of it when the writer dies.
//
//   file                                        block                                       entry
//    0   8  "SWRUNDO1"                           0  4  CRC-32 of the bytes from 4 on,         0  4  kind
//    8   4  salt                                       started with the salt                  4  4  number
//   12   4  CRC-32 of the bytes 0 .. 11          4  4  bytes of the entries, n                8  8  position
//   16      blocks, one behind the other         8  8  number of the block, from 0           16  8  bytes of data, m
//                                               16  n  entries, one behind the other         24  m  data
//
// All numbers are little-endian. A block is written with one call; the first that is torn, or whose
// number or checksum is wrong, ends the journal.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/file.h"

namespace swr {

struct JournalEntry {
  enum class Kind : uint32_t {
    begin = 1,  // the first entry. number: flags; data: the name of the file that the user named
    file =
        2,  // number: of the file, from 0; position: its old size; data: its path, relative to the folder of the one that the user named
    bytes = 3,    // number: of the file; position: offset; data: the old bytes
    resized = 4,  // number: of the file, whose size is going to change
    name =
        5,  // number: 1 if a file is replaced; data: final path, staging name and name of the old file, with zero bytes between them
    complete = 6,  // all names are given
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

// Where the journals of `path`, which is no symbolic link, lie: the first one, and the folder of
// the others.
std::string first_journal(const std::string& path);
std::string journal_folder(const std::string& path);

// A journal that is being written, and is locked.
class JournalWriter {
 public:
  // A new journal of `path`, as readable as `mode` says.
  JournalWriter(const std::string& path, JournalFlags flags, mode_t mode);

  // Appends to the block that is being gathered. Data too long for a block is divided, the position
  // moving along.
  void add(const JournalEntry& entry);
  // Writes the block that was gathered; with the sync flag, to the disk.
  void flush();
  // The work is complete: the journal goes. If this fails, what the journal says still holds, and
  // it can be undone.
  void remove();

  const File& file() const { return file_; }
  uint32_t salt() const { return salt_; }

 private:
  void create(const std::string& path, mode_t mode);
  bool take(const std::string& name, mode_t mode);
  void append(const JournalEntry& entry, std::span<const std::byte> data, int64_t position);
  void write_head();
  void write_block();

  JournalFlags flags_;
  File file_;
  uint32_t salt_ = 0;
  int64_t end_ = 0;
  int64_t blocks_ = 0;
  std::vector<std::byte> block_;
  bool is_synced_ = true;
  bool folder_is_synced_ = false;
};

// Reads the blocks of a journal that are whole.
class JournalReader {
 public:
  // `salt`: of a journal whose writer is this process; otherwise the journal's head tells it.
  // Throws SWR_ERROR_UNSUPPORTED for a later version.
  explicit JournalReader(const File& file, std::optional<uint32_t> salt = std::nullopt);

  size_t block_count() const { return blocks_.size(); }
  // The entries of a block; their data is valid until the next call. SWR_ERROR_CORRUPT if they are
  // not what the checksum promises.
  std::vector<JournalEntry> entries(size_t block);

 private:
  struct Block {
    int64_t offset;
    uint32_t bytes;
  };
  bool read_block(int64_t offset, int64_t number, int64_t file_size);

  const File& file_;
  uint32_t salt_ = 0;
  std::vector<Block> blocks_;
  std::vector<std::byte> buffer_;
};

// Opens and locks the journals of `path` whose writers are dead, one after the other.
class DeadJournals {
 public:
  explicit DeadJournals(const std::string& path);
  // The next one; nothing if there are no more.
  std::optional<File> next();
  int living() const { return living_; }  // journals met whose writer lives
  // Removes the journal that next() gave.
  static void remove(File& journal, JournalFlags flags);
  // Removes the folder of further journals, if it is empty.
  void remove_folder() noexcept;

 private:
  std::string folder_;
  std::vector<std::string> names_;
  size_t at_ = 0;
  int living_ = 0;
};

}  // namespace swr
