// What a reader knows about its file.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "handles.h"

namespace swr::tool {

struct Facts {
  swr_region region{};
  swr_component component = SWR_COMPONENT_UNKNOWN;
  int32_t components = 1;
  swr_kind kind = SWR_KIND_SCALAR;
  std::vector<double> spacing, origin, direction;
  std::vector<swr_unit> units;  // the file's; the numbers here are in mm, s, ...
  double slope = 1, intercept = 0;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string format, encoding, data_file;
  bool slotted = false, big_endian = false;
  std::vector<int64_t> chunk_shape;  // empty if the image is not in chunks

  int dimensions() const { return region.dimensions; }
  int64_t pixel_bytes() const { return int64_t{swr_component_bytes(component)} * components; }
  bool has_value_scale() const { return slope != 1 || intercept != 0; }
  // Such as "uint16 scalar" or "uint8 rgb" or "float32 vector of 6".
  std::string pixel_text() const;
  // Such as "deflate, slotted", or "zstd, in chunks".
  std::string encoding_text() const;
};

Facts read_facts(swr_reader* reader);
// Numbers with a space between them, as short as they can be without losing a bit.
std::string number_text(double value);
std::string number_text(const std::vector<double>& values);

}  // namespace swr::tool
