// Changes a slotted stream in place.
#pragma once

#include "stores/deflate_blocks.h"
#include "stores/slotted_file.h"

namespace swr {

// The result is not `done` if the change does not fit. DirectoryError if the directory is damaged.
// In both cases nothing was written.
DeflateResult update_slots(const SlottedFile& slots, const DeflateUpdate& update,
                           FileChanges& change, int file, StoreCounters& counters);

// The slots with changed bytes, including all slots after the old end.
class TouchedSlots {
 public:
  // `update` must outlive it.
  TouchedSlots(const StreamShape& shape, const DeflateUpdate& update);
  // The first one at or after `from`; the new number of slots if there is none.
  int64_t next(int64_t from) const;
  int64_t first_new() const { return grown_from_; }

 private:
  const DeflateUpdate& update_;
  int64_t slot_raw_bytes_;
  int64_t count_;       // of the new stream
  int64_t grown_from_;  // all slots from here on are touched
};

}  // namespace swr
