#include "stores/slot_writer.h"

#include <algorithm>

#include "codecs/filler.h"
#include "stores/slot_index.h"

namespace swr {

// Writes that are executed together: each group costs one barrier of the journal.
struct SlotWriter::Batch {
  InPlace& change;
  int file;
  int64_t most_bytes;
  std::vector<PlannedBytes> waiting{};
  int64_t bytes = 0;

  void add(int64_t position, std::vector<std::byte> data) {
    constexpr int64_t overhead = 128;
    bytes += std::ssize(data) + overhead;
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

SlotWriter::SlotWriter(const SlottedFile& old, SlotPlan& plan, Scratch& runs, InPlace& change,
                       int file, int64_t memory)
    : old_(old),
      plan_(plan),
      runs_(runs),
      change_(change),
      file_(file),
      memory_(memory),
      footer_(old.pages().footer()) {
  footer_.shape = plan.shape();
}

void SlotWriter::add_prefix(std::vector<PlannedBytes> bytes, uint32_t new_checksum) {
  prefix_ = std::move(bytes);
  footer_.prefix_checksum = new_checksum;
}

// Starts at the first changed page and continues as long as the following pages have new positions.
void SlotWriter::prepare() {
  const StreamShape &shape = plan_.shape(), &old_shape = old_.shape();
  const bool grows = shape.pixel_bytes > old_shape.pixel_bytes;
  if (grows) {
    // The last page moves, because new slots come before the last slot.
    plan_.change_page(old_shape.pages() - 1);
    checked_bytes_ = old_shape.raw_begin(0, old_shape.pages() - 1);
    footer_.checksum = old_.pages().checksum_before_last_page();
  } else {
    checked_bytes_ = shape.pixel_bytes;
  }
  footer_.checksum =
      checksum_replace(shape.kind(), footer_.checksum, old_.pages().footer().prefix_checksum,
                       footer_.prefix_checksum, checked_bytes_);

  SlotIndex index(shape, &old_.pages(), [this](int64_t position, std::vector<std::byte> node) {
    index_nodes_.push_back({position, runs_.append(node)});
  });
  int64_t begin = -1;  // of the page: the end of the page before it, if that moved
  for (int64_t number = plan_.next_changed(0); number < shape.pages();) {
    plan_.change_page(number);
    const PlannedPage page = plan_.page(number);
    if (begin < 0) begin = page.old_begin;
    plan_.set_begin(number, begin);
    std::vector<Slot> slots;
    slots.reserve(page.slots.size());
    for (const PlannedSlot& planned : page.slots) {
      slots.push_back(planned.slot);
      begin += planned.slot.bytes;
    }
    if (number == shape.pages() - 1) begin -= slots.back().bytes;
    const uint32_t checksum = checksum_of_page(shape, number, slots);
    note_checksum(number, checksum);
    index.set_page(number, {begin, checksum});
    begin += shape.chain_bytes(number);
    ++number;
    if (number < old_shape.pages() &&
        begin == old_.pages().page(number - 1)->position + old_shape.chain_bytes(number - 1)) {
      number = plan_.next_changed(number);
      begin = -1;
    }
  }
  index.finish();
  footer_.last_slot_bytes = plan_.get(shape.count() - 1).bytes;
}

// The checksum of the whole, without reading unchanged pages.
void SlotWriter::note_checksum(int64_t page, uint32_t checksum) {
  const StreamShape& shape = plan_.shape();
  const int64_t end = shape.raw_end(0, page);
  if (end <= checked_bytes_) {
    footer_.checksum =
        checksum_replace(shape.kind(), footer_.checksum, old_.pages().page(page)->checksum,
                         checksum, checked_bytes_ - end);
  } else {
    footer_.checksum =
        checksum_combine(shape.kind(), footer_.checksum, checksum, end - checked_bytes_);
    checked_bytes_ = end;
  }
}

std::vector<SlotWriter::Item> SlotWriter::items_of(const PlannedPage& page) const {
  const StreamShape &shape = plan_.shape(), &old_shape = old_.shape();
  std::vector<Item> items;
  items.reserve(page.slots.size());
  int64_t begin = page.new_begin, old_begin = page.old_begin;
  int64_t number = shape.first_slot(page.number);
  for (const PlannedSlot& slot : page.slots) {
    if (number == shape.count() - 1) begin += shape.chain_bytes(page.number);
    if (number == old_shape.count() - 1) old_begin += old_shape.chain_bytes(page.number);
    const int64_t end = begin + slot.slot.bytes, old_end = old_begin + slot.old_bytes;
    if (slot.run >= 0) {
      items.push_back({begin, end, -1, &slot});
    } else if (begin != old_begin || end != old_end) {
      items.push_back({begin, end, old_end, &slot});
    }
    begin = end;
    old_begin = old_end;
    ++number;
  }
  return items;
}

int64_t SlotWriter::position_of(const PlannedPage& page) const {
  int64_t position = page.new_begin;
  for (const PlannedSlot& slot : page.slots) position += slot.slot.bytes;
  if (page.number == plan_.shape().pages() - 1) position -= page.slots.back().slot.bytes;
  return position;
}

std::vector<std::byte> SlotWriter::slot_bytes(const Item& item) const {
  std::vector<std::byte> out(static_cast<size_t>(item.end - item.begin));
  const size_t run_bytes = item.slot->slot.run_bytes;
  write_filler(std::span(out).first(out.size() - run_bytes));
  const auto run = std::span(out).subspan(out.size() - run_bytes);
  if (item.slot->run >= 0) {
    runs_.read(item.slot->run, run);
  } else {
    old_.file().read_at(old_.extent().begin + item.old_run_end - item.slot->slot.run_bytes, run);
  }
  return out;
}

// Kept runs stay in order, and each is at the end of its slot. A slot is "forward" if it ends after
// the end of its old run, else "backward". Backward slots are written first, from front to back.
// Such a slot ends no later than its own old run, so it overwrites no later old run. An earlier old
// run that is still needed belongs to a forward slot; it ends before the new place of that slot,
// and so before this one. Forward slots are written next, from back to front. The remaining ones
// are earlier; their old runs end before their own new places, and so before this one.
void SlotWriter::move_slots(Batch& batch) {
  const int64_t begin = old_.extent().begin;
  for (int64_t page = plan_.next_changed(0); page < plan_.shape().pages();
       page = plan_.next_changed(page + 1)) {
    const PlannedPage planned = plan_.page(page);
    for (const Item& item : items_of(planned)) {
      if (item.old_run_end >= item.end) batch.add(begin + item.begin, slot_bytes(item));
      moved_ += item.old_run_end >= 0 ? 1 : 0;
    }
  }
  for (int64_t page = plan_.last_changed(plan_.shape().pages() - 1); page >= 0;
       page = plan_.last_changed(page - 1)) {
    const PlannedPage planned = plan_.page(page);
    const std::vector<Item> items = items_of(planned);
    for (auto item = items.rbegin(); item != items.rend(); ++item) {
      if (item->old_run_end >= 0 && item->old_run_end < item->end)
        batch.add(begin + item->begin, slot_bytes(*item));
    }
  }
}

// Requires: move_slots() was called. All kept runs are at their new places, so the old ones may be
// overwritten.
void SlotWriter::write_new(Batch& batch) {
  const int64_t begin = old_.extent().begin;
  for (int64_t number = plan_.next_changed(0); number < plan_.shape().pages();
       number = plan_.next_changed(number + 1)) {
    const PlannedPage page = plan_.page(number);
    std::vector<Slot> slots;
    slots.reserve(page.slots.size());
    for (const PlannedSlot& planned : page.slots) slots.push_back(planned.slot);
    for (const Item& item : items_of(page)) {
      if (item.old_run_end < 0) batch.add(begin + item.begin, slot_bytes(item));
    }
    batch.add(begin + position_of(page), encode_page(slots, number));
  }
  for (const Node& node : index_nodes_) {
    std::vector<std::byte> bytes(static_cast<size_t>(node.bytes.bytes));
    runs_.read(node.bytes, bytes);
    batch.add(begin + node.position, std::move(bytes));
  }
  for (PlannedBytes& bytes : prefix_) batch.add(bytes.position, std::move(bytes.bytes));
  batch.add(begin + plan_.end(), footer_.tail());
}

int64_t SlotWriter::write() {
  Batch batch{change_, file_, memory_};
  move_slots(batch);
  write_new(batch);
  batch.flush();
  const int64_t stream_end = old_.extent().begin + stream_bytes();
  if (stream_end < old_.extent().end()) change_.resize(file_, stream_end);
  return moved_;
}

}  // namespace swr
