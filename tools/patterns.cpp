#include "patterns.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "component_types.h"
#include "status.h"

namespace swr::tool {
namespace {

// A row is computed in chunks that begin at multiples of this number, counted from the image's
// first pixel. Inside a chunk the position is a 32-bit number, which the compiler can vectorise,
// and a pixel's value does not depend on where the row that was asked for begins.
constexpr int64_t chunk = 1 << 16;

// The smallest type that is precise enough for every value.
template <class T>
using Real = std::conditional_t<(sizeof(T) <= 2) || std::is_same_v<T, float>, float, double>;

// The largest value of the type that its Real holds; 1 for floating types.
template <class T>
constexpr Real<T> top() {
  if constexpr (std::is_floating_point_v<T>) return 1;
  if constexpr (sizeof(T) == 8)
    return std::is_signed_v<T> ? Real<T>(9223372036854774784.0) : Real<T>(18446744073709549568.0);
  return static_cast<Real<T>>(std::numeric_limits<T>::max());
}

// `share` of the type's range. Requires: 0 <= share <= 1.
template <class T>
T scaled(Real<T> share) {
  if constexpr (std::is_floating_point_v<T>) return share;
  if constexpr (sizeof(T) == 8) return static_cast<T>(share * top<T>());
  if constexpr (sizeof(T) <= 2)
    return static_cast<T>(static_cast<int32_t>(share * top<T>() + Real<T>(0.5)));
  return static_cast<T>(static_cast<int64_t>(share * top<T>() + Real<T>(0.5)));
}

template <class R>
R held_inside(R share) {
  return std::min(std::max(share, R(0)), R(1));
}

uint64_t mix64(uint64_t x) {  // the finaliser of splitmix64
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

inline uint32_t mix32(uint32_t x) {  // "lowbias32"
  x = (x ^ (x >> 16)) * 0x7feb352du;
  x = (x ^ (x >> 15)) * 0x846ca68bu;
  return x ^ (x >> 16);
}

// The formula for pixel c of a chunk: value(c) = f(base + c * step).
struct ChunkStart {
  double base = 0, step = 0, rest = 0;
  uint32_t seed = 0;
};

template <class T>
void ramp(const ChunkStart& start, int32_t first, int32_t count, T* row) {
  const auto base = static_cast<Real<T>>(start.base), step = static_cast<Real<T>>(start.step);
  for (int32_t i = 0; i < count; ++i)
    row[i] = scaled<T>(held_inside(base + static_cast<Real<T>>(first + i) * step));
}

template <class T>
void sphere(const ChunkStart& start, int32_t first, int32_t count, T* row) {
  const auto base = static_cast<Real<T>>(start.base), step = static_cast<Real<T>>(start.step),
             rest = static_cast<Real<T>>(start.rest);
  for (int32_t i = 0; i < count; ++i) {
    const Real<T> x = base + static_cast<Real<T>>(first + i) * step;
    row[i] = scaled<T>(held_inside(1 - (x * x + rest)));
  }
}

template <class T>
void noise(const ChunkStart& start, int32_t first, int32_t count, T* row) {
  for (int32_t i = 0; i < count; ++i) {
    const uint32_t bits = mix32(start.seed + static_cast<uint32_t>(first + i));
    if constexpr (std::is_same_v<T, float>) {
      row[i] = static_cast<float>(static_cast<int32_t>(bits >> 8)) * 0x1p-24f;
    } else if constexpr (std::is_same_v<T, double>) {
      row[i] = static_cast<double>(static_cast<int32_t>(bits >> 1)) * 0x1p-31;
    } else if constexpr (sizeof(T) == 8) {
      row[i] = static_cast<T>((uint64_t{bits} << 32) | mix32(~bits));
    } else {
      row[i] = static_cast<T>(bits >> (32 - 8 * sizeof(T)));
    }
  }
}

// The ramp rises by the same amount along every axis that is longer than one pixel.
ChunkStart ramp_start(const Pattern& pattern, const int64_t* place) {
  int axes = 0;
  for (int d = 0; d < pattern.image.dimensions; ++d) axes += pattern.image.size[d] > 1;
  ChunkStart start;
  for (int d = 0; d < pattern.image.dimensions; ++d) {
    if (pattern.image.size[d] == 1) continue;
    const double step = 1 / (static_cast<double>(pattern.image.size[d] - 1) * axes);
    start.base += static_cast<double>(place[d]) * step;
    if (d == 0) start.step = step;
  }
  return start;
}

// The ball's radius is 9/20 of the shortest extent in space; axes of one pixel do not count.
ChunkStart sphere_start(const Pattern& pattern, const int64_t* place) {
  double radius = std::numeric_limits<double>::infinity();
  for (int d = 0; d < pattern.image.dimensions; ++d) {
    if (pattern.image.size[d] > 1)
      radius =
          std::min(radius, 0.45 * static_cast<double>(pattern.image.size[d]) * pattern.spacing[d]);
  }
  ChunkStart start;
  for (int d = 0; d < pattern.image.dimensions; ++d) {
    const double step = pattern.spacing[d] / radius;
    const double way =
        (static_cast<double>(place[d]) - static_cast<double>(pattern.image.size[d] - 1) / 2) * step;
    if (d == 0) {
      start.base = way;
      start.step = step;
    } else {
      start.rest += way * way;
    }
  }
  return start;
}

ChunkStart noise_start(const Pattern& pattern, const int64_t* place) {
  uint64_t hash = 0;
  for (int d = 0; d < pattern.image.dimensions; ++d)
    hash = mix64(hash + static_cast<uint64_t>(place[d]) + 0x9e3779b97f4a7c15u);
  ChunkStart start;
  start.seed = static_cast<uint32_t>(hash >> 32);
  return start;
}

// `place` counts from the image's first pixel.
template <class T>
void fill_row(const Pattern& pattern, int64_t* place, int64_t count, T* row) {
  const int64_t begin = place[0], end = begin + count;
  for (int64_t at = begin; at < end;) {
    place[0] = at / chunk * chunk;
    const auto first = static_cast<int32_t>(at - place[0]);
    const auto pixels = static_cast<int32_t>(std::min(end, place[0] + chunk) - at);
    switch (pattern.kind) {
      case PatternKind::ramp: ramp<T>(ramp_start(pattern, place), first, pixels, row); break;
      case PatternKind::sphere: sphere<T>(sphere_start(pattern, place), first, pixels, row); break;
      case PatternKind::noise: noise<T>(noise_start(pattern, place), first, pixels, row); break;
    }
    row += pixels;
    at += pixels;
  }
  place[0] = begin;
}

// Advances to the next row of `region`; false after the last.
bool next_row(const swr_region& region, const swr_region& image, int64_t* place) {
  for (int d = 1; d < region.dimensions; ++d) {
    const int64_t first = region.index[d] - image.index[d];
    if (++place[d] < first + region.size[d]) return true;
    place[d] = first;
  }
  return false;
}

}  // namespace

void Pattern::fill(const swr_region& region, void* pixels) const {
  int64_t place[SWR_MAX_DIMENSIONS];
  for (int d = 0; d < region.dimensions; ++d) place[d] = region.index[d] - image.index[d];
  with_component_type(component, [&]<class T>(T) {
    T* row = static_cast<T*>(pixels);
    do {
      fill_row(*this, place, region.size[0], row);
      row += region.size[0];
    } while (next_row(region, image, place));
  });
}

PatternKind parse_pattern(const std::string& option, std::string_view text) {
  if (text == "ramp") return PatternKind::ramp;
  if (text == "sphere") return PatternKind::sphere;
  if (text == "noise") return PatternKind::noise;
  throw UsageError(option + ": \"" + std::string(text) + "\" is not one of ramp, sphere, noise");
}

}  // namespace swr::tool
