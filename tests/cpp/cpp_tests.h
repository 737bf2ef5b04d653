// Shared by the tests of swr.hpp.
#pragma once

#include <cstring>
#include <string>
#include <utility>

#include "swr/swr.hpp"

extern "C" {
#include "support/support.h"
}

// The call throws an Error (or what it derives from), and its sentence has the words.
template <class Expected, class Call>
void assert_throws(const Call& call, const char* words) {
  std::string said;
  bool thrown = false;
  try {
    call();
  } catch (const Expected& error) {
    thrown = true;
    said = error.what();
  } catch (const std::exception& error) {
    print_error("another exception: %s\n", error.what());
  }
  assert_true(thrown);
  assert_says(said.c_str(), words);
}

// The pixel of an image of these tests.
inline uint16_t value_at(int64_t x, int64_t y, int64_t z) {
  return static_cast<uint16_t>(x + 100 * y + 1000 * z);
}

// Fills a piece with that.
inline void fill(swr::Piece& piece) {
  const swr::Region region = piece.region();
  uint16_t* pixel = piece.pixels<uint16_t>().data();
  for (int64_t z = region.index[2]; z < region.index[2] + region.size[2]; ++z)
    for (int64_t y = region.index[1]; y < region.index[1] + region.size[1]; ++y)
      for (int64_t x = region.index[0]; x < region.index[0] + region.size[0]; ++x)
        *pixel++ = value_at(x, y, z);
}

// A writer of 6 x 5 x 4 pixels of 16 bits, in as many pieces as slices.
inline swr::Writer small_writer(const std::string& path) {
  swr::Writer writer(path);
  writer.set_image_region({6, 5, 4}).set_pixel_type<uint16_t>().set_divisions(4);
  return writer;
}

inline void make_small(const std::string& path) {
  small_writer(path).write(fill);
}

void add_error_tests();
void add_writer_tests();
void add_reader_tests();
void add_failing_source_tests();
