#include "codecs/predictor.h"

#include <algorithm>
#include <vector>

#include "base/byte_order.h"

namespace swr {
namespace {

template <typename Sample, bool big_endian>
void add_up(std::span<std::byte> row, size_t distance) {
  constexpr size_t width = sizeof(Sample);
  for (size_t at = distance * width; at < row.size(); at += width) {
    const auto before = load<Sample>(row.data() + at - distance * width, big_endian);
    const auto difference = load<Sample>(row.data() + at, big_endian);
    store(row.data() + at, static_cast<Sample>(before + difference), big_endian);
  }
}

template <typename Sample>
void add_up_rows(const Differences& how, std::span<std::byte> bytes) {
  const auto row_bytes = static_cast<size_t>(how.row_samples) * sizeof(Sample);
  const auto distance = static_cast<size_t>(how.distance);
  for (size_t at = 0; at < bytes.size(); at += row_bytes) {
    const auto row = bytes.subspan(at, row_bytes);
    if (how.big_endian) {
      add_up<Sample, true>(row, distance);
    } else {
      add_up<Sample, false>(row, distance);
    }
  }
}

}  // namespace

void undo_differences(const Differences& how, std::span<std::byte> bytes) {
  switch (how.sample_bytes) {
    case 1: return add_up_rows<uint8_t>(how, bytes);
    case 2: return add_up_rows<uint16_t>(how, bytes);
    case 4: return add_up_rows<uint32_t>(how, bytes);
    default: return add_up_rows<uint64_t>(how, bytes);
  }
}

void undo_float_differences(const Differences& how, std::span<std::byte> bytes) {
  const auto width = static_cast<size_t>(how.sample_bytes);
  const auto samples = static_cast<size_t>(how.row_samples);
  std::vector<std::byte> row(samples * width);
  for (size_t at = 0; at < bytes.size(); at += row.size()) {
    const auto stored = bytes.subspan(at, row.size());
    add_up<uint8_t, false>(stored, static_cast<size_t>(how.distance));
    for (size_t plane = 0; plane < width; ++plane) {
      const size_t byte = how.big_endian ? plane : width - 1 - plane;
      for (size_t i = 0; i < samples; ++i) row[i * width + byte] = stored[plane * samples + i];
    }
    std::ranges::copy(row, stored.begin());
  }
}

}  // namespace swr
