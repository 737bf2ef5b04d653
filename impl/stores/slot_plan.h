// The planned state of a slotted stream: a table of its slots that stores only changed pages.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stores/scratch.h"
#include "stores/slot_ladder.h"
#include "stores/slot_pages.h"

namespace swr {

struct PlannedSlot {
  Slot slot{};
  uint32_t old_bytes = 0;  // in the old stream
  int64_t run = -1;        // position of its new run in the scratch; -1: it keeps the old one
};

struct PlannedPage {
  int64_t number = 0;
  int64_t old_begin = -1, new_begin = -1;  // of its first slot, from the start of the stream
  std::vector<PlannedSlot> slots{};
};

class SlotPlan : public SlotTable {
 public:
  // Changed pages are kept in memory up to `memory` bytes, the rest in a file in the folder of
  // `beside`. `old` and `counters` must outlive the plan.
  SlotPlan(const SlotPages& old, int64_t new_pixel_bytes, int64_t memory, const std::string& beside,
           StoreCounters& counters);

  const StreamShape& shape() const { return shape_; }  // of the new stream
  const SlotPages& old() const { return old_; }

  int64_t count() const override { return shape_.count(); }
  Slot get(int64_t number) override;
  void set(int64_t number, const Slot& slot) override;
  void set_run(int64_t number, const Slot& slot, int64_t run);
  // The planned end of the last slot.
  int64_t end() const { return shape_.pixels_begin() + shape_.directory_bytes() + slot_bytes_; }
  // Whether a slot has more bytes than the directory can store.
  bool has_too_long_slot() const { return has_too_long_slot_; }

  // Marks a page as changed and stores it here.
  void change_page(int64_t number);
  // Requires: the page is marked as changed.
  PlannedPage page(int64_t number);
  void set_begin(int64_t page, int64_t new_begin);
  // The first changed page at or after (before) `number`; the page count (-1) if there is none.
  int64_t next_changed(int64_t number) const;
  int64_t last_changed(int64_t number) const;

 private:
  bool is_changed(int64_t page) const { return changed_[static_cast<size_t>(page)]; }
  int64_t place_of_page(int64_t page) const;
  int64_t place_of_slot(int64_t number) const;
  PlannedSlot planned_slot(int64_t number);
  void store(int64_t number, const PlannedSlot& slot);

  const SlotPages& old_;
  StreamShape shape_;
  Scratch table_;
  std::vector<bool> changed_;                // by page
  int64_t changed_begin_, changed_end_ = 0;  // the range of changed pages
  int64_t slot_bytes_;                       // of all slots
  bool has_too_long_slot_ = false;
};

}  // namespace swr
