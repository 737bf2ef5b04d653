#include "image/convert.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "base/processor.h"
#include "image/elements.h"

// The loops are written for the compiler's vectoriser: one expression per element, selections
// instead of branches, no calls.
//
// Rounding is by a magic number: adding 1.5 x 2^52 to a double of less than 2^51 pushes its
// fraction out of the significand, rounded half to even by the adder, and leaves the integer in the
// low bits. std::rint would need SSE 4.1 to vectorise. That holds in the default rounding mode,
// which the library neither changes nor checks.
//
// Every loop is compiled twice, for each processor of the architecture and for AVX2, which is two
// to three times as fast. The results are the same.

namespace swr {

namespace {

template <typename T>
using Limits = std::numeric_limits<T>;

template <typename T>
constexpr bool is_wide_integer = std::is_integral_v<T> && sizeof(T) == 8;

// --- CLAMP, one element ---

template <typename To, typename From>
SWR_ALWAYS_INLINE To clamp_integer(From value) {
  constexpr From least = std::cmp_less(Limits<From>::min(), Limits<To>::min())
                             ? static_cast<From>(Limits<To>::min())
                             : Limits<From>::min();
  constexpr From most = std::cmp_greater(Limits<From>::max(), Limits<To>::max())
                            ? static_cast<From>(Limits<To>::max())
                            : Limits<From>::max();
  const From raised = value < least ? least : value;
  return static_cast<To>(raised > most ? most : raised);
}

// To float32: values that are too large become the largest finite value; infinities and NaN stay.
SWR_ALWAYS_INLINE float clamp_to_float(double value) {
  constexpr double most = Limits<float>::max();
  const double raised = value < -most && value >= -Limits<double>::max() ? -most : value;
  return static_cast<float>(raised > most && raised <= Limits<double>::max() ? most : raised);
}

// Integers of at most 16 bits from float32: the magic number of float32 is 1.5 x 2^23. The
// selections are minps and maxps, which let NaN through; it is masked out of the bits in the end.
template <typename To>
SWR_ALWAYS_INLINE To round_small(float value) {
  constexpr float magic = 12582912.0F;
  constexpr auto least = static_cast<float>(Limits<To>::min()),
                 most = static_cast<float>(Limits<To>::max());
  const float raised = least > value ? least : value;
  const float clamped = most < raised ? most : raised;
  const uint32_t is_number = 0U - static_cast<uint32_t>(value == value);
  return static_cast<To>(std::bit_cast<uint32_t>(clamped + magic) & is_number);
}

// Integers of at most 32 bits: the low half of the sum's bits is the number, two's complement.
template <typename To>
SWR_ALWAYS_INLINE To round_small(double value) {
  constexpr double magic = 6755399441055744.0;
  constexpr double least = Limits<To>::min(), most = Limits<To>::max();
  const double raised = least > value ? least : value;
  const double clamped = most < raised ? most : raised;
  const uint64_t is_number = 0U - static_cast<uint64_t>(value == value);
  return static_cast<To>(
      static_cast<uint32_t>(std::bit_cast<uint64_t>(clamped + magic) & is_number));
}

// The first number after the range of a 64-bit integer, 2^63 or 2^64. It is exactly representable
// as a double, unlike the largest integer.
template <typename To>
constexpr double past_wide = std::is_signed_v<To> ? 9223372036854775808.0 : 18446744073709551616.0;

// Integers of 64 bits. From 2^52 on every double is whole.
template <typename To>
SWR_ALWAYS_INLINE To round_wide(double value) {
  const double shift = std::copysign(4503599627370496.0, value);
  const double rounded = std::fabs(value) < 4503599627370496.0 ? (value + shift) - shift : value;
  constexpr double least = static_cast<double>(Limits<To>::min());
  const bool inside = rounded >= least && rounded < past_wide<To>;
  const To low_or_zero = rounded < least ? Limits<To>::min() : To{0};
  const To outside = rounded >= past_wide<To> ? Limits<To>::max() : low_or_zero;
  return inside ? static_cast<To>(inside ? rounded : 0.0) : outside;
}

template <typename From, typename To>
SWR_ALWAYS_INLINE To clamp(From value) {
  if constexpr (std::is_same_v<From, To>) {
    return value;
  } else if constexpr (std::is_integral_v<From> && std::is_integral_v<To>) {
    return clamp_integer<To>(value);
  } else if constexpr (std::is_integral_v<From>) {
    return static_cast<To>(value);
  } else if constexpr (std::is_same_v<To, float>) {
    return clamp_to_float(value);
  } else if constexpr (std::is_same_v<To, double>) {
    return value;
  } else if constexpr (is_wide_integer<To>) {
    return round_wide<To>(value);
  } else if constexpr (std::is_same_v<From, float> && sizeof(To) <= 2) {
    return round_small<To>(value);
  } else {
    return round_small<To>(static_cast<double>(value));
  }
}

// --- EXACT, one element: does clamp(value) hold the same value? ---

template <typename From, typename To>
constexpr bool always_survives() {
  if constexpr (std::is_same_v<From, To>) return true;
  if constexpr (std::is_integral_v<From> && std::is_integral_v<To>) {
    return std::cmp_greater_equal(Limits<From>::min(), Limits<To>::min()) &&
           std::cmp_less_equal(Limits<From>::max(), Limits<To>::max());
  }
  if constexpr (std::is_floating_point_v<To>) return Limits<From>::digits <= Limits<To>::digits;
  return false;
}

template <typename From, typename To>
SWR_ALWAYS_INLINE bool survives(From value, To converted) {
  if constexpr (std::is_integral_v<From> && std::is_integral_v<To>) {
    return static_cast<From>(converted) == value &&
           (std::is_signed_v<From> == std::is_signed_v<To> ||
            (value < From{0}) == (converted < To{0}));
  } else if constexpr (is_wide_integer<From>) {
    const auto back = static_cast<double>(converted);
    return back < past_wide<From> &&
           static_cast<From>(back < past_wide<From> ? back : 0.0) == value;
  } else if constexpr (is_wide_integer<To>) {
    const auto from = static_cast<double>(
        value);  // 2^63 or 2^64 itself is clamped to one less, which rounds up again as a double
    return static_cast<double>(converted) == from && from < past_wide<To>;
  } else if constexpr (std::is_floating_point_v<From> && std::is_floating_point_v<To>) {
    return static_cast<From>(converted) == value || value != value;
  } else {
    return static_cast<double>(converted) == static_cast<double>(value);
  }
}

// --- The loops ---

template <typename From, typename To>
SWR_ALWAYS_INLINE void clamp_all(const std::byte* __restrict from, std::byte* __restrict to,
                                 int64_t count) {
  if constexpr (std::is_same_v<From, To>) {
    if (count > 0) std::memcpy(to, from, static_cast<size_t>(count) * sizeof(From));
  } else {
    for (int64_t i = 0; i < count; ++i)
      set_element<To>(to, i, clamp<From, To>(element<From>(from, i)));
  }
}

template <typename From, typename To>
SWR_ALWAYS_INLINE bool all_survive(const std::byte* __restrict from, const std::byte* __restrict to,
                                   int64_t count) {
  uint32_t lost = 0;
  for (int64_t i = 0; i < count; ++i)
    lost |= survives<From, To>(element<From>(from, i), element<To>(to, i)) ? 0U : 1U;
  return lost == 0;
}

// Converts a block, then checks it as a whole while it is in the cache. Only a block with a loss is
// searched.
template <typename From, typename To>
SWR_ALWAYS_INLINE ConversionFailure convert_exactly(const std::byte* from, std::byte* to,
                                                    int64_t count) {
  constexpr int64_t block = 1024;
  for (int64_t begin = 0; begin < count; begin += block) {
    const int64_t n = std::min(block, count - begin);
    const std::byte* in = from + begin * static_cast<int64_t>(sizeof(From));
    std::byte* out = to + begin * static_cast<int64_t>(sizeof(To));
    clamp_all<From, To>(in, out, n);
    if (all_survive<From, To>(in, out, n)) continue;
    for (int64_t i = 0; i < n; ++i) {
      const From value = element<From>(in, i);
      if (!survives<From, To>(value, element<To>(out, i)))
        return {begin + i, static_cast<double>(value)};
    }
  }
  return {-1, 0};
}

template <typename From, typename To>
SWR_ALWAYS_INLINE ConversionFailure convert_loop(const std::byte* from, std::byte* to,
                                                 int64_t count, swr_conversion policy) {
  if constexpr (!always_survives<From, To>()) {
    if (policy == SWR_CONVERSION_EXACT) return convert_exactly<From, To>(from, to, count);
  }
  clamp_all<From, To>(from, to, count);
  return {-1, 0};
}

template <typename From, typename To>
ConversionFailure convert_pair(const std::byte* from, std::byte* to, int64_t count,
                               swr_conversion policy) {
  return convert_loop<From, To>(from, to, count, policy);
}

template <typename From, typename To>
SWR_FOR_AVX2 ConversionFailure convert_pair_avx2(const std::byte* from, std::byte* to,
                                                 int64_t count, swr_conversion policy) {
  // Unsigned numbers of 64 bits become floating ones faster without AVX2, which cannot do that.
  if constexpr (std::is_same_v<From, uint64_t> && std::is_floating_point_v<To>)
    return convert_pair<From, To>(from, to, count, policy);
  return convert_loop<From, To>(from, to, count, policy);
}

using Convert = ConversionFailure (*)(const std::byte*, std::byte*, int64_t, swr_conversion);
// In the order of swr_component, both ways.
using Pairs = std::array<std::array<Convert, 10>, 10>;

template <typename From>
constexpr std::array<Convert, 10> row = {
    convert_pair<From, uint8_t>,  convert_pair<From, int8_t>,   convert_pair<From, uint16_t>,
    convert_pair<From, int16_t>,  convert_pair<From, uint32_t>, convert_pair<From, int32_t>,
    convert_pair<From, uint64_t>, convert_pair<From, int64_t>,  convert_pair<From, float>,
    convert_pair<From, double>,
};

constexpr Pairs pairs = {
    row<uint8_t>, row<int8_t>,   row<uint16_t>, row<int16_t>, row<uint32_t>,
    row<int32_t>, row<uint64_t>, row<int64_t>,  row<float>,   row<double>,
};

#if SWR_COMPILES_AVX2
template <typename From>
constexpr std::array<Convert, 10> row_avx2 = {
    convert_pair_avx2<From, uint8_t>,  convert_pair_avx2<From, int8_t>,
    convert_pair_avx2<From, uint16_t>, convert_pair_avx2<From, int16_t>,
    convert_pair_avx2<From, uint32_t>, convert_pair_avx2<From, int32_t>,
    convert_pair_avx2<From, uint64_t>, convert_pair_avx2<From, int64_t>,
    convert_pair_avx2<From, float>,    convert_pair_avx2<From, double>,
};

constexpr Pairs pairs_avx2 = {
    row_avx2<uint8_t>,  row_avx2<int8_t>,  row_avx2<uint16_t>, row_avx2<int16_t>,
    row_avx2<uint32_t>, row_avx2<int32_t>, row_avx2<uint64_t>, row_avx2<int64_t>,
    row_avx2<float>,    row_avx2<double>,
};
#else
constexpr const Pairs& pairs_avx2 = pairs;
#endif

const Pairs& pairs_of(Instructions instructions) {
  return instructions == Instructions::avx2 ? pairs_avx2 : pairs;
}

size_t place_of(swr_component type) {
  if (type < SWR_UINT8 || type > SWR_FLOAT64)
    fail(SWR_ERROR_ARGUMENT, "unknown component type ", static_cast<int>(type));
  return static_cast<size_t>(type - SWR_UINT8);
}

}  // namespace

Instructions best_instructions() {
  static const Instructions best = SWR_HAS_AVX2() ? Instructions::avx2 : Instructions::all;
  return best;
}

ConversionFailure convert(const std::byte* from, swr_component from_type, std::byte* to,
                          swr_component to_type, int64_t count, swr_conversion policy,
                          Instructions instructions) {
  return pairs_of(instructions)[place_of(from_type)][place_of(to_type)](from, to, count, policy);
}

ConversionFailure convert_scaled(const std::byte* from, swr_component from_type, std::byte* to,
                                 swr_component to_type, int64_t count, swr_conversion policy,
                                 double slope, double intercept) {
  constexpr int64_t block = 1024;
  constexpr double rounding = 0x1p-40;
  const bool to_nearest =
      policy == SWR_CONVERSION_EXACT && to_type != SWR_FLOAT32 && to_type != SWR_FLOAT64;
  std::array<double, block> values{};
  auto* const bytes = reinterpret_cast<std::byte*>(values.data());
  for (int64_t begin = 0; begin < count; begin += block) {
    const int64_t n = std::min(block, count - begin);
    const std::byte* const in = from + begin * swr_component_bytes(from_type);
    const ConversionFailure wide = convert(in, from_type, bytes, SWR_FLOAT64, n, policy);
    if (wide.element >= 0) return {begin + wide.element, wide.value};
    for (int64_t i = 0; i < n; ++i) {
      const double value = slope * values[static_cast<size_t>(i)] + intercept;
      const double whole = std::round(value);
      const bool near = std::fabs(value - whole) <= rounding * std::fabs(whole);
      values[static_cast<size_t>(i)] = to_nearest && near ? whole : value;
    }
    const ConversionFailure failure =
        convert(bytes, SWR_FLOAT64, to + begin * swr_component_bytes(to_type), to_type, n, policy);
    if (failure.element >= 0) return {begin + failure.element, failure.value};
  }
  return {-1, 0};
}

bool encode_value(double value, swr_component type, std::byte* to) {
  const auto bytes = bytes_of(value);
  if (type == SWR_FLOAT32) {
    const bool fits = !std::isfinite(value) || std::fabs(value) <= Limits<float>::max();
    if (fits) convert(bytes.data(), SWR_FLOAT64, to, type, 1, SWR_CONVERSION_CLAMP);
    return fits;
  }
  return convert(bytes.data(), SWR_FLOAT64, to, type, 1, SWR_CONVERSION_EXACT).element < 0;
}

}  // namespace swr
