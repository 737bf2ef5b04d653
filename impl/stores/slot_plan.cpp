#include "stores/slot_plan.h"

#include <algorithm>
#include <type_traits>

namespace swr {
namespace {

// A changed page in the table: two positions and its slots.
struct PageHead {
  int64_t old_begin, new_begin;
};
static_assert(std::is_trivially_copyable_v<PageHead> && std::is_trivially_copyable_v<PlannedSlot>);

constexpr int64_t table_chunk = 8192;

template <typename T>
std::span<std::byte> bytes_of(T& value) {
  return std::as_writable_bytes(std::span(&value, 1));
}

StreamShape resized(StreamShape shape, int64_t pixel_bytes) {
  shape.pixel_bytes = pixel_bytes;
  return shape;
}

}  // namespace

SlotPlan::SlotPlan(const SlotPages& old, int64_t new_pixel_bytes, int64_t memory,
                   const std::string& beside, StoreCounters& counters)
    : old_(old),
      shape_(resized(old.shape(), new_pixel_bytes)),
      table_(memory, beside, counters, table_chunk),
      changed_(static_cast<size_t>(shape_.pages())),
      changed_begin_(shape_.pages()),
      slot_bytes_(old.end() - old.shape().pixels_begin() - old.shape().directory_bytes()) {}

int64_t SlotPlan::place_of_page(int64_t page) const {
  return page * static_cast<int64_t>(sizeof(PageHead) + static_cast<size_t>(shape_.node_entries) *
                                                            sizeof(PlannedSlot));
}

int64_t SlotPlan::place_of_slot(int64_t number) const {
  const int64_t page = shape_.page_of(number);
  return place_of_page(page) +
         static_cast<int64_t>(sizeof(PageHead) +
                              static_cast<size_t>(number - shape_.first_slot(page)) *
                                  sizeof(PlannedSlot));
}

PlannedSlot SlotPlan::planned_slot(int64_t number) {
  PlannedSlot slot;
  table_.read(place_of_slot(number), bytes_of(slot));
  return slot;
}

Slot SlotPlan::get(int64_t number) {
  if (is_changed(shape_.page_of(number))) return planned_slot(number).slot;
  return number < old_.shape().count() ? old_.slot(number) : Slot{};
}

void SlotPlan::set(int64_t number, const Slot& slot) {
  if (slot == get(number)) return;
  change_page(shape_.page_of(number));
  PlannedSlot planned = planned_slot(number);
  planned.slot = slot;
  store(number, planned);
}

void SlotPlan::set_run(int64_t number, const Slot& slot, int64_t run) {
  change_page(shape_.page_of(number));
  PlannedSlot planned = planned_slot(number);
  planned.slot = slot;
  planned.run = run;
  store(number, planned);
}

void SlotPlan::store(int64_t number, const PlannedSlot& slot) {
  slot_bytes_ += int64_t{slot.slot.bytes} - planned_slot(number).slot.bytes;
  has_too_long_slot_ |= slot.slot.bytes > most_slot_bytes;
  table_.write(place_of_slot(number), std::as_bytes(std::span(&slot, 1)));
}

PlannedPage SlotPlan::page(int64_t number) {
  PlannedPage page{.number = number};
  PageHead head;
  table_.read(place_of_page(number), bytes_of(head));
  page.old_begin = head.old_begin;
  page.new_begin = head.new_begin;
  page.slots.resize(static_cast<size_t>(shape_.entries(0, number)));
  table_.read(place_of_page(number) + static_cast<int64_t>(sizeof(head)),
              std::as_writable_bytes(std::span(page.slots)));
  return page;
}

void SlotPlan::change_page(int64_t number) {
  if (is_changed(number)) return;
  PageHead head{-1, -1};
  std::vector<PlannedSlot> slots(static_cast<size_t>(shape_.entries(0, number)));
  if (number < old_.shape().pages()) {
    const auto old = old_.page(number);
    head.old_begin = old->begin;
    for (size_t i = 0; i < old->slots.size(); ++i)
      slots[i] = {.slot = old->slots[i], .old_bytes = old->slots[i].bytes};
  }
  table_.write(place_of_page(number), bytes_of(head));
  table_.write(place_of_page(number) + static_cast<int64_t>(sizeof(head)),
               std::as_bytes(std::span(slots)));
  changed_[static_cast<size_t>(number)] = true;
  changed_begin_ = std::min(changed_begin_, number);
  changed_end_ = std::max(changed_end_, number + 1);
}

void SlotPlan::set_begin(int64_t page, int64_t new_begin) {
  table_.write(place_of_page(page) + static_cast<int64_t>(sizeof(int64_t)), bytes_of(new_begin));
}

int64_t SlotPlan::next_changed(int64_t number) const {
  number = std::max(number, changed_begin_);
  while (number < changed_end_ && !is_changed(number)) ++number;
  return number < changed_end_ ? number : shape_.pages();
}

int64_t SlotPlan::last_changed(int64_t number) const {
  number = std::min(number, changed_end_ - 1);
  while (number >= changed_begin_ && !is_changed(number)) --number;
  return number >= changed_begin_ ? number : -1;
}

}  // namespace swr
