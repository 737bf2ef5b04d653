/**
 * @file cpp/reader.hpp
 * Reads regions of image files of any size: reader.h in C++.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "swr/cpp/error.hpp"
#include "swr/cpp/pixels.hpp"
#include "swr/cpp/region.hpp"
#include "swr/cpp/span.hpp"
#include "swr/reader.h"

namespace swr {
inline namespace cpp {

/** The rule from stored to real values: real = slope * stored + intercept. */
struct ValueScale {
  double slope = 1;     /**< The factor. */
  double intercept = 0; /**< The summand. */
};

/** How the pixels of a file are encoded: swr_reader_get_encoding(). */
struct Encoding {
  std::string name;     /**< Such as "none" or "deflate". */
  bool slotted = false; /**< Whether it is a deflate stream that can be changed in place. */
};

/** Reads image files, one at a time. A call that fails throws, and reads nothing. */
class Reader {
 public:
  /** A reader without a file. swr::MemoryError. */
  Reader() : reader_(swr_reader_create()) {
    if (!reader_) throw MemoryError();
  }
  /** A reader of this file: open(). */
  explicit Reader(const std::string &path) : Reader() { open(path); }

  /** The handle for calls of C; null after a move. The reader keeps it. */
  swr_reader *get() const noexcept { return reader_.get(); }
  /**
   * What the library says of the last call: why it failed; after open(), recover() and verify()
   * what it found and left alone; usually "". See swr_reader_message().
   */
  std::string message() const { return swr_reader_message(get()); }

  /** Opens a file: swr_reader_open(). */
  void open(const std::string &path) { check(swr_reader_open(get(), detail::c_string(path))); }
  /** Follows a file that grows: swr_reader_refresh(). */
  void refresh() { check(swr_reader_refresh(get())); }
  /** Closes the file: swr_reader_close(). */
  void close() { check(swr_reader_close(get())); }

  /** The most memory for decompression and conversion, in bytes: swr_reader_set_memory_limit(). */
  Reader &set_memory_limit(int64_t bytes) { return set(swr_reader_set_memory_limit(get(), bytes)); }
  /** The number of threads that decompress: swr_reader_set_threads(). */
  Reader &set_threads(int32_t threads) { return set(swr_reader_set_threads(get(), threads)); }
  /** An option by name, before open(): swr_reader_set_option() lists them. */
  Reader &set_option(const std::string &key, const std::string &value) {
    return set(swr_reader_set_option(get(), detail::c_string(key), detail::c_string(value)));
  }

  /** The start index and size of the image. */
  Region image_region() const {
    Region region;
    check(swr_reader_get_image_region(get(), &region));
    return region;
  }
  /** How pixels are stored. */
  PixelType pixel_type() const {
    PixelType type;
    check(swr_reader_get_pixel_type(get(), &type.component, &type.components, &type.kind));
    return type;
  }
  /** The distance between pixels along each axis: swr_reader_get_spacing(). */
  std::vector<double> spacing() const { return numbers(swr_reader_get_spacing, 1); }
  /** The position of the pixel with index zero: swr_reader_get_origin(). */
  std::vector<double> origin() const { return numbers(swr_reader_get_origin, 1); }
  /** The direction matrix, n x n, row by row: swr_reader_get_direction(). */
  std::vector<double> direction() const { return numbers(swr_reader_get_direction, 2); }
  /** The unit in which the file states an axis: swr_reader_get_axis_unit(). */
  swr_unit axis_unit(int32_t axis) const {
    swr_unit unit = SWR_UNIT_NONE;
    check(swr_reader_get_axis_unit(get(), axis, &unit));
    return unit;
  }
  /** The file's rule from stored to real values: swr_reader_get_value_scale(). */
  ValueScale value_scale() const {
    ValueScale scale;
    check(swr_reader_get_value_scale(get(), &scale.slope, &scale.intercept));
    return scale;
  }
  /** All metadata, keys and values, in the file's order: swr_reader_get_metadata_at(). */
  std::vector<std::pair<std::string, std::string>> metadata() const {
    int32_t count = 0;
    check(swr_reader_get_metadata_count(get(), &count));
    std::vector<std::pair<std::string, std::string>> entries;
    for (int32_t number = 0; number < count; ++number) {
      const char *key = nullptr, *value = nullptr;
      check(swr_reader_get_metadata_at(get(), number, &key, &value));
      entries.emplace_back(key, value);
    }
    return entries;
  }
  /** The value of a key, if the file has it: swr_reader_get_metadata(). */
  std::optional<std::string> metadata(const std::string &key) const {
    const char *value = nullptr;
    check(swr_reader_get_metadata(get(), detail::c_string(key), &value));
    return value ? std::optional<std::string>(value) : std::nullopt;
  }
  /** The name of the file's format. */
  std::string format() const {
    const char *name = nullptr;
    check(swr_reader_get_format(get(), &name));
    return name;
  }
  /** How the pixels are encoded. */
  Encoding encoding() const {
    const char *name = nullptr;
    int32_t slotted = 0;
    check(swr_reader_get_encoding(get(), &name, &slotted));
    return {name, slotted != 0};
  }
  /** The sizes of a chunk along each axis, or empty: swr_reader_get_chunk_shape(). */
  std::vector<int64_t> chunk_shape() const {
    std::vector<int64_t> sizes(static_cast<std::size_t>(image_region().dimensions));
    check(swr_reader_get_chunk_shape(get(), sizes.data(), static_cast<int32_t>(sizes.size())));
    if (sizes[0] == 0) sizes.clear();
    return sizes;
  }
  /** Whether numbers are stored with their most significant byte first. */
  bool big_endian() const {
    int32_t big = 0;
    check(swr_reader_get_big_endian(get(), &big));
    return big != 0;
  }
  /** The file that holds the pixels, or the first of them. */
  std::string data_file() const {
    const char *path = nullptr;
    check(swr_reader_get_data_file(get(), &path));
    return path;
  }

