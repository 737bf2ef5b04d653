/**
 * @file cpp/writer.hpp
 * Writes an image piece by piece: writer.h in C++.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "swr/cpp/callbacks.hpp"
#include "swr/cpp/error.hpp"
#include "swr/cpp/piece.hpp"
#include "swr/cpp/pixels.hpp"
#include "swr/cpp/reader.hpp"
#include "swr/cpp/region.hpp"
#include "swr/cpp/span.hpp"
#include "swr/writer.h"

namespace swr {
inline namespace cpp {

/** How a write would reach the disk: swr_get_method(). */
struct PlannedMethod {
  swr_method method;     /**< The way. */
  int64_t bytes_read;    /**< About how many bytes it reads. */
  int64_t bytes_written; /**< About how many bytes it writes, besides the given pixels. */
};

/**
 * Writes image files, one at a time. A call that throws leaves the file as it was, byte for byte,
 * unless the comment of its function in C says otherwise. Setters return the writer, so that they
 * can be chained. The destructor abandons an unfinished write.
 */
class Writer {
 public:
  /** A writer with default settings. swr::MemoryError. */
  Writer() : callbacks_(std::make_unique<detail::Callbacks>()) {}
  /** A writer of this file. */
  explicit Writer(const std::string &path) : Writer() { set_path(path); }

  /** The handle for calls of C; null after a move. The writer keeps it. */
  swr_writer *get() const noexcept { return callbacks_ ? callbacks_->writer : nullptr; }
  /**
   * What the library says of the last call: why it failed, or "". After an exception of a source it
   * tells which piece failed, and what else happened to the file.
   */
  std::string message() const { return swr_writer_message(get()); }

  /** @name What
   * @{ */

  /** The file: swr_set_path(). */
  Writer &set_path(const std::string &path) {
    return set(swr_set_path(get(), detail::c_string(path)));
  }
  /** The format by name: swr_set_format(). */
  Writer &set_format(const std::string &name) {
    return set(swr_set_format(get(), detail::c_string(name)));
  }
  /** The format is that of the existing file or the suffix. */
  Writer &reset_format() { return set(swr_set_format(get(), nullptr)); }
  /** The size of the image, whose first pixel has index zero: swr_set_image_region(). */
  Writer &set_image_region(const Axes &size) { return set_image_region(Region(size)); }
  /** The start index and size of the image: swr_set_image_region(). */
  Writer &set_image_region(const Region &region) {
    return set(swr_set_image_region(get(), &region));
  }
  /** The image region is that of the existing file that is updated. */
  Writer &reset_image_region() { return set(swr_set_image_region(get(), nullptr)); }
  /** How pixels are stored: swr_set_pixel_type(). */
  Writer &set_pixel_type(const PixelType &type) {
    return set(swr_set_pixel_type(get(), type.component, type.components, type.kind));
  }
  /** How pixels are stored: a T for each. */
  template <class T>
  Writer &set_pixel_type() {
    return set_pixel_type(PixelType::of<T>());
  }
  /** How pixels are stored: several T for each, such as three of uint8_t for SWR_KIND_RGB. */
  template <class T>
  Writer &set_pixel_type(int32_t components, swr_kind kind) {
    return set_pixel_type({PixelTraits<T>::component, components, kind});
  }
  /** The component type that the source delivers: swr_set_source_type(). */
  Writer &set_source_type(swr_component component) {
    return set(swr_set_source_type(get(), component));
  }
  /** The component type that the source delivers is that of T. */
  template <class T>
  Writer &set_source_type() {
    return set_source_type(PixelTraits<T>::component);
  }
  /** The number of components that the source delivers: swr_set_source_components(). */
  Writer &set_source_components(int32_t components) {
    return set(swr_set_source_components(get(), components));
  }
  /** The distance between pixels along each axis: swr_set_spacing(). */
  Writer &set_spacing(Span<const double> values) {
    return set(swr_set_spacing(get(), values.data(), count(values)));
  }
  /** The position of the pixel with index zero: swr_set_origin(). */
  Writer &set_origin(Span<const double> values) {
    return set(swr_set_origin(get(), values.data(), count(values)));
  }
  /** The direction matrix, n x n, row by row: swr_set_direction(). */
  Writer &set_direction(Span<const double> values) {
    return set(swr_set_direction(get(), values.data(), count(values)));
  }
  /** A metadata entry: swr_set_metadata(). */
  Writer &set_metadata(const std::string &key, const std::string &value) {
    return set(swr_set_metadata(get(), detail::c_string(key), detail::c_string(value)));
  }
  /** Removes a metadata entry, even one of the header that a new file starts from. */
  Writer &remove_metadata(const std::string &key) {
    return set(swr_set_metadata(get(), detail::c_string(key), nullptr));
  }
  /** The unit of an axis in the file: swr_set_axis_unit(). */
  Writer &set_axis_unit(int32_t axis, swr_unit unit) {
    return set(swr_set_axis_unit(get(), axis, unit));
  }
  /** The file's rule from stored to real values: swr_set_value_scale(). */
  Writer &set_value_scale(double slope, double intercept) {
    return set(swr_set_value_scale(get(), slope, intercept));
  }
  /** The same rule for the values of the source: swr_set_source_scale(). */
  Writer &set_source_scale(double slope, double intercept) {
    return set(swr_set_source_scale(get(), slope, intercept));
  }
  /** The file that a new file is modelled on: swr_set_header_from(). */
  Writer &set_header_from(const Reader &reader) {
    if (!reader.get()) throw ArgumentError("the reader was moved from");
    return set(swr_set_header_from(get(), reader.get()));
  }
  /** A new file is modelled on the reader that it is pulled from, or on none. */
  Writer &reset_header_from() { return set(swr_set_header_from(get(), nullptr)); }
  /** The box of that file's image that the new image covers: swr_set_header_region(). */
  Writer &set_header_region(const Region &region) {
    return set(swr_set_header_region(get(), &region));
  }
  /** The new image covers the whole image of that file. */
  Writer &reset_header_region() { return set(swr_set_header_region(get(), nullptr)); }
  /** Whether a new file is modelled on another: swr_set_keep_header(). */
  Writer &set_keep_header(bool on) { return set(swr_set_keep_header(get(), on)); }
  /** @} */

