#include "storage/journal_reader.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "storage/journal_writer.h"

namespace swr {

using namespace journal_format;

JournalReader::JournalReader(const File& file, Blocks blocks)
    : file_(file), buffer_(own_buffer_), known_(blocks) {
  read_head();
  if (!head_ || head_->state != JournalHead::State::in_use) return;
  if (blocks == Blocks::unknown) {
    blocks_ = std::numeric_limits<int64_t>::max();
    return;
  }
  const int64_t size = file.size();
  int64_t before = 0;
  for (int64_t at = JournalHead::bytes; read_block(at, blocks_, size); at += before) {
    if (BlockHead::load(buffer_.data()).bytes_before != before) break;
    before = std::ssize(buffer_);
    last_block_ = at;
    ++blocks_;
  }
  to_begin();
}

JournalReader::JournalReader(JournalWriter& writer)
    : file_(writer.file_),
      buffer_(writer.block_),
      head_(JournalHead{.salt = writer.salt_}),
      blocks_(writer.blocks_),
      last_block_(writer.end_ - writer.last_block_bytes_) {}

void JournalReader::read_head() {
  std::byte head[JournalHead::bytes];
  const std::span got = std::span(head).first(static_cast<size_t>(file_.read_some(0, head)));
  head_ = JournalHead::load(got);
  // Nothing else is known about the heads of other versions.
  const std::string_view words(reinterpret_cast<const char*>(got.data()), got.size());
  if (head_ || words.size() < 16 || !words.starts_with(magic)) return;
  const char found = words[magic.size()];
  if (found == version || found < '1' || found > '9') return;
  throw JournalRefused(
      SWR_ERROR_UNSUPPORTED,
      text(file_.path(), ": this undo journal is of version ", found,
           ", and this swr supports version ", version,
           ": it was not rolled back, and the image may be half changed. Roll it back with the swr "
           "that wrote it, or remove it if the image is good"));
}

// Reads a block, including its head, into the buffer; false if it is incomplete or damaged.
bool JournalReader::read_block(int64_t offset, int64_t number, int64_t file_size) {
  std::byte bytes[block_head_bytes];
  if (file_.read_some(offset, bytes) < std::ssize(bytes)) return false;
  const BlockHead head = BlockHead::load(bytes);
  if (head.number != number || head.block_bytes > static_cast<int64_t>(most_block_bytes) ||
      head.block_bytes > file_size - offset)
    return false;
  buffer_.resize(static_cast<size_t>(head.block_bytes));
  return file_.read_some(offset, buffer_) == head.block_bytes && is_whole(buffer_, head_->salt);
}

void JournalReader::go_to_block(int64_t offset, int64_t number) {
  if (!read_block(offset, number, INT64_MAX)) {
    fail(SWR_ERROR_IO, file_.path(),
         ": this undo journal changed while it was read: another program writes to it. The image "
         "may be half changed; try again");
  }
  block_ = number;
  offset_ = offset;
}

// Without blocks that are counted, the first one that is incomplete is the end.
void JournalReader::go_to_block_after() {
  const int64_t before = block_ < 0 ? 0 : std::ssize(buffer_);
  const int64_t offset = block_ < 0 ? JournalHead::bytes : offset_ + before;
  if (known_ == Blocks::counted) {
    go_to_block(offset, block_ + 1);
    at_ = block_head_bytes;
  } else if (read_block(offset, block_ + 1, file_.size()) &&
             BlockHead::load(buffer_.data()).bytes_before == before) {
    ++block_;
    offset_ = offset;
    at_ = block_head_bytes;
  } else {
    blocks_ = block_ + 1;
    at_ = buffer_.size();
  }
}

void JournalReader::go_to_block_before() {
  if (block_ == blocks_) return go_to_block(last_block_, blocks_ - 1);
  const int64_t before = BlockHead::load(buffer_.data()).bytes_before;
  if (before > offset_ - JournalHead::bytes)
    fail_damaged(file_.path(), "has blocks that contradict each other");
  go_to_block(offset_ - before, block_ - 1);
}

void JournalReader::to_begin() {
  block_ = -1;
}

void JournalReader::to_end() {
  block_ = blocks_;
}

JournalEntry JournalReader::entry_at(size_t at) const {
  return entry_from(std::span<const std::byte>(buffer_).subspan(at), file_.path());
}

std::optional<JournalEntry> JournalReader::next() {
  while (block_ < 0 || at_ >= buffer_.size()) {
    if (block_ + 1 >= blocks_) return std::nullopt;
    go_to_block_after();
  }
  const JournalEntry entry = entry_at(at_);
  at_ += entry_head_bytes + entry.data.size();
  return entry;
}

// The position of the last entry of the current block. Requires: the block has entries.
size_t JournalReader::last_entry() const {
  size_t last = block_head_bytes;
  for (size_t at = last; at < buffer_.size();) {
    last = at;
    at += entry_head_bytes + entry_at(at).data.size();
  }
  return last;
}

std::optional<JournalEntry> JournalReader::previous() {
  if (block_ >= 0 && block_ < blocks_ && at_ > block_head_bytes) {
    const size_t before = bytes_before_entry(buffer_.data() + at_);
    if (before < entry_head_bytes || before > at_ - block_head_bytes)
      fail_damaged(file_.path(), "has entries that contradict each other");
    at_ -= before;
    return entry_at(at_);
  }
  do {
    if (block_ == 0 || blocks_ == 0) return std::nullopt;
    go_to_block_before();
  } while (buffer_.size() <= block_head_bytes);
  at_ = last_entry();
  return entry_at(at_);
}

}  // namespace swr
