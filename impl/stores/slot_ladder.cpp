#include "stores/slot_ladder.h"

#include <algorithm>

#include "stores/slack.h"

namespace swr {
namespace {

constexpr int64_t most_neighbours = 1024;

int64_t free_bytes(const Slot& slot) {
  return int64_t{slot.bytes} - slot.run_bytes;
}

// Consecutive slots that together have room for all their runs.
struct Window {
  int64_t first, last;
  int64_t free;
  int64_t runs;

  int64_t slots() const { return last - first + 1; }
  // Each keeps some room, so that the next change fits without this.
  bool has_room() const { return free >= 32 * slots() + runs / 256; }
};

// Widens alternately to both sides until there is room; false if there is none nearby.
bool find_window(SlotTable& slots, int64_t slot, int64_t end, int64_t reach, Window& window) {
  const auto include = [&](int64_t number) {
    const Slot here = slots.get(number);
    window.free += free_bytes(here);
    window.runs += here.run_bytes;
  };
  window = {slot, slot, 0, 0};
  include(slot);
  bool to_the_left = false;
  while (!window.has_room()) {
    const bool left = window.first > 0, right = window.last + 1 < end;
    if ((!left && !right) || window.slots() >= reach) return false;
    if (left && (to_the_left || !right)) {
      include(--window.first);
    } else {
      include(++window.last);
    }
    to_the_left = !to_the_left;
  }
  return true;
}

bool rebalance(SlotTable& slots, int64_t slot, int64_t end, int64_t reach) {
  Window window{};
  if (!find_window(slots, slot, end, reach, window)) return false;
  const int64_t share = window.free / window.slots();
  int64_t left = window.free;
  for (int64_t number = window.first; number <= window.last; ++number) {
    Slot here = slots.get(number);
    const int64_t room = number == window.last ? left : share;
    here.bytes = static_cast<uint32_t>(here.run_bytes + room);
    slots.set(number, here);
    left -= room;
  }
  return true;
}

}  // namespace

bool make_room(SlotTable& slots, const std::function<int64_t(int64_t)>& next_changed,
               int64_t first_new, int64_t slot_raw_bytes, const Ladder& ladder) {
  const auto lay_out_again = [&](int64_t number, Slot slot) {
    slot.bytes = slot.run_bytes + static_cast<uint32_t>(slack_bytes(slot.run_bytes, slot_raw_bytes,
                                                                    ladder.slack_percent));
    slots.set(number, slot);
  };
  bool tail_moves = false;
  for (int64_t number = next_changed(0); number < slots.count();
       number = next_changed(number + 1)) {
    const Slot slot = slots.get(number);
    if (number >= first_new) {
      lay_out_again(number, slot);
      continue;
    }
    if (run_fits(slot.run_bytes, slot.bytes)) continue;
    const int64_t reach = ladder.tail_may_move ? most_neighbours : first_new;
    if (!tail_moves && rebalance(slots, number, first_new, reach)) continue;
    if (!ladder.tail_may_move) return false;
    lay_out_again(number, slot);
    tail_moves = true;
  }
  return ladder.tail_may_move || first_new == slots.count();
}

}  // namespace swr
