#include "stores/slot_writer.h"

#include <algorithm>
#include <limits>

#include "codecs/filler.h"

namespace swr {

// Writes that are made together: each group costs one barrier of the journal.
struct SlotWriter::Batch {
  InPlace& change;
  int file;
  int64_t most_bytes;
  std::vector<PlannedBytes> waiting{};
  int64_t bytes = 0;

  void add(int64_t position, std::vector<std::byte> data) {
    bytes += std::ssize(data);
    waiting.push_back({position, std::move(data)});
    if (bytes >= most_bytes) flush();
  }

  void flush() {
    std::vector<InPlace::Change> changes;
    changes.reserve(waiting.size());
    for (const PlannedBytes& planned : waiting)
      changes.push_back({file, planned.position, planned.bytes});
    if (!changes.empty()) change.write(changes);
    waiting.clear();
    bytes = 0;
  }
};

SlotWriter::SlotWriter(const SlottedFile& old, const SlotDirectory& planned, InPlace& change,
                       int file, int64_t memory)
    : old_(old),
      planned_(planned),
      positions_(planned),
      change_(change),
      file_(file),
      memory_(memory) {}

void SlotWriter::add_page(int64_t page) {
  const auto index = static_cast<size_t>(page);
  const int64_t position = positions_.pages[index];
  const SlotDirectory& before = old_.directory();
  const auto first = static_cast<std::ptrdiff_t>(page * slots_of_page);
  if (page < before.page_count() && old_.positions().pages[index] == position &&
      before.page_bytes(page) == planned_.page_bytes(page)) {
    const auto last =
        static_cast<std::ptrdiff_t>(std::min((page + 1) * slots_of_page, planned_.count()));
    if (std::equal(planned_.slots.begin() + first, planned_.slots.begin() + last,
                   before.slots.begin() + first))
      return;
  }
  items_.push_back(
      {position, position + planned_.page_bytes(page), -1, -1, -1 - page, nullptr, {}});
}

// Items are in the order of the stream.
void SlotWriter::add_pages_before(int64_t number) {
  if (number > 0 && number % slots_of_page == 0) add_page(number / slots_of_page - 1);
  if (number == planned_.count() - 1) add_page(planned_.page_count() - 1);
}

void SlotWriter::add_run(int64_t number, Scratch& runs, const Scratch::Piece& run) {
  add_pages_before(number);
  const int64_t begin = positions_.slots[static_cast<size_t>(number)];
  items_.push_back({begin, begin + planned_.slots[static_cast<size_t>(number)].bytes, -1, -1,
                    number, &runs, run});
}

void SlotWriter::keep_run(int64_t number) {
  add_pages_before(number);
  const auto index = static_cast<size_t>(number);
  const Slot& before = old_.slot(number);
  const Slot& after = planned_.slots[index];
  const int64_t begin = positions_.slots[index], old_begin = old_.positions().slots[index];
  if (begin == old_begin && after.bytes == before.bytes) return;
  const int64_t source_end = old_begin + before.bytes;
  items_.push_back(
      {begin, begin + after.bytes, source_end - before.run_bytes, source_end, number, nullptr, {}});
  ++moved_;
}

std::vector<std::byte> SlotWriter::slot_bytes(const Item& item) const {
  std::vector<std::byte> out(static_cast<size_t>(item.end - item.begin));
  const size_t run_bytes = planned_.slots[static_cast<size_t>(item.number)].run_bytes;
  const auto filler = std::span(out).first(out.size() - run_bytes);
  const auto run = std::span(out).subspan(filler.size());
  write_filler(filler);
  if (item.runs) {
    item.runs->read(item.run, run);
  } else {
    old_.file().read_at(old_.extent().begin + item.source_begin, run);
  }
  return out;
}

void SlotWriter::add_item(const Item& item, Batch& batch) const {
  batch.add(old_.extent().begin + item.begin,
            item.number < 0 ? planned_.page(-1 - item.number) : slot_bytes(item));
}

// Runs move to the left or to the right, and never past each other. An item that reaches over the
// source of one behind it comes after that; one that reaches over the source of one before it comes
// after that. Neighbours are never both: so stretches in which each item reaches over the next
// source are written from their end, and all stretches from the front.
void SlotWriter::write_in_safe_order(Batch& batch) const {
  std::vector<int64_t> next_source(items_.size() + 1, std::numeric_limits<int64_t>::max());
  for (size_t i = items_.size(); i-- > 0;)
    next_source[i] = items_[i].source_begin >= 0 ? items_[i].source_begin : next_source[i + 1];
  for (size_t first = 0; first < items_.size();) {
    size_t end = first + 1;
    while (end < items_.size() && items_[end - 1].end > next_source[end]) ++end;
    for (size_t i = end; i-- > first;) add_item(items_[i], batch);
    first = end;
  }
}

int64_t SlotWriter::write() {
  const int64_t begin = old_.extent().begin;
  Batch batch{change_, file_, memory_};
  write_in_safe_order(batch);
  for (PlannedBytes& bytes : frame_) batch.add(bytes.position, std::move(bytes.bytes));
  batch.add(begin + positions_.end, planned_.tail());
  batch.flush();
  const int64_t stream_end = begin + stream_bytes();
  if (stream_end < old_.extent().end()) change_.resize(file_, stream_end);
  return moved_;
}

}  // namespace swr
