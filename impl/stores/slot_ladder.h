// Where changed runs go when they do not fit their slots: neighbours give up room, or everything
// behind moves.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "codecs/filler.h"
#include "stores/slot_directory.h"

namespace swr {

inline bool run_fits(int64_t run_bytes, int64_t slot_bytes) {
  return run_bytes <= slot_bytes && fillable(slot_bytes - run_bytes);
}

struct Ladder {
  double slack_percent = 3;   // room of slots that are laid out anew
  bool tail_may_move = true;  // what lies behind a slot, to the stream's end
};

// Gives new sizes to slots whose runs changed. On entry the slots have their old sizes, and the new
// lengths of their runs; `changed` are the numbers of those that changed, ascending. Slots from
// `first_new` on are laid out anew. False if the runs find no room.
bool climb(std::vector<Slot>& slots, std::span<const int64_t> changed, int64_t first_new,
           int64_t slot_raw_bytes, const Ladder& ladder);

}  // namespace swr
