// Compares the pixels of two files of the same size, part by part.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "facts.h"
#include "json.h"

namespace swr::tool {

// A component that differs.
struct PixelDifference {
  std::vector<int64_t> index;  // in A's index space
  int32_t component = 0;
  Json a, b;               // the values; null where they are not finite
  double difference = -1;  // infinite between a number and a NaN
};

struct PixelDifferences {
  std::string not_compared;  // why; "" if they were
  bool real_values = false;  // the value scales differ, so that real values were compared
  int64_t pixels = 0;
  int64_t differing = 0;  // pixels with a component that differs
  PixelDifference first, largest;

  bool same() const { return not_compared.empty() && differing == 0; }
};

// An image and its reader.
struct ComparedImage {
  swr_reader* reader;
  const Facts& facts;
};

// Compares the first pixel of A with the first pixel of B, whatever their start indices are. Two
// buffers of at most `buffer_bytes` each hold the parts.
PixelDifferences pixel_differences(const ComparedImage& a, const ComparedImage& b,
                                   int64_t buffer_bytes);

}  // namespace swr::tool
