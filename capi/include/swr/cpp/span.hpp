/**
 * @file cpp/span.hpp
 * A view of adjacent elements: what C++17 needs of C++20's std::span.
 */
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <utility>

namespace swr {
inline namespace cpp {

/** @cond */
namespace detail {

template <class Container>
using element_of = std::remove_pointer_t<decltype(std::data(std::declval<Container &>()))>;

template <class Container, class = void>
struct is_contiguous : std::false_type {};
template <class Container>
struct is_contiguous<
    Container, std::void_t<element_of<Container>, decltype(std::size(std::declval<Container &>()))>>
    : std::true_type {};

}  // namespace detail
/** @endcond */

/** Elements of somebody else, which must outlive the span. */
template <class T>
class Span {
 public:
  /** The type of the elements, without const. */
  using value_type = std::remove_cv_t<T>;

  /** No elements. */
  constexpr Span() noexcept = default;
  /** `size` elements from `data` on. */
  constexpr Span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
  /** The elements of a container with data() and size(), or of an array. */
  template <class Container,
            class = std::enable_if_t<
                !std::is_same_v<std::remove_cv_t<std::remove_reference_t<Container>>, Span> &&
                std::is_convertible_v<detail::element_of<Container> (*)[], T (*)[]>>>
  constexpr Span(Container &&container)
      : data_(std::data(container)), size_(std::size(container)) {}
  /** The elements of a braced list, for the call that it is an argument of. */
  template <class U = T, class = std::enable_if_t<std::is_const_v<U>>>
  constexpr Span(std::initializer_list<value_type> list)
      : data_(std::data(list)), size_(list.size()) {}

  /** The first element. */
  constexpr T *data() const noexcept { return data_; }
  /** The number of elements. */
  constexpr std::size_t size() const noexcept { return size_; }
  /** Whether there are no elements. */
  constexpr bool empty() const noexcept { return size_ == 0; }
  /** The first element. */
  constexpr T *begin() const noexcept { return data_; }
  /** The end: one after the last element. */
  constexpr T *end() const noexcept { return data_ + size_; }
  /** Element `number`, from 0; it is not checked. */
  constexpr T &operator[](std::size_t number) const { return data_[number]; }

 private:
  T *data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace cpp
}  // namespace swr
