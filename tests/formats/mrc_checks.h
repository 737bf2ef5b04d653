// Shared by the tests of MRC: images, plans, and headers in which one field is another.
#pragma once

#include "base/byte_order.h"
#include "formats/mrc_header.h"
#include "header_checks.h"

namespace swr {
extern const Format mrc_format;
}

namespace swr::checks {

inline std::string mrc_sample(const std::string& name) {
  return SWR_TEST_DATA "/mrc/" + name;
}

inline Image placed(std::vector<int64_t> size, swr_component component = SWR_INT16) {
  Image image = an_image(std::move(size), component);
  for (int axis = 0; axis < std::min(image.dimensions(), 3); ++axis) {
    image.spacing[axis] = 0.5 + 0.25 * axis;
    image.origin[axis] = -10.5 + 7 * axis;
  }
  return image;
}

inline NewFile planned(const Image& image, const std::string& path,
                       const Description* base = nullptr) {
  NewFileRequest request = request_for(mrc_format, path);
  request.base = base;
  return mrc_format.plan(image, request);
}

inline std::string written(const Image& image, const std::string& path) {
  std::string header = planned(image, path).header;
  write_bytes(path, header);
  return header;
}

// The header's fields after a change.
template <typename Value>
std::string with_field(std::string header, size_t at, Value value, bool big_endian = false) {
  if (at + sizeof value > header.size()) stop(text("there is no byte ", at));
  store(reinterpret_cast<std::byte*>(header.data()) + at, value, big_endian);
  return header;
}

inline MrcHeader header_of(const std::string& path) {
  return MrcHeader(read_bytes(path).substr(0, mrc_header_bytes), path);
}

}  // namespace swr::checks