  /** @name How
   * @{ */

  /** The number of pieces to ask for: swr_set_divisions(). */
  Writer &set_divisions(int64_t divisions) { return set(swr_set_divisions(get(), divisions)); }
  /** The library chooses the pieces. */
  Writer &reset_divisions() { return set_divisions(-1); }
  /** The region to write, inside the image region: swr_set_paste_region(). */
  Writer &set_paste_region(const Region &region) {
    return set(swr_set_paste_region(get(), &region));
  }
  /** The whole image is written. */
  Writer &reset_paste_region() { return set(swr_set_paste_region(get(), nullptr)); }
  /** The memory limit for buffers, in bytes: swr_set_memory_limit(). */
  Writer &set_memory_limit(int64_t bytes) { return set(swr_set_memory_limit(get(), bytes)); }
  /** The threads that convert, compress and store: swr_set_threads(). */
  Writer &set_threads(int32_t threads) { return set(swr_set_threads(get(), threads)); }
  /** "none", "deflate", "zstd", "lz4" or "blosc", with a level: swr_set_compression(). */
  Writer &set_compression(const std::string &name, int32_t level = 6) {
    return set(swr_set_compression(get(), detail::c_string(name), level));
  }
  /** Compression is that of the existing file or the suffix. */
  Writer &reset_compression() { return set(swr_set_compression(get(), nullptr, 0)); }
  /** What happens to a file that exists already: swr_set_existing(). */
  Writer &set_existing(swr_existing policy) { return set(swr_set_existing(get(), policy)); }
  /** What happens if the source's type differs from the file's: swr_set_conversion(). */
  Writer &set_conversion(swr_conversion policy) { return set(swr_set_conversion(get(), policy)); }
  /** The value of pixels that are not delivered: swr_set_fill_value(). */
  Writer &set_fill_value(double value) { return set(swr_set_fill_value(get(), value)); }
  /** Whether changes in place keep an undo journal: swr_set_rollback(). */
  Writer &set_rollback(bool on) { return set(swr_set_rollback(get(), on)); }
  /** Lets an interrupted write() of a new image go on: swr_set_resume(). Empty: it does not. */
  Writer &set_resume(const std::string &token) {
    return set(swr_set_resume(get(), token.empty() ? nullptr : token.c_str()));
  }
  /** Whether a finished write survives a power failure: swr_set_sync(). */
  Writer &set_sync(bool on) { return set(swr_set_sync(get(), on)); }
  /** An option by name: swr_set_option() lists them. */
  Writer &set_option(const std::string &key, const std::string &value) {
    return set(swr_set_option(get(), detail::c_string(key), detail::c_string(value)));
  }
  /** Resets an option to its default. */
  Writer &reset_option(const std::string &key) {
    return set(swr_set_option(get(), detail::c_string(key), nullptr));
  }
  /** The threads that call the source, which must be thread-safe: swr_set_pull_threads(). */
  Writer &set_pull_threads(int32_t threads) { return set(swr_set_pull_threads(get(), threads)); }
  /**
   * A callable with a `const Progress &`, called after each piece: swr_set_progress(). If it
   * returns false the write is cancelled; it may also return nothing. An exception of it cancels
   * the write and leaves the call unchanged.
   */
  template <class Callable>
  Writer &set_progress(Callable callable) {
    std::function<bool(const Progress &)> progress;
    if constexpr (std::is_void_v<std::invoke_result_t<Callable &, const Progress &>>) {
      progress = [callable = std::move(callable)](const Progress &done) mutable {
        callable(done);
        return true;
      };
    } else {
      progress = std::move(callable);
    }
    set(swr_set_progress(get(), &detail::Callbacks::on_progress, callbacks_.get()));
    callbacks_->progress = std::move(progress);
    return *this;
  }
  /** No progress is reported. */
  Writer &reset_progress() { return set(swr_set_progress(get(), nullptr, nullptr)); }
  /**
   * Asked while a call waits, and after each piece; if it returns true the call is cancelled:
   * swr_set_cancel(). An exception of it cancels the call and leaves it unchanged.
   */
  Writer &set_cancel(std::function<bool()> cancel) {
    if (!cancel) return set(swr_set_cancel(get(), nullptr, nullptr));
    set(swr_set_cancel(get(), &detail::Callbacks::on_cancel, callbacks_.get()));
    callbacks_->cancel = std::move(cancel);
    return *this;
  }
  /**
   * A callable with an swr_log_level and a std::string_view, which is valid during the call:
   * swr_set_log(). Warnings of a write go there. An exception of it leaves the call that it was
   * called from; if that is a write, the source is not called again.
   */
  Writer &set_log(std::function<void(swr_log_level, std::string_view)> log) {
    if (!log) return reset_log();
    set(swr_set_log(get(), &detail::Callbacks::on_log, callbacks_.get()));
    callbacks_->log = std::move(log);
    return *this;
  }
  /** No messages are logged. */
  Writer &reset_log() { return set(swr_set_log(get(), nullptr, nullptr)); }
  /**
   * Memory of the caller for pieces, of `bytes_each` bytes: swr_set_buffers(). It is borrowed until
   * it is replaced or the writer is destroyed.
   */
  Writer &set_buffers(Span<void *const> buffers, int64_t bytes_each) {
    return set(swr_set_buffers(get(), buffers.data(), count(buffers), bytes_each));
  }
  /** Pieces are in the library's memory. */
  Writer &reset_buffers() { return set(swr_set_buffers(get(), nullptr, 0, 0)); }
  /** @} */

