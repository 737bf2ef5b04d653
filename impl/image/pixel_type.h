// The type of a pixel.
#pragma once

#include <cstdint>
#include <string>

#include "swr/types.h"

namespace swr {

struct PixelType {
  swr_component component = SWR_COMPONENT_UNKNOWN;
  int components = 1;
  swr_kind kind = SWR_KIND_SCALAR;

  bool operator==(const PixelType&) const = default;
  int64_t bytes() const { return int64_t{swr_component_bytes(component)} * components; }
  // Such as "uint16", "uint8 rgb" or "float32 vector of 6".
  std::string text() const;
};

// SWR_ERROR_ARGUMENT for invalid values.
void check_component(swr_component component);
void check_component_count(int count, int least);
void check_pixel_type(const PixelType& pixel);

// The default kind for `components`.
inline swr_kind default_kind(int components) {
  return components == 1 ? SWR_KIND_SCALAR : SWR_KIND_VECTOR;
}

}  // namespace swr
