// Shared by the tests that read files of other programs in tests/data, whose pixels are a series:
// component i, counted with the components fastest, is (7 i + 3) mod 251 in one byte, and
// (37 i + 11) mod 30011 in more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/byte_order.h"
#include "header_checks.h"
#include "stores/linear_pixels.h"

namespace swr::checks {

// As expect_near(), of a number that the file has in 32 bits.
inline void expect_float(double actual, double expected) {
  if (std::abs(actual - expected) > 1e-6 * std::max(1.0, std::abs(expected)))
    stop(text(actual, " is not ", expected));
}

inline void expect_size(const Image& image, const std::vector<int64_t>& size) {
  assert_int_equal(image.dimensions(), size.size());
  for (size_t axis = 0; axis < size.size(); ++axis)
    assert_int_equal(image.region.size[axis], size[axis]);
}

inline std::vector<std::byte> pixels_of(const Format& format, const Description& file) {
  const auto reader = format.reader(file.layout, {});
  std::vector<std::byte> bytes(static_cast<size_t>(file.image.bytes()));
  Region all = file.image.region;
  all.index = {};
  reader->read(all, bytes);
  if (file.layout.big_endian) swap_bytes(bytes, file.layout.order.component_bytes);
  return bytes;
}

template <typename Component>
void expect_series(const Format& format, const Description& file) {
  const std::vector<std::byte> bytes = pixels_of(format, file);
  const int64_t count = std::ssize(bytes) / static_cast<int64_t>(sizeof(Component));
  for (int64_t i = 0; i < count; ++i) {
    const auto expected =
        static_cast<Component>(sizeof(Component) == 1 ? (7 * i + 3) % 251 : (37 * i + 11) % 30011);
    const auto* const at = bytes.data() + i * static_cast<int64_t>(sizeof(Component));
    if (load<Component>(at) != expected) stop(text("component ", i, " is wrong"));
  }
}

// The pixels of int16 of a box that begins and ends within the rows of 13 and the slices of 7 rows
// that such a file has.
inline void expect_box_of_series(PixelReader& reader) {
  constexpr int dimensions = 3, width = 13, height = 7;
  Region box;
  box.dimensions = dimensions;
  box.index = {3, 2, 1};
  box.size = {7, 4, 3};
  std::vector<std::byte> bytes(static_cast<size_t>(box.pixels() * 2));
  reader.read(box, bytes);
  size_t at = 0;
  for (int z = 1; z < 4; ++z) {
    for (int y = 2; y < 6; ++y) {
      for (int x = 3; x < 10; ++x, at += 2)
        assert_int_equal(load<int16_t>(&bytes[at]), 37 * (x + width * (y + height * z)) + 11);
    }
  }
}

}  // namespace swr::checks
