#include "engine/statistics.h"

#include "base/error.h"

namespace swr {

int64_t Statistics::value(swr_statistic which) const {
  switch (which) {
    case SWR_STATISTIC_PULLS: return pulls;
    case SWR_STATISTIC_PIECES: return pieces;
    case SWR_STATISTIC_BYTES_IN: return bytes_in;
    case SWR_STATISTIC_BYTES_OUT: return store.bytes_out;
    case SWR_STATISTIC_PULL_NANOSECONDS: return pull_nanoseconds;
    case SWR_STATISTIC_CONVERT_NANOSECONDS: return convert_nanoseconds;
    case SWR_STATISTIC_COMPRESS_NANOSECONDS: return store.compress_nanoseconds;
    case SWR_STATISTIC_STORE_NANOSECONDS: return store.store_nanoseconds;
    case SWR_STATISTIC_PEAK_BUFFER_BYTES: return memory.peak();
    case SWR_STATISTIC_LENT: return lent;
    case SWR_STATISTIC_LENT_CROPPED: return lent_cropped;
    case SWR_STATISTIC_LENT_AGAIN: return lent_again;
    case SWR_STATISTIC_LENT_DIRECT: return lent_direct;
    case SWR_STATISTIC_UNTOUCHED: return untouched;
    case SWR_STATISTIC_METHOD: return method;
    case SWR_STATISTIC_SLOTS_REWRITTEN: return store.slots_rewritten;
    case SWR_STATISTIC_SLOTS_MOVED: return store.slots_moved;
    case SWR_STATISTIC_BLOCKS_SPLICED: return store.blocks_spliced;
    case SWR_STATISTIC_FRAMES_KEPT: return frames_kept;
    case SWR_STATISTIC_CHECKPOINTS: return checkpoints;
    case SWR_STATISTIC_RESUMED: return resumed;
    case SWR_STATISTIC_COUNT:
    case SWR_STATISTIC_FORCE_INT32: break;
  }
  fail(SWR_ERROR_ARGUMENT, "there is no statistic ", static_cast<int>(which));
}

}  // namespace swr
