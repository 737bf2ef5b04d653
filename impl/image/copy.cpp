#include "image/copy.h"

#include <cstdint>
#include <cstring>

#include "base/checked.h"

namespace swr {

namespace {

void check_covers(const Region& held, const Region& part, int64_t pixel_bytes) {
  if (!held.contains(part))
    fail(SWR_ERROR_REGION, "the region ", part.text(), " is not inside ", held.text());
  checked_multiply(held.pixels(), pixel_bytes);
}

// Calls copy(from byte, to byte, bytes) for each stretch that is contiguous in both buffers.
template <typename Copy>
void for_each_stretch(const Region& part, int64_t pixel_bytes, const Region& from_region,
                      const Region& to_region, const Copy& copy) {
  Index from_step{}, to_step{}, at{};
  int64_t from = 0, to = 0, bytes = pixel_bytes;
  int64_t from_pitch = pixel_bytes, to_pitch = pixel_bytes;
  int first_outer = 0;
  bool whole_so_far = true;
  for (int axis = 0; axis < part.dimensions; ++axis) {
    from_step[axis] = from_pitch;
    to_step[axis] = to_pitch;
    from += (part.index[axis] - from_region.index[axis]) * from_pitch;
    to += (part.index[axis] - to_region.index[axis]) * to_pitch;
    if (whole_so_far) {
      bytes *= part.size[axis];
      first_outer = axis + 1;
      whole_so_far =
          part.size[axis] == from_region.size[axis] && part.size[axis] == to_region.size[axis];
    }
    from_pitch *= from_region.size[axis];
    to_pitch *= to_region.size[axis];
  }
  for (;;) {
    copy(from, to, bytes);
    int axis = first_outer;
    for (; axis < part.dimensions; ++axis) {
      from += from_step[axis];
      to += to_step[axis];
      if (++at[axis] < part.size[axis]) break;
      from -= from_step[axis] * part.size[axis];
      to -= to_step[axis] * part.size[axis];
      at[axis] = 0;
    }
    if (axis == part.dimensions) return;
  }
}

template <int bytes>
void spread(const std::byte* __restrict plane, std::byte* __restrict pixels, int64_t pitch,
            int64_t count) {
  for (int64_t i = 0; i < count; ++i) std::memcpy(pixels + i * pitch, plane + i * bytes, bytes);
}

template <int bytes>
void gather(const std::byte* __restrict pixels, std::byte* __restrict plane, int64_t pitch,
            int64_t count) {
  for (int64_t i = 0; i < count; ++i) std::memcpy(plane + i * bytes, pixels + i * pitch, bytes);
}

}  // namespace

void copy_region(const Region& part, int64_t pixel_bytes, const std::byte* from,
                 const Region& from_region, std::byte* to, const Region& to_region) {
  if (part.empty()) return;
  check_covers(from_region, part, pixel_bytes);
  check_covers(to_region, part, pixel_bytes);
  for_each_stretch(part, pixel_bytes, from_region, to_region,
                   [&](int64_t from_byte, int64_t to_byte, int64_t bytes) {
                     std::memcpy(to + to_byte, from + from_byte, static_cast<size_t>(bytes));
                   });
}

void interleave(const std::byte* plane, std::byte* pixels, int component, int components,
                int component_bytes, int64_t count) {
  std::byte* first = pixels + int64_t{component} * component_bytes;
  const int64_t pitch = int64_t{components} * component_bytes;
  switch (component_bytes) {
    case 1: return spread<1>(plane, first, pitch, count);
    case 2: return spread<2>(plane, first, pitch, count);
    case 4: return spread<4>(plane, first, pitch, count);
    case 8: return spread<8>(plane, first, pitch, count);
    default: fail(SWR_ERROR_INTERNAL, "components of ", component_bytes, " bytes");
  }
}

void deinterleave(const std::byte* pixels, std::byte* plane, int component, int components,
                  int component_bytes, int64_t count) {
  const std::byte* first = pixels + int64_t{component} * component_bytes;
  const int64_t pitch = int64_t{components} * component_bytes;
  switch (component_bytes) {
    case 1: return gather<1>(first, plane, pitch, count);
    case 2: return gather<2>(first, plane, pitch, count);
    case 4: return gather<4>(first, plane, pitch, count);
    case 8: return gather<8>(first, plane, pitch, count);
    default: fail(SWR_ERROR_INTERNAL, "components of ", component_bytes, " bytes");
  }
}

}  // namespace swr
