// Builds the bytes of a directory (tiff_file.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/tiff_file.h"

namespace swr {

// Where directories and values may begin.
int64_t tiff_alignment(const TiffNumbers& numbers);
// The type of tags with offsets in the file.
TiffType tiff_offset_type(const TiffNumbers& numbers);

class TiffDirectoryBytes {
 public:
  explicit TiffDirectoryBytes(const TiffNumbers& numbers) : numbers_(numbers) {}

  // Values as they are in the file. Tags may be added in any order.
  void add(uint16_t tag, TiffType type, uint64_t count, std::string values);
  void add_numbers(uint16_t tag, TiffType type, const std::vector<uint64_t>& values);
  void add_fraction(uint16_t tag, uint32_t numerator, uint32_t denominator);
  // The bytes of the entry of another directory in the same file, whose values stay where they are.
  void add_entry(uint16_t tag, std::string bytes);

  int64_t bytes() const;  // even, or a multiple of 8 in a BigTIFF
  // How many of them, at the end, only fill it up to where another directory can begin.
  int64_t filling() const;
  // The directory at `offset`, and the values that follow it. `next`: of the next directory.
  std::string text(int64_t offset, int64_t next);

 private:
  struct Entry {
    uint16_t tag = 0;
    TiffType type{};
    uint64_t count = 0;
    std::string values{};
    bool is_whole = false;  // `values` are the bytes of the entry
  };

  template <typename Value>
  std::string encoded(Value value) const;
  std::string offset_text(int64_t value) const;
  bool is_inside(const Entry& entry) const;
  int64_t aligned(int64_t bytes) const;

  TiffNumbers numbers_;
  std::vector<Entry> entries_;
};

}  // namespace swr
