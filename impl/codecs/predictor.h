// TIFF's predictors: what is stored of a sample is its difference from the one before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace swr {

// The rows of `bytes` are of `row_samples` samples, each of 1, 2, 4 or 8 bytes. A sample's
// predecessor is the one `distance` samples before it; the first ones of a row have none.
struct Differences {
  int64_t sample_bytes = 1;
  int64_t row_samples = 1;
  int64_t distance = 1;
  bool big_endian = false;  // the samples
};

// Predictor 2 (TIFF 6.0, section 14): differences of integers, which wrap. Requires: `bytes` are
// whole rows.
void make_differences(const Differences& how, std::span<std::byte> bytes);
void undo_differences(const Differences& how, std::span<std::byte> bytes);

// Predictor 3 (Adobe Photoshop TIFF Technical Note 3): a row has first the most significant byte of
// each sample, then the next ones, in any byte order of the file; each of these bytes is a
// difference. Requires: `bytes` are whole rows.
void make_float_differences(const Differences& how, std::span<std::byte> bytes);
void undo_float_differences(const Differences& how, std::span<std::byte> bytes);

}  // namespace swr
