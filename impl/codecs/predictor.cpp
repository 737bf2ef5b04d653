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

// Backwards, because each sample is needed after its successor.
template <typename Sample, bool big_endian>
void take_apart(std::span<std::byte> row, size_t distance) {
  constexpr size_t width = sizeof(Sample);
  for (size_t at = row.size(); at > distance * width; at -= width) {
    std::byte* const sample = row.data() + at - width;
    const auto before = load<Sample>(sample - distance * width, big_endian);
    const auto value = load<Sample>(sample, big_endian);
    store(sample, static_cast<Sample>(value - before), big_endian);
  }
}

enum class Direction { make, undo };

template <typename Sample, Direction direction>
void change_rows(const Differences& how, std::span<std::byte> bytes) {
  const auto row_bytes = static_cast<size_t>(how.row_samples) * sizeof(Sample);
  const auto distance = static_cast<size_t>(how.distance);
  constexpr bool undoes = direction == Direction::undo;
  for (size_t at = 0; at < bytes.size(); at += row_bytes) {
    const auto row = bytes.subspan(at, row_bytes);
    if (how.big_endian) {
      undoes ? add_up<Sample, true>(row, distance) : take_apart<Sample, true>(row, distance);
    } else {
      undoes ? add_up<Sample, false>(row, distance) : take_apart<Sample, false>(row, distance);
    }
  }
}

template <Direction direction>
void change(const Differences& how, std::span<std::byte> bytes) {
  switch (how.sample_bytes) {
    case 1: return change_rows<uint8_t, direction>(how, bytes);
    case 2: return change_rows<uint16_t, direction>(how, bytes);
    case 4: return change_rows<uint32_t, direction>(how, bytes);
    default: return change_rows<uint64_t, direction>(how, bytes);
  }
}

}  // namespace

void make_differences(const Differences& how, std::span<std::byte> bytes) {
  change<Direction::make>(how, bytes);
}

void undo_differences(const Differences& how, std::span<std::byte> bytes) {
  change<Direction::undo>(how, bytes);
}

void make_float_differences(const Differences& how, std::span<std::byte> bytes) {
  const auto width = static_cast<size_t>(how.sample_bytes);
  const auto samples = static_cast<size_t>(how.row_samples);
  std::vector<std::byte> stored(samples * width);
  for (size_t at = 0; at < bytes.size(); at += stored.size()) {
    const auto row = bytes.subspan(at, stored.size());
    for (size_t plane = 0; plane < width; ++plane) {
      const size_t byte = how.big_endian ? plane : width - 1 - plane;
      for (size_t i = 0; i < samples; ++i) stored[plane * samples + i] = row[i * width + byte];
    }
    take_apart<uint8_t, false>(stored, static_cast<size_t>(how.distance));
    std::ranges::copy(stored, row.begin());
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
