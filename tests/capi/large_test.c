/* Images larger than memory: streamed within a small limit, every voxel checked; pasted into far
 * from the beginning. */
#define _XOPEN_SOURCE 700
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "heap/heap.h"
#include "support/support.h"

enum { side = 1024, slices = 2112, memory_limit = 64 << 20 }; /* of uint16: 4.125 GiB */

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A counter: each voxel's own number, folded to 16 bits so that no two slices, rows or
 * neighbours are alike. */
static void count_row(uint16_t* row, int64_t y, int64_t z) {
  const uint16_t first = (uint16_t)(z * 25717 + y * 41);
  for (int x = 0; x < side; ++x) row[x] = (uint16_t)(first + x);
}

static int32_t pull_counter(swr_piece* piece, void* user) {
  (void)user;
  const swr_region* region = swr_piece_region(piece);
  uint16_t* out = swr_piece_buffer(piece);
  if (!out) return SWR_ERROR_MEMORY;
  uint16_t row[side];
  for (int64_t z = region->index[2]; z < region->index[2] + region->size[2]; ++z) {
    for (int64_t y = region->index[1]; y < region->index[1] + region->size[1]; ++y) {
      count_row(row, y, z);
      memcpy(out, row + region->index[0], (size_t)region->size[0] * 2);
      out += region->size[0];
    }
  }
  return SWR_OK;
}

static void assert_counted(const char* path) {
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_set_memory_limit(r, memory_limit));
  assert_reader_ok(r, swr_reader_open(r, path));
  enum { slab = 8 };
  const int64_t bytes = (int64_t)side * side * slab * 2;
  uint16_t* got = malloc((size_t)bytes);
  uint16_t row[side];
  for (int64_t z = 0; z < slices; z += slab) {
    const swr_region region = region_3d(0, 0, z, side, side, slab);
    assert_reader_ok(r, swr_reader_read(r, &region, got, bytes));
    for (int64_t i = 0; i < slab * side; ++i) {
      count_row(row, i % side, z + i / side);
      if (memcmp(got + i * side, row, sizeof row) == 0) continue;
      print_error("row %lld of slice %lld is wrong\n", (long long)(i % side),
                  (long long)(z + i / side));
      fail();
    }
  }
  free(got);
  swr_reader_destroy(r);
}

static void four_gigabytes_stream_under_64_megabytes(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, side, side, slices);
  const double begin = seconds_now();
  heap_watch();
  swr_writer* w = new_writer(t);
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_memory_limit(w, memory_limit));
  assert_ok(w, swr_write(w, pull_counter, NULL));
  int64_t peak = 0;
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PEAK_BUFFER_BYTES, &peak));
  assert_in_range(peak, 1, memory_limit);
  swr_writer_destroy(w);
  const double written = seconds_now();
  assert_counted(t->path);
  const double read = seconds_now();
  print_message("%s: written in %.1f s, read in %.1f s, %.1f MiB allocated at most\n", t->name,
                written - begin, read - written, (double)heap_peak() / (1 << 20));
  assert_true(heap_peak() <= memory_limit + (32 << 20));
}

/* Twelve gigabytes that need no space on the disk: zeros are not stored. */
static void a_box_is_pasted_beyond_four_gigabytes(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 2048, 2048, 1536),
                   box = region_3d(1900, 1800, 1450, 64, 64, 64);
  swr_writer* w = new_writer(t);
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_memory_limit(w, memory_limit));
  assert_ok(w, swr_allocate(w));
  volume v = volume_pattern(&box, SWR_UINT16, 1, 1);
  source s = source_of(&v);
  const double begin = seconds_now();
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_write(w, pull_source, &s));
  print_message("%s: %.1f ms\n", t->name, 1e3 * (seconds_now() - begin));
  const swr_region around = region_3d(1890, 1790, 1440, 84, 84, 84);
  volume got = volume_new(&around, SWR_UINT16, 1), model = volume_new(&around, SWR_UINT16, 1);
  volume_copy(&model, &v, &box);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_reader_ok(r, swr_reader_read(r, &around, got.bytes, volume_bytes(&got)));
  assert_volume_equal(&got, &model);
  swr_reader_destroy(r);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&got);
  volume_free(&model);
}

/* The pixel with the number 2^33 is the first one of the last slice. */
static void boxes_are_pasted_at_the_far_end_of_more_than_2_to_the_33_pixels(void** state) {
  const test_case* t = *state;
  const swr_component type = variant_holds(t->kind, SWR_UINT8, 1, 3) ? SWR_UINT8 : SWR_INT8;
  const swr_region region = region_3d(0, 0, 0, 2048, 2048, 2049);
  const swr_region boxes[] = {region_3d(0, 0, 2047, 64, 3, 2),
                              region_3d(2040, 2041, 2041, 8, 7, 8)};
  assert_true(region_pixels(&region) > INT64_C(1) << 33);
  swr_writer* w = new_writer(t);
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_set_pixel_type(w, type, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_memory_limit(w, memory_limit));
  assert_ok(w, swr_allocate(w));
  for (int i = 0; i < 2; ++i) {
    volume v = volume_pattern(&boxes[i], type, 1, (uint64_t)i + 1);
    source s = source_of(&v);
    assert_ok(w, swr_set_paste_region(w, &boxes[i]));
    assert_ok(w, swr_write(w, pull_source, &s));
    source_free(&s);
    volume_free(&v);
  }
  swr_writer_destroy(w);
  const swr_region ends[] = {region_3d(0, 0, 2046, 80, 5, 3),
                             region_3d(2030, 2030, 2039, 18, 18, 10), region_3d(0, 0, 0, 9, 9, 9)};
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  for (int i = 0; i < 3; ++i) {
    volume got = volume_new(&ends[i], type, 1), model = volume_new(&ends[i], type, 1);
    if (i < 2) {
      volume v = volume_pattern(&boxes[i], type, 1, (uint64_t)i + 1);
      volume_copy(&model, &v, &boxes[i]);
      volume_free(&v);
    }
    assert_reader_ok(r, swr_reader_read(r, &ends[i], got.bytes, volume_bytes(&got)));
    assert_volume_equal(&got, &model);
    volume_free(&got);
    volume_free(&model);
  }
  swr_reader_destroy(r);
}

int main(void) {
  TEST(four_gigabytes_stream_under_64_megabytes);
  TEST_EACH_PLAIN(a_box_is_pasted_beyond_four_gigabytes, SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST_EACH_PLAIN(boxes_are_pasted_at_the_far_end_of_more_than_2_to_the_33_pixels,
                  SWR_CAN_STREAM | SWR_CAN_PASTE);
  return run_all_tests("large");
}
