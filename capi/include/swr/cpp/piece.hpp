/**
 * @file cpp/piece.hpp
 * The piece that a source is asked for.
 */
#pragma once

#include <cstddef>
#include <cstdint>

#include "swr/cpp/error.hpp"
#include "swr/cpp/pixels.hpp"
#include "swr/cpp/region.hpp"
#include "swr/cpp/span.hpp"
#include "swr/writer.h"

namespace swr {
inline namespace cpp {

/**
 * A piece of the image that a writer asks its source for. It is valid only during that call of the
 * source, which fills pixels(), or buffer(), or lends memory of its own.
 */
class Piece {
 public:
  /** The piece of C that a source of C was called with. */
  explicit Piece(swr_piece *piece) noexcept : piece_(piece) {}
  Piece(const Piece &) = delete;
  Piece &operator=(const Piece &) = delete;

  /** The region to deliver, in the image's index space. */
  Region region() const noexcept { return *swr_piece_region(piece_); }
  /** The number of the piece, from 0. */
  int64_t number() const noexcept { return swr_piece_number(piece_); }
  /** The number of pieces. */
  int64_t count() const noexcept { return swr_piece_count(piece_); }
  /** The size of the piece in bytes. */
  int64_t bytes() const noexcept { return swr_piece_bytes(piece_); }
  /** The component type and the number of components to deliver; the kind is not known. */
  PixelType type() const {
    PixelType type;
    if (const swr_status status = swr_piece_get_type(piece_, &type.component, &type.components))
      throw_error(status);
    return type;
  }

  /** The memory to fill, bytes() long: swr_piece_buffer(). swr::MemoryError if there is none. */
  void *buffer() {
    void *const memory = swr_piece_buffer(piece_);
    if (!memory) throw MemoryError();
    return memory;
  }
  /**
   * The pixels to fill, packed, x first. T is the type of a component, such as uint16_t, or of a
   * pixel, such as std::complex<float>; swr::ArgumentError if another type is to be delivered.
   */
  template <class T>
  Span<T> pixels() {
    detail::require_elements<T>(type());
    return {static_cast<T *>(buffer()), static_cast<std::size_t>(bytes()) / sizeof(T)};
  }

  /**
   * Lends memory that holds exactly this piece: swr_piece_lend(). It must stay valid and unchanged
   * until the next call of the source or the end of the write.
   */
  template <class Container>
  void lend(const Container &pixels) {
    lend(pixels, region());
  }
  /** Lends memory that holds the region `held`, which may be larger: swr_piece_lend(). */
  template <class Container>
  void lend(const Container &pixels, const Region &held) {
    using Element = detail::element_in<const Container>;
    const Span<const Element> elements(pixels);
    const PixelType wanted = type();
    detail::require_elements<Element>(wanted);
    detail::require_bytes(detail::size_in_bytes(elements), held, wanted);
    if (const swr_status status = swr_piece_lend(piece_, elements.data(), &held))
      throw_error(status);
  }

  /** The piece of C. */
  swr_piece *get() const noexcept { return piece_; }

 private:
  swr_piece *piece_;
};

}  // namespace cpp
}  // namespace swr
