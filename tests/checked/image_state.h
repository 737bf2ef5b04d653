// The content of a file, read through the public interface.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "swr/swr.h"

namespace swr::checked {

using Bytes = std::vector<unsigned char>;

// Images with more bytes than this are compared in parts, or not at all.
inline constexpr int64_t most_bytes = int64_t{32} << 20;
// Nor are they verified with more than this, which takes seconds.
inline constexpr int64_t most_bytes_to_verify = int64_t{128} << 20;

struct ImageState {
  swr_region region{};
  swr_component component = SWR_COMPONENT_UNKNOWN;
  int32_t components = 0;
  swr_kind kind = SWR_KIND_SCALAR;
  std::vector<double> spacing, origin, direction;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string format, encoding;
  bool has_pixels = false;
  Bytes pixels;  // packed; empty if they are too many

  int64_t pixel_bytes() const;
};

// Opens the file, verifies it if asked to, and reads it. `dataset`: the reader's option
// hdf5.dataset; empty if it is not set. Returns what went wrong, or nothing.
std::string read_state(const std::string& path, bool verify, ImageState& state,
                       const std::string& dataset = {});

// A region of a file that is too large to be read whole.
std::string read_part(const std::string& path, const swr_region& region, Bytes& pixels,
                      const std::string& dataset);

// Regions.
int64_t pixels_of(const swr_region& region);
bool same(const swr_region& a, const swr_region& b);
bool contains(const swr_region& outer, const swr_region& inner);
swr_region intersection(const swr_region& a,
                        const swr_region& b);  // its size is 0 somewhere if there is none
swr_region bounding_box(const swr_region& a, const swr_region& b);
std::string text_of(const swr_region& region);
// The rows of `part`, which both hold.
void copy_part(const swr_region& part, int64_t pixel_bytes, const unsigned char* from,
               const swr_region& from_region, unsigned char* to, const swr_region& to_region);

}  // namespace swr::checked
