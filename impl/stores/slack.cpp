#include "stores/slack.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "codecs/filler.h"
#include "stores/slot_directory.h"

namespace swr {

void check_options(const DeflateOptions& options) {
  if (options.slot_bytes < least_slot_raw_bytes || options.slot_bytes > most_slot_raw_bytes) {
    fail(SWR_ERROR_ARGUMENT, "slots of ", options.slot_bytes, " bytes are not between ",
         least_slot_raw_bytes, " and ", most_slot_raw_bytes);
  }
  if (options.node_entries < 2 || options.node_entries > most_node_entries)
    fail(SWR_ERROR_ARGUMENT, "directory nodes of ", options.node_entries, " entries");
  if (!(options.slack_percent >= 0 && options.slack_percent <= 100)) {
    fail(SWR_ERROR_ARGUMENT, "a slack of ", options.slack_percent,
         " percent is not between 0 and 100");
  }
}

int64_t slack_bytes(int64_t run_bytes, int64_t raw_bytes, double percent) {
  const double wanted = std::max(static_cast<double>(run_bytes) * percent / 100,
                                 static_cast<double>(raw_bytes) * percent / 200);
  return round_up_to_fillable(std::llround(wanted));
}

}  // namespace swr
