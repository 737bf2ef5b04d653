// Whether it pays to splice a change into a foreign stream.
//
// A splice inflates the whole stream and encodes the blocks around the changes; a rewrite encodes
// all, and makes the stream slotted, after which a change costs its slots only. So:
//   - a stream is spliced once. The next change makes it slotted.
//   - a change of much is a rewrite at once, without a look at the stream.
//   - a splice that does not fit gives up when its attempts have cost half a rewrite.
//
// benchmarks/splice, CPU time and bytes written, a rewrite = 1; 20 files of eleven settings of
// gzip, pigz, igzip, libdeflate, 7-Zip and nibabel, of 8 to 105 MB of CT-like, MR-like, label and
// noise pixels, two cores:
//   a row or a slice, 105 MB            all fit    0.15 CPU        0.01 of the bytes
//   64 x 64 x 64, 105 MB                all fit    0.35 CPU        0.40 (half of it the journal)
//   5 and 30 % of the image             rewritten at once: 0.8 to 1.1 CPU
//   17 MB, all boxes                    1 to 6 of 10 fit: 0.07 to 0.50 CPU; the rest 0.9 to 1.3
// What fits least is what libdeflate 12 and 7-Zip made. Without the limits, and with zlib alone, a
// splice of 64 x 64 x 64 took 1.1 to 1.6, and one that did not fit up to 30.
#pragma once

#include <cstdint>

#include "stores/store.h"

namespace swr {

// What an encoder takes for a raw byte, if the quick one takes 1.
constexpr int quick_effort = 1, best_effort = 5;

// The most effort for a stream of `raw_bytes`, all attempts together. For a small stream it is more
// than it pays for: the file stays as it is, and the time is short.
int64_t most_splice_effort(int64_t raw_bytes);

// About how many raw bytes a splice encodes again.
int64_t splice_effort(const Overlay& overlay, int64_t raw_bytes);

// False if the changes alone show that the effort would be too much.
bool splice_may_pay(const Overlay& overlay, int64_t raw_bytes);

}  // namespace swr
