#include "formats/tiff_directory_bytes.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/byte_order.h"
#include "base/checked.h"

namespace swr {

TiffType tiff_offset_type(const TiffNumbers& numbers) {
  return numbers.big ? TiffType::u64 : TiffType::u32;
}

int64_t tiff_alignment(const TiffNumbers& numbers) {
  return numbers.big ? 8 : 2;
}

template <typename Value>
std::string TiffDirectoryBytes::encoded(Value value) const {
  std::string out(sizeof(Value), '\0');
  store(reinterpret_cast<std::byte*>(out.data()), value, numbers_.big_endian);
  return out;
}

std::string TiffDirectoryBytes::offset_text(int64_t value) const {
  return numbers_.big ? encoded(static_cast<uint64_t>(value))
                      : encoded(static_cast<uint32_t>(value));
}

void TiffDirectoryBytes::add(uint16_t tag, TiffType type, uint64_t count, std::string values) {
  entries_.push_back({tag, type, count, std::move(values)});
}

void TiffDirectoryBytes::add_numbers(uint16_t tag, TiffType type,
                                     const std::vector<uint64_t>& values) {
  std::string bytes;
  for (const uint64_t value : values) {
    switch (tiff_type_bytes(static_cast<uint16_t>(type))) {
      case 1: bytes += encoded(static_cast<uint8_t>(value)); break;
      case 2: bytes += encoded(static_cast<uint16_t>(value)); break;
      case 4: bytes += encoded(static_cast<uint32_t>(value)); break;
      default: bytes += encoded(value); break;
    }
  }
  add(tag, type, values.size(), std::move(bytes));
}

void TiffDirectoryBytes::add_fraction(uint16_t tag, uint32_t numerator, uint32_t denominator) {
  add(tag, TiffType::rational, 1, encoded(numerator) + encoded(denominator));
}

void TiffDirectoryBytes::add_entry(uint16_t tag, std::string bytes) {
  entries_.push_back({tag, {}, 0, std::move(bytes), true});
}

bool TiffDirectoryBytes::is_inside(const Entry& entry) const {
  return entry.is_whole || std::ssize(entry.values) <= numbers_.offset_bytes();
}

int64_t TiffDirectoryBytes::aligned(int64_t bytes) const {
  return round_up(bytes, tiff_alignment(numbers_));
}

int64_t TiffDirectoryBytes::bytes() const {
  int64_t bytes = numbers_.count_bytes() + numbers_.offset_bytes() +
                  std::ssize(entries_) * numbers_.entry_bytes();
  bytes = aligned(bytes);
  for (const Entry& entry : entries_) {
    if (!is_inside(entry)) bytes += aligned(std::ssize(entry.values));
  }
  return bytes;
}

int64_t TiffDirectoryBytes::filling() const {
  int64_t last = numbers_.count_bytes() + numbers_.offset_bytes() +
                 std::ssize(entries_) * numbers_.entry_bytes();
  for (const Entry& entry : entries_) {
    if (!is_inside(entry)) last = std::ssize(entry.values);
  }
  return aligned(last) - last;
}

std::string TiffDirectoryBytes::text(int64_t offset, int64_t next) {
  std::ranges::stable_sort(entries_, {}, &Entry::tag);
  const auto count = static_cast<uint64_t>(entries_.size());
  std::string out = numbers_.big ? encoded(count) : encoded(static_cast<uint16_t>(count));
  const int64_t fields = numbers_.count_bytes() + numbers_.offset_bytes() +
                         std::ssize(entries_) * numbers_.entry_bytes();
  std::string values;
  for (const Entry& entry : entries_) {
    if (entry.is_whole) {
      out += entry.values;
      continue;
    }
    out += encoded(entry.tag) + encoded(static_cast<uint16_t>(entry.type));
    out += offset_text(static_cast<int64_t>(entry.count));
    if (is_inside(entry)) {
      std::string inside = entry.values;
      inside.resize(static_cast<size_t>(numbers_.offset_bytes()), '\0');
      out += inside;
    } else {
      out += offset_text(offset + aligned(fields) + std::ssize(values));
      values += entry.values;
      values.resize(static_cast<size_t>(aligned(std::ssize(values))), '\0');
    }
  }
  out += offset_text(next);
  out.resize(static_cast<size_t>(aligned(fields)), '\0');
  return out + values;
}

}  // namespace swr
