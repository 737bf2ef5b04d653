// The spare room of each slot, so that a changed run fits into the place of the old one.
#pragma once

#include <cstdint>

#include "stores/deflate_blocks.h"

namespace swr {

// SWR_ERROR_ARGUMENT for options outside their limits.
void check_options(const DeflateOptions& options);

// The filler of a new slot, always fillable: `percent` of the run or half of that percentage of the
// raw bytes, whichever is more. Runs of label maps are so short that a share of the run would be
// useless.
int64_t slack_bytes(int64_t run_bytes, int64_t raw_bytes, double percent);

}  // namespace swr
