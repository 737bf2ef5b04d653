#include "storage/saved_ranges.h"

#include <algorithm>

#include "base/byte_order.h"
#include "base/checked.h"
#include "storage/journal_format.h"

namespace swr {

using namespace journal_format;

SavedRanges::SavedRanges(const File& journal)
    : journal_(journal), at_(JournalHead::bytes), block_end_(JournalHead::bytes) {
  const auto head = JournalHead::load(bytes_at(0, JournalHead::bytes));
  is_over_ = !head || head->state != JournalHead::State::in_use;
}

// Fewer bytes at the end of the journal.
std::span<const std::byte> SavedRanges::bytes_at(int64_t offset, int64_t count) {
  // After the long data of an entry, only the next head is needed; after short data, many are.
  constexpr int64_t long_window = 65536, short_window = 512;
  const int64_t window_end = window_begin_ + std::ssize(window_);
  if (offset < window_begin_ || offset + count > window_end) {
    const int64_t wanted = offset > window_end ? short_window : long_window;
    window_.resize(static_cast<size_t>(std::max(count, wanted)));
    window_.resize(static_cast<size_t>(journal_.read_some(offset, window_)));
    window_begin_ = offset;
  }
  const std::span<const std::byte> all = window_;
  const auto from = all.subspan(static_cast<size_t>(offset - window_begin_));
  return from.first(std::min(from.size(), static_cast<size_t>(count)));
}

bool SavedRanges::enter_block() {
  const auto bytes = bytes_at(block_end_, block_head_bytes);
  if (bytes.size() < block_head_bytes) return false;
  const BlockHead head = BlockHead::load(bytes.data());
  if (head.number != blocks_ || head.block_bytes > static_cast<int64_t>(most_block_bytes))
    return false;
  ++blocks_;
  at_ = block_end_ + static_cast<int64_t>(block_head_bytes);
  block_end_ += head.block_bytes;
  return true;
}

std::optional<SavedRanges::Range> SavedRanges::next() {
  constexpr auto head_bytes = static_cast<int64_t>(entry_head_bytes);
  while (!is_over_) {
    if (at_ >= block_end_) {
      is_over_ = !enter_block();
      continue;
    }
    const auto head = bytes_at(at_, head_bytes);
    if (std::ssize(head) < head_bytes) break;
    const auto kind = static_cast<JournalEntry::Kind>(load<uint32_t>(head.data()));
    const auto number = load<uint32_t>(head.data() + 4);
    const auto position = load<int64_t>(head.data() + 8);
    const auto count = static_cast<int64_t>(load<uint32_t>(head.data() + 16));
    const int64_t data = at_ + head_bytes;
    at_ = data + count;
    if (at_ > block_end_) break;
    if (kind == JournalEntry::Kind::file) {
      const auto identity = bytes_at(data, static_cast<int64_t>(identity_bytes));
      if (identity.size() < identity_bytes || number != files_.size()) break;
      files_.push_back(identity_from(identity));
    } else if (kind == JournalEntry::Kind::bytes) {
      int64_t end;
      if (number >= files_.size() || add_overflows(position, count, end)) break;
      return Range{files_[number], position, end};
    }
  }
  is_over_ = true;
  return std::nullopt;
}

}  // namespace swr
