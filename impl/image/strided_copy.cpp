#include "image/strided_copy.h"

#include <cstring>

namespace swr {
namespace {

// The size is known to the compiler, which makes moves of registers of it.
template <size_t bytes>
void copy_elements(const StridedAxis& axis, const std::byte* from, std::byte* to) {
  for (int64_t i = 0; i < axis.count; ++i, from += axis.from, to += axis.to)
    std::memcpy(to, from, bytes);
}

void copy_row(const StridedAxis& axis, int64_t element_bytes, const std::byte* from,
              std::byte* to) {
  if (axis.from == element_bytes && axis.to == element_bytes) {
    std::memcpy(to, from, static_cast<size_t>(axis.count * element_bytes));
    return;
  }
  switch (element_bytes) {
    case 1: return copy_elements<1>(axis, from, to);
    case 2: return copy_elements<2>(axis, from, to);
    case 4: return copy_elements<4>(axis, from, to);
    case 8: return copy_elements<8>(axis, from, to);
    case 16: return copy_elements<16>(axis, from, to);
    default:
      for (int64_t i = 0; i < axis.count; ++i, from += axis.from, to += axis.to)
        std::memcpy(to, from, static_cast<size_t>(element_bytes));
  }
}

}  // namespace

void copy_strided(std::span<const StridedAxis> axes, int64_t element_bytes, const std::byte* from,
                  std::byte* to) {
  if (axes.empty()) {
    std::memcpy(to, from, static_cast<size_t>(element_bytes));
    return;
  }
  const StridedAxis& axis = axes.front();
  if (axes.size() == 1) return copy_row(axis, element_bytes, from, to);
  for (int64_t i = 0; i < axis.count; ++i, from += axis.from, to += axis.to)
    copy_strided(axes.subspan(1), element_bytes, from, to);
}

}  // namespace swr
