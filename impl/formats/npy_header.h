// The header of a NumPy array: a Python dictionary after a few bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/header_text.h"
#include "storage/file.h"

namespace swr {

inline constexpr std::string_view npy_magic = "\x93NUMPY";
inline constexpr size_t npy_version_end = 8;  // of the magic and the version
// After the dictionary: the fastest axis holds the components of the pixels.
inline constexpr char npy_components_note = '\t';

struct NpyHeader {
  int64_t text_begin = 0;
  std::string text{};  // up to the pixels
  std::string_view descr{};
  bool fortran_order = false;
  std::vector<HeaderValue> shape{};  // the numbers; offsets in the text
  bool has_components = false;       // along the fastest axis

  NpyHeader() = default;
  NpyHeader(const NpyHeader&) = delete;  // its views are of `text`
  NpyHeader& operator=(const NpyHeader&) = delete;

  int64_t pixels_begin() const { return text_begin + std::ssize(text); }
  size_t slowest() const { return fortran_order ? shape.size() - 1 : 0; }
};

// SWR_ERROR_CORRUPT, and SWR_ERROR_UNSUPPORTED for arrays of structures and other versions.
void read_npy_header(const File& file, NpyHeader& header);

}  // namespace swr