  /**
   * Reads a region into a container of exactly its size, packed, x first: swr_reader_read(). The
   * elements are of the stored component type, or whole pixels; swr::ArgumentError for others.
   */
  template <class Container>
  void read(const Region &region, Container &&pixels) {
    using Element = detail::element_of<std::remove_reference_t<Container>>;
    const Span<Element> elements(pixels);
    detail::require_elements<Element>(pixel_type());
    check(swr_reader_read(get(), &region, elements.data(),
                          static_cast<int64_t>(detail::size_in_bytes(elements))));
  }
  /** Reads a region: T is the stored component type, or a whole pixel. */
  template <class T>
  std::vector<T> read(const Region &region) {
    const PixelType type = pixel_type();
    detail::require_elements<T>(type);
    require_inside(region);
    std::vector<T> pixels(static_cast<std::size_t>(detail::bytes_of(region, type)) / sizeof(T));
    read(region, pixels);
    return pixels;
  }
  /** Reads the whole image. */
  template <class T>
  std::vector<T> read() {
    return read<T>(image_region());
  }

  /** Checks the whole file: swr_reader_verify(). swr::CorruptError names the first defect. */
  void verify() { check(swr_reader_verify(get())); }
  /** Rolls back a write that died; how many journals: swr_reader_recover(). */
  int32_t recover(const std::string &path) {
    int32_t recovered = 0;
    check(swr_reader_recover(get(), detail::c_string(path), &recovered));
    return recovered;
  }

 private:
  struct Destroy {
    void operator()(swr_reader *reader) const noexcept { swr_reader_destroy(reader); }
  };

  void check(swr_status status) const {
    if (status != SWR_OK) throw_error(status, message());
  }
  Reader &set(swr_status status) {
    check(status);
    return *this;
  }
  // A number for each axis, or for each pair of axes.
  std::vector<double> numbers(swr_status (*query)(const swr_reader *, double *, int32_t),
                              int power) const {
    const int32_t axes = image_region().dimensions;
    const int32_t count = power == 2 ? axes * axes : axes;
    std::vector<double> values(static_cast<std::size_t>(count));
    check(query(get(), values.data(), count));
    return values;
  }
  // Before memory of its size is asked for.
  void require_inside(const Region &region) const {
    const Region image = image_region();
    bool inside = region.dimensions == image.dimensions;
    for (int32_t axis = 0; inside && axis < image.dimensions; ++axis) {
      const uint64_t skipped =
          static_cast<uint64_t>(region.index[axis]) - static_cast<uint64_t>(image.index[axis]);
      const uint64_t size = static_cast<uint64_t>(image.size[axis]);
      inside = region.index[axis] >= image.index[axis] && region.size[axis] >= 1 &&
               skipped <= size && static_cast<uint64_t>(region.size[axis]) <= size - skipped;
    }
    if (!inside) throw RegionError("the region is empty or not inside the image");
  }

  std::unique_ptr<swr_reader, Destroy> reader_;
};

/** Rolls back a write that died while it changed this file: Reader::recover(). */
inline int32_t recover(const std::string &path) {
  return Reader().recover(path);
}

}  // namespace cpp
}  // namespace swr
