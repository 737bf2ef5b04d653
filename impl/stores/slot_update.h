// Changes a slotted stream in place.
#pragma once

#include "stores/deflate_blocks.h"
#include "stores/slotted_file.h"

namespace swr {

DeflateResult update_slots(const SlottedFile& slots, const DeflateUpdate& update, InPlace& change,
                           int file, StoreCounters& counters);

// The slots that hold changed bytes, ascending; all those behind the old end are among them.
std::vector<int64_t> touched_slots(const SlotDirectory& directory, const DeflateUpdate& update);

}  // namespace swr
