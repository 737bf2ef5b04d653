// The room that each slot keeps, so that a changed run fits where the old one was.
#pragma once

#include <cstdint>

#include "stores/deflate_blocks.h"

namespace swr {

// SWR_ERROR_ARGUMENT for options outside their limits.
void check_options(const DeflateOptions& options);

// The filler of a new slot, always fillable: `percent` of the run or half of that of the raw bytes,
// whichever is more. Runs of label maps are so short that a share of them alone would hold nothing.
int64_t slack_bytes(int64_t run_bytes, int64_t raw_bytes, double percent);

}  // namespace swr
