// Makes room for changed runs that do not fit their slots: neighbours give up room, or everything
// after them moves.
#pragma once

#include <cstdint>
#include <functional>

#include "codecs/filler.h"
#include "stores/slot_directory.h"

namespace swr {

inline bool run_fits(int64_t run_bytes, int64_t slot_bytes) {
  return run_bytes <= slot_bytes && fillable(slot_bytes - run_bytes);
}

// The planned slots of a stream.
class SlotTable {
 public:
  virtual ~SlotTable() = default;
  virtual int64_t count() const = 0;
  virtual Slot get(int64_t number) = 0;
  virtual void set(int64_t number, const Slot& slot) = 0;
};

struct Ladder {
  double slack_percent = 3;   // spare room of slots that get a new size
  bool tail_may_move = true;  // whether everything after a slot may move
};

// Gives new sizes to slots whose runs changed. On entry the slots have their old sizes and the new
// lengths of their runs. `next_changed` returns the first changed slot at or after a number, or the
// count. Slots from `first_new` on get new sizes. False if there is no room for the runs.
bool make_room(SlotTable& slots, const std::function<int64_t(int64_t)>& next_changed,
               int64_t first_new, int64_t slot_raw_bytes, const Ladder& ladder);

}  // namespace swr
