/**
 * @file cpp/pixels.hpp
 * Types of pixels, and which types of C++ hold them.
 */
#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

#include "swr/cpp/error.hpp"
#include "swr/cpp/region.hpp"
#include "swr/cpp/span.hpp"
#include "swr/types.h"

namespace swr {
inline namespace cpp {

/** @cond */
namespace detail {

template <class T>
constexpr bool is_character = std::is_same_v<T, char> || std::is_same_v<T, wchar_t> ||
                              std::is_same_v<T, char16_t> || std::is_same_v<T, char32_t>
#ifdef __cpp_char8_t
                              || std::is_same_v<T, char8_t>
#endif
    ;

template <class T>
constexpr swr_component component_of() {
  if constexpr (std::is_floating_point_v<T> && std::numeric_limits<T>::is_iec559) {
    if constexpr (sizeof(T) == 4) return SWR_FLOAT32;
    if constexpr (sizeof(T) == 8) return SWR_FLOAT64;
  } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool> && !is_character<T>) {
    if constexpr (sizeof(T) == 1) return std::is_signed_v<T> ? SWR_INT8 : SWR_UINT8;
    if constexpr (sizeof(T) == 2) return std::is_signed_v<T> ? SWR_INT16 : SWR_UINT16;
    if constexpr (sizeof(T) == 4) return std::is_signed_v<T> ? SWR_INT32 : SWR_UINT32;
    if constexpr (sizeof(T) == 8) return std::is_signed_v<T> ? SWR_INT64 : SWR_UINT64;
  }
  return SWR_COMPONENT_UNKNOWN;
}

}  // namespace detail
/** @endcond */

/**
 * What a type of C++ holds: one component of a pixel, or a whole pixel. Here for whole numbers of 8
 * to 64 bits, float and double (not bool and char). A program specialises it for its own types,
 * which must be trivially copyable: struct with `component`, `components` and `kind`, as in
 * std::complex's.
 */
template <class T>
struct PixelTraits {
  static_assert(detail::component_of<T>() != SWR_COMPONENT_UNKNOWN,
                "pixels cannot be of this type; see swr::PixelTraits");
  /** The type of each component. */
  static constexpr swr_component component = detail::component_of<T>();
  /** How many components a T holds. */
  static constexpr int32_t components = 1;
  /** What the components mean, if a T is a pixel. */
  static constexpr swr_kind kind = SWR_KIND_SCALAR;
};

/** A complex number is a pixel of two components. */
template <class T>
struct PixelTraits<std::complex<T>> {
  /** The type of each component. */
  static constexpr swr_component component = PixelTraits<T>::component;
  /** How many components it holds. */
  static constexpr int32_t components = 2;
  /** What the components mean. */
  static constexpr swr_kind kind = SWR_KIND_COMPLEX;
};

/** An array is a pixel of as many components. */
template <class T, std::size_t Count>
struct PixelTraits<std::array<T, Count>> {
  /** The type of each component. */
  static constexpr swr_component component = PixelTraits<T>::component;
  /** How many components it holds. */
  static constexpr int32_t components = static_cast<int32_t>(Count);
  /** What the components mean. */
  static constexpr swr_kind kind = SWR_KIND_VECTOR;
};

/** The type of a pixel: swr_set_pixel_type(). */
struct PixelType {
  swr_component component = SWR_COMPONENT_UNKNOWN; /**< The type of each component. */
  int32_t components = 1;                          /**< How many. */
  swr_kind kind = SWR_KIND_SCALAR;                 /**< What they mean. */

  /** The type of the pixels that a T holds, such as std::array<uint8_t, 3>. */
  template <class T>
  static constexpr PixelType of() {
    return {PixelTraits<T>::component, PixelTraits<T>::components, PixelTraits<T>::kind};
  }

  /** The bytes of a pixel; 0 for an invalid type. */
  int64_t bytes() const { return int64_t{swr_component_bytes(component)} * components; }

  /** Whether they are the same. */
  friend bool operator==(const PixelType &a, const PixelType &b) noexcept {
    return a.component == b.component && a.components == b.components && a.kind == b.kind;
  }
  /** Whether they differ. */
  friend bool operator!=(const PixelType &a, const PixelType &b) noexcept { return !(a == b); }
};

/** The name of a component type: swr_component_name(). */
inline std::string name(swr_component component) {
  return swr_component_name(component);
}
/** The name of a kind of pixels: swr_kind_name(). */
inline std::string name(swr_kind kind) {
  return swr_kind_name(kind);
}
/** The name of a unit: swr_unit_name(). */
inline std::string name(swr_unit unit) {
  return swr_unit_name(unit);
}
/** The name of a status: swr_status_name(). */
inline std::string name(swr_status status) {
  return swr_status_name(status);
}
/** The component type of a name: swr_component_from_name(). */
inline swr_component component_from_name(const std::string &name) {
  return swr_component_from_name(detail::c_string(name));
}
/** The unit of a name: swr_unit_from_name(). */
inline swr_unit unit_from_name(const std::string &name) {
  return swr_unit_from_name(detail::c_string(name));
}

/** @cond */
namespace detail {

// T holds a component of such pixels, or a whole pixel; std::byte holds anything.
template <class T>
void require_elements(const PixelType &pixels) {
  static_assert(std::is_trivially_copyable_v<T>, "pixels must be trivially copyable");
  if constexpr (!std::is_same_v<T, std::byte>) {
    using Traits = PixelTraits<T>;
    if (Traits::component == pixels.component &&
        (Traits::components == 1 || Traits::components == pixels.components)) {
      if (sizeof(T) ==
          static_cast<std::size_t>(swr_component_bytes(Traits::component)) * Traits::components)
        return;
      throw ArgumentError("the elements have other bytes than their components");
    }
    throw ArgumentError("the elements are of " + std::to_string(Traits::components) + " x " +
                        swr_component_name(Traits::component) + ", the pixels of " +
                        std::to_string(pixels.components) + " x " +
                        swr_component_name(pixels.component));
  }
}

inline int64_t bytes_of(const Region &region, const PixelType &pixels) {
  const int64_t count = region.pixels(), each = pixels.bytes();
  if (each > 0 && count > std::numeric_limits<int64_t>::max() / each)
    throw RegionError("the size of the region in bytes is too large");
  return count * each;
}

inline void require_bytes(std::size_t found, const Region &region, const PixelType &pixels) {
  const int64_t needed = bytes_of(region, pixels);
  if (found != static_cast<uint64_t>(needed))
    throw ArgumentError("the region takes " + std::to_string(needed) + " bytes; " +
                        std::to_string(found) + " were given");
}

template <class T>
std::size_t size_in_bytes(const Span<T> &elements) {
  return elements.size() * sizeof(T);
}

// Not for objects that are themselves sources.
template <class Container>
using element_in = std::remove_cv_t<element_of<std::remove_reference_t<Container>>>;

}  // namespace detail
/** @endcond */

}  // namespace cpp
}  // namespace swr
