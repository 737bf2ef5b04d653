#include "image/pixel_type.h"

namespace swr {

std::string PixelType::text() const {
  std::string out = swr_component_name(component);
  if (kind == SWR_KIND_SCALAR) return out;
  out += std::string(" ") + swr_kind_name(kind);
  if (kind == SWR_KIND_VECTOR || kind == SWR_KIND_COVARIANT_VECTOR ||
      kind == SWR_KIND_SYMMETRIC_TENSOR) {
    out += " of " + std::to_string(components);
  }
  return out;
}

}  // namespace swr