  /** @name Queries before a write: nothing is pulled, and no file changes
   * @{ */

  /** Throws what write() would throw before its first pull: swr_check(). */
  void check() { settle(swr_check(get())); }
  /** How the write would reach the disk: swr_get_method(). */
  PlannedMethod method() {
    PlannedMethod planned = {};
    settle(swr_get_method(get(), &planned.method, &planned.bytes_read, &planned.bytes_written));
    return planned;
  }
  /** The number of pieces that `requested` divisions would give: swr_get_actual_divisions(). */
  int64_t actual_divisions(int64_t requested) {
    int64_t divisions = 0;
    settle(swr_get_actual_divisions(get(), requested, &divisions));
    return divisions;
  }
  /** The region of piece `number` of `divisions`: swr_get_split_region(). */
  Region split_region(int64_t number, int64_t divisions) {
    Region region;
    settle(swr_get_split_region(get(), number, divisions, &region));
    return region;
  }
  /** What the source must deliver: swr_get_pulled_type(). The kind is not known. */
  PixelType pulled_type() {
    PixelType type;
    settle(swr_get_pulled_type(get(), &type.component, &type.components));
    return type;
  }
  /** The number of pieces of the write: swr_get_piece_count(). */
  int64_t piece_count() { return figure(swr_get_piece_count); }
  /** The memory for buffers that the write would take, in bytes: swr_get_memory_need(). */
  int64_t memory_need() { return figure(swr_get_memory_need); }
  /** The size of the largest piece, in bytes: swr_get_piece_bytes(). */
  int64_t piece_bytes() { return figure(swr_get_piece_bytes); }
  /** @} */

  /** @name Writing
   * @{ */

