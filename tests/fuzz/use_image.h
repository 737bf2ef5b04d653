// What every image of a fuzzer goes through, by the public header: opened, read, verified, pasted
// into, grown, and read again.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "scratch.h"
#include "swr/swr.h"

namespace fuzz {

inline constexpr int64_t memory = 4 << 20;

inline int32_t pull_zeros(swr_piece* piece, void*) {
  auto* bytes = static_cast<uint8_t*>(swr_piece_buffer(piece));
  if (!bytes) return SWR_ERROR_MEMORY;
  std::fill_n(bytes, swr_piece_bytes(piece), uint8_t{0});
  return SWR_OK;
}

// A corner of the image, small enough for any header's promises.
inline swr_region corner_of(const swr_region& image) {
  swr_region corner = image;
  for (int32_t axis = 0; axis < image.dimensions; ++axis)
    corner.size[axis] = std::min<int64_t>(image.size[axis], axis < 3 ? 3 : 1);
  return corner;
}

inline int64_t pixel_bytes(const swr_reader* reader) {
  swr_component component;
  int32_t components;
  expect(swr_reader_get_pixel_type(reader, &component, &components, nullptr) == SWR_OK,
         "an open file has a pixel type");
  return int64_t{swr_component_bytes(component)} * components;
}

// Whether the file could be read; then `image` is its region.
inline bool read(const std::string& path, swr_region& image) {
  swr_reader* reader = swr_reader_create();
  swr_reader_set_memory_limit(reader, memory);
  swr_reader_set_threads(reader, 1);
  swr_reader_set_option(reader, "detached.outside", "refuse");
  const swr_status opened = swr_reader_open(reader, path.c_str());
  expect(opened != SWR_ERROR_INTERNAL, swr_reader_message(reader));
  if (opened == SWR_OK) {
    expect(swr_reader_get_image_region(reader, &image) == SWR_OK,
           "an open file has an image region");
    int64_t pixels = 1;
    swr_region corner = corner_of(image);
    for (int32_t axis = 0; axis < corner.dimensions; ++axis) pixels *= corner.size[axis];
    std::vector<uint8_t> bytes(static_cast<size_t>(pixels * pixel_bytes(reader)));
    const swr_status got =
        swr_reader_read(reader, &corner, bytes.data(), static_cast<int64_t>(bytes.size()));
    expect(got != SWR_ERROR_INTERNAL, swr_reader_message(reader));
    const swr_status whole = swr_reader_verify(reader);
    expect(whole != SWR_ERROR_INTERNAL, swr_reader_message(reader));
  }
  swr_reader_destroy(reader);
  return opened == SWR_OK;
}

inline void paste(const std::string& path, const swr_region& image, bool grow) {
  swr_writer* writer = swr_writer_create();
  swr_set_path(writer, path.c_str());
  swr_set_memory_limit(writer, memory);
  swr_set_threads(writer, 1);
  swr_region box = corner_of(image), whole = image;
  const int32_t slowest = image.dimensions - 1;
  if (grow && whole.size[slowest] < 1000) {
    whole.size[slowest] += 2;
    swr_set_image_region(writer, &whole);
    swr_set_existing(writer, SWR_EXISTING_EXTEND);
  }
  swr_set_paste_region(writer, &box);
  const swr_status status = swr_write(writer, pull_zeros, nullptr);
  expect(status != SWR_ERROR_INTERNAL, swr_writer_message(writer));
  swr_writer_destroy(writer);
}

inline void use_image(const std::string& path) {
  swr_region image;
  if (!read(path, image)) return;
  paste(path, image, false);
  paste(path, image, true);
  read(path, image);
}

}  // namespace fuzz
