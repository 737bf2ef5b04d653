// Reads the complete blocks of a journal, forwards or backwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "storage/file.h"
#include "storage/journal_format.h"

namespace swr {

class JournalWriter;

class JournalReader {
 public:
  // counted: all blocks are read once, to know which is the last one. unknown: a block is read when
  // next() comes to it, so that the first entries of a long journal cost no more than they are.
  enum class Blocks { counted, unknown };

  // Reads a journal that was found. SWR_ERROR_UNSUPPORTED if it has another version.
  explicit JournalReader(const File& file, Blocks blocks = Blocks::counted);
  // Reads the journal of a writer that undoes its own change. Requires: the writer adds no more
  // entries. Allocates nothing.
  explicit JournalReader(JournalWriter& writer);
  JournalReader(const JournalReader&) = delete;
  JournalReader& operator=(const JournalReader&) = delete;

  // Nothing if the file is not a journal.
  const std::optional<JournalHead>& head() const { return head_; }
  // Requires, as to_end() and previous(): the blocks are counted.
  int64_t block_count() const { return blocks_; }
  void to_begin();
  void to_end();
  // The next entry, or the previous one; nothing at the end. Its data is valid until the next call.
  // SWR_ERROR_CORRUPT if the entries are invalid.
  std::optional<JournalEntry> next();
  std::optional<JournalEntry> previous();

 private:
  void read_head();
  bool read_block(int64_t offset, int64_t number, int64_t file_size);
  void go_to_block(int64_t offset, int64_t number);
  void go_to_block_after();
  void go_to_block_before();
  JournalEntry entry_at(size_t at) const;
  size_t last_entry() const;

  const File& file_;
  std::vector<std::byte> own_buffer_;
  std::vector<std::byte>& buffer_;  // the current block
  std::optional<JournalHead> head_;
  Blocks known_ = Blocks::counted;
  int64_t blocks_ = 0;  // as many as there can be while they are unknown
  int64_t last_block_ = 0;
  int64_t block_ = -1;  // the number of the current block
  int64_t offset_ = 0;
  size_t at_ = 0;  // position of the next entry in the buffer
};

}  // namespace swr
