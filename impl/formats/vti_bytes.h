// The bytes of an array of VTK's XML image data that is not text: raw, or in base64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "formats/vti_header.h"
#include "storage/file.h"

namespace swr {

class VtiBytes {
 public:
  // Both must outlive it. Requires: the array is not text.
  VtiBytes(const File& file, const VtiHeader& header, const VtiArray& array);

  int64_t begin() const { return begin_; }
  // The first byte of the file after those of the array.
  int64_t end() const { return end_; }
  bool is_base64() const { return is_base64_; }
  // False if the array ends before.
  bool read(int64_t offset, std::span<std::byte> out) const;
  // The number at a byte; nothing if the array ends before.
  std::optional<int64_t> number(int64_t offset) const;
  // Where in the file the bytes end that begin where the array does.
  int64_t after(int64_t bytes) const;

 private:
  const File& file_;
  const VtiHeader& header_;
  int64_t begin_, end_;
  bool is_base64_;
};

}  // namespace swr