  /**
   * Writes what a source delivers: swr_write(). The source is any callable with a `Piece &`, called
   * for one piece after the other; it is not copied. An exception of the source leaves the file as
   * it was, and leaves this call unchanged; swr::CancelledError says that the source cancels.
   */
  template <class Source, std::enable_if_t<std::is_invocable_v<Source &, Piece &>, int> = 0>
  void write(Source &&source) {
    using Pull = detail::Pull<std::remove_reference_t<Source>>;
    Pull pull{&source, callbacks_.get()};
    settle(swr_write(get(), &Pull::call, &pull));
  }
  /**
   * Writes all pixels of the paste region, or of the image, from a container. swr::ArgumentError,
   * before the file is touched, if they are of another type or number.
   */
  template <class Container, std::enable_if_t<detail::is_contiguous<const Container>::value &&
                                                  !std::is_invocable_v<const Container &, Piece &>,
                                              int> = 0>
  void write(const Container &pixels) {
    const Span<const detail::element_in<const Container>> elements(pixels);
    const Region whole = split_region(0, 1);
    const PixelType type = pulled_type();
    require(elements, type);
    detail::require_bytes(detail::size_in_bytes(elements), whole, type);
    write([&](Piece &piece) { piece.lend(elements, whole); });
  }
  /** Writes the image of a reader with an open file: swr_reader_pull(). */
  void write(Reader &reader) { write(swr_reader_pull, reader.get()); }
  /** Writes what a source of C delivers, such as swr_pull_vtk(). */
  void write(swr_pull source, void *user) { settle(swr_write(get(), source, user)); }

  /** Begins a write whose pieces the application puts: swr_begin(). */
  void begin() { settle(swr_begin(get())); }
  /**
   * Stores a region of the paste region or image from a container: swr_put(). swr::ArgumentError if
   * the pixels are of another type or number; nothing is stored then.
   */
  template <class Container>
  void put(const Region &region, const Container &pixels) {
    const Span<const detail::element_in<const Container>> elements(pixels);
    require(elements, pulled_type());
    settle(swr_put(get(), &region, elements.data(), bytes(elements)));
  }
  /**
   * Stores the pixels of a region that a mask selects: swr_put_masked(). The mask is a container of
   * bytes, one for each pixel; pixels whose byte is 0 are not stored.
   */
  template <class Container, class Mask>
  void put_masked(const Region &region, const Container &pixels, const Mask &mask) {
    const Span<const detail::element_in<const Container>> elements(pixels);
    const Span<const detail::element_in<const Mask>> selected(mask);
    static_assert(sizeof(*selected.data()) == 1, "a mask has one byte for each pixel");
    require(elements, pulled_type());
    settle(swr_put_masked(get(), &region, elements.data(), bytes(elements), selected.data(),
                          bytes(selected)));
  }
  /** Completes the file: swr_finish(). swr::IncompleteError if a new image has holes. */
  void finish() { settle(swr_finish(get())); }
  /** Ends the write and leaves the file as it was: swr_abandon(). */
  void abandon() { settle(swr_abandon(get())); }
  /** Creates the file, or makes it larger, without a source: swr_allocate(). */
  void allocate() { settle(swr_allocate(get())); }
  /**
   * Appends the frames of a container to an image that is open-ended along its slowest axis:
   * swr_append(). swr::ArgumentError if the pixels are of another type; no frame is taken then.
   */
  template <class Container>
  void append(const Container &frames) {
    const Span<const detail::element_in<const Container>> elements(frames);
    require(elements, pulled_type());
    settle(swr_append(get(), elements.data(), bytes(elements)));
  }
  /** Makes a checkpoint: all frames are then in the file. See swr_flush(). */
  void flush() { settle(swr_flush(get())); }

  /** A figure of the last write: swr_get_statistics(). */
  int64_t statistic(swr_statistic which) const {
    int64_t value = 0;
    if (const swr_status status = swr_get_statistics(get(), which, &value))
      throw_error(status, message());
    return value;
  }
  /** @} */

 private:
  // After a call of C: throws what its callbacks threw, or why it failed. A call that was refused
  // because another one is running has no callbacks; those exceptions belong to the other call.
  void settle(swr_status status) {
    if (status != SWR_ERROR_STATE && callbacks_) callbacks_->rethrow();
    if (status != SWR_OK) throw_error(status, message());
  }
  Writer &set(swr_status status) {
    settle(status);
    return *this;
  }
  int64_t figure(swr_status (*query)(swr_writer *, int64_t *)) {
    int64_t value = 0;
    settle(query(get(), &value));
    return value;
  }
  template <class T>
  static int32_t count(const Span<T> &values) {
    if (values.size() > INT32_MAX) throw ArgumentError("the list is too long");
    return static_cast<int32_t>(values.size());
  }
  template <class T>
  static int64_t bytes(const Span<T> &elements) {
    return static_cast<int64_t>(detail::size_in_bytes(elements));
  }
  template <class T>
  static void require(const Span<const T> &, const PixelType &pixels) {
    detail::require_elements<T>(pixels);
  }

  std::unique_ptr<detail::Callbacks> callbacks_;
};

}  // namespace cpp
}  // namespace swr
