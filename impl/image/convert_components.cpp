#include "image/convert_components.h"

#include <array>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "image/elements.h"

namespace swr {
namespace {

template <typename Bits, int from_components, int to_components>
void repeat_or_drop(const std::byte* __restrict from, std::byte* __restrict to, Bits opaque,
                    int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    for (int c = 0; c < to_components; ++c) {
      const Bits value =
          c == 3 ? opaque
                 : element<Bits>(from, i * from_components + (from_components == 1 ? 0 : c));
      set_element<Bits>(to, i * to_components + c, value);
    }
  }
}

template <typename Bits>
void change_components(const std::byte* from, int from_components, std::byte* to, int to_components,
                       const std::byte* alpha, int64_t count) {
  Bits opaque;
  std::memcpy(&opaque, alpha, sizeof(Bits));
  if (from_components == 1 && to_components == 3)
    return repeat_or_drop<Bits, 1, 3>(from, to, opaque, count);
  if (from_components == 1) return repeat_or_drop<Bits, 1, 4>(from, to, opaque, count);
  if (from_components == 3) return repeat_or_drop<Bits, 3, 4>(from, to, opaque, count);
  return repeat_or_drop<Bits, 4, 3>(from, to, opaque, count);
}

std::array<std::byte, 8> opaque_alpha(swr_component type) {
  switch (type) {
    case SWR_UINT8: return bytes_of(std::numeric_limits<uint8_t>::max());
    case SWR_INT8: return bytes_of(std::numeric_limits<int8_t>::max());
    case SWR_UINT16: return bytes_of(std::numeric_limits<uint16_t>::max());
    case SWR_INT16: return bytes_of(std::numeric_limits<int16_t>::max());
    case SWR_UINT32: return bytes_of(std::numeric_limits<uint32_t>::max());
    case SWR_INT32: return bytes_of(std::numeric_limits<int32_t>::max());
    case SWR_UINT64: return bytes_of(std::numeric_limits<uint64_t>::max());
    case SWR_INT64: return bytes_of(std::numeric_limits<int64_t>::max());
    case SWR_FLOAT32: return bytes_of(1.0F);
    case SWR_FLOAT64: return bytes_of(1.0);
    default: fail(SWR_ERROR_ARGUMENT, "unknown component type ", static_cast<int>(type));
  }
}

}  // namespace

bool components_convert(int from_components, int to_components) {
  if (from_components == to_components) return true;
  if (from_components == 1) return to_components == 3 || to_components == 4;
  return (from_components == 3 && to_components == 4) ||
         (from_components == 4 && to_components == 3);
}

void convert_components(const std::byte* from, int from_components, std::byte* to,
                        int to_components, swr_component type, int64_t count) {
  if (!components_convert(from_components, to_components)) {
    fail(SWR_ERROR_INTERNAL, from_components, " components do not become ", to_components);
  }
  const int bytes = swr_component_bytes(type);
  const auto alpha = opaque_alpha(type);
  if (from_components == to_components) {
    if (count > 0) std::memcpy(to, from, static_cast<size_t>(count * from_components * bytes));
    return;
  }
  switch (bytes) {
    case 1:
      return change_components<uint8_t>(from, from_components, to, to_components, alpha.data(),
                                        count);
    case 2:
      return change_components<uint16_t>(from, from_components, to, to_components, alpha.data(),
                                         count);
    case 4:
      return change_components<uint32_t>(from, from_components, to, to_components, alpha.data(),
                                         count);
    default:
      return change_components<uint64_t>(from, from_components, to, to_components, alpha.data(),
                                         count);
  }
}

}  // namespace swr
