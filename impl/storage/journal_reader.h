// Reads the blocks of a journal that are whole, in either direction.
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
  // A journal that was found. SWR_ERROR_UNSUPPORTED for another version's.
  explicit JournalReader(const File& file);
  // The writer's own, to undo what it did; it adds nothing from then on. Takes no memory.
  explicit JournalReader(JournalWriter& writer);
  JournalReader(const JournalReader&) = delete;
  JournalReader& operator=(const JournalReader&) = delete;

  // Nothing if the file is no journal.
  const std::optional<JournalHead>& head() const { return head_; }
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
  void go_to_block_before();
  JournalEntry entry_at(size_t at) const;
  size_t last_entry() const;

  const File& file_;
  std::vector<std::byte> own_buffer_;
  std::vector<std::byte>& buffer_;  // the block that is being read
  std::optional<JournalHead> head_;
  int64_t blocks_ = 0;
  int64_t last_block_ = 0;
  int64_t block_ = -1;  // the number of the one that is being read
  int64_t offset_ = 0;
  size_t at_ = 0;  // in the buffer: where the entry begins that next() gives
};

}  // namespace swr
