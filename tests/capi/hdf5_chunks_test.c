/* HDF5 files whose pixels are in chunks: shapes, codecs and filters that are asked for; pastes that
 * reuse the room of chunks; growth; chunks that are damaged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sanitized.h"
#include "support/chunks.h"

static const chunk_form forms[] = {
    {"deflate", NULL, NULL},          {"deflate", NULL, "shuffle"}, {"deflate", "32,16", NULL},
    {"deflate", "48,9,2", "shuffle"}, {"none", "32,32,2", NULL},    {"deflate", "70,3", NULL},
    {"deflate", "16,64,16", "none"},  {"none", "70,50,7", NULL},
};
enum { form_count = sizeof forms / sizeof forms[0] };
/* NULL: ITK's layout. */
static const char* const datasets[] = {NULL, "/entry/data"};

static int has_hdf5(void) {
  return swr_format_suffixes("HDF5") != NULL;
}

static const swr_component types[] = {SWR_UINT8, SWR_INT16, SWR_UINT32, SWR_FLOAT32, SWR_FLOAT64};

static void every_form_is_written_pasted_into_and_grown(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  for (int number = 0; number < form_count * 5; ++number) {
    const chunk_form* f = &forms[number % form_count];
    const int32_t components = number % 3 == 1 ? 3 : 1;
    const swr_region region = region_3d(0, 0, 0, 70, 50, 3);
    volume v = volume_pattern(&region, types[number / form_count % 5], components, 1);
    source s = source_of(&v);
    swr_writer* w = chunk_writer("image.h5", &v, f);
    assert_ok(w, swr_set_option(w, "hdf5.dataset", datasets[number % 2]));
    assert_ok(w, swr_write(w, pull_source, &s));
    swr_writer_destroy(w);
    assert_file_holds("image.h5", &v);
    const swr_region inside = region_3d(30, 10, 1, 9, 30, 2), slice = region_3d(0, 0, 1, 70, 50, 1);
    change_in_place("image.h5", &v, &inside, 2);
    change_in_place("image.h5", &v, &slice, 3);
    const swr_region longer = region_3d(0, 0, 0, 70, 50, 21),
                     added = region_3d(0, 0, 3, 70, 50, 18);
    volume grown = volume_pattern(&longer, v.component, components, 4);
    volume_copy(&grown, &v, &region);
    grow_in_place("image.h5", &grown, &added);
    assert_file_holds("image.h5", &grown);
    change_in_place("image.h5", &grown, &added, 5);
    volume_free(&grown);
    volume_free(&v);
    assert_file_count(1);
    clear_folder();
  }
}

static void the_file_says_how_it_is_compressed(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  const swr_region region = region_3d(0, 0, 0, 40, 30, 2);
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  const char* const codecs[] = {"none", "deflate"};
  for (int i = 0; i < 2; ++i) {
    const chunk_form f = {codecs[i], i ? NULL : "7,8,9", NULL};
    make_chunks("image.h5", &v, &f);
    const char* encoding = NULL;
    int32_t slotted = 1;
    swr_reader* r = swr_reader_create();
    assert_reader_ok(r, swr_reader_open(r, "image.h5"));
    assert_reader_ok(r, swr_reader_get_encoding(r, &encoding, &slotted));
    assert_string_equal(encoding, codecs[i]);
    assert_int_equal(slotted, 0);
    swr_reader_destroy(r);
  }
  volume_free(&v);
  clear_folder();
}

static void shapes_and_codecs_that_hdf5_has_not_are_refused(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  const swr_region region = region_3d(0, 0, 0, 70, 50, 4);
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  static const struct {
    chunk_form f;
    const char* words;
  } refused[] = {
      {{"deflate", "16,16,1,1", NULL}, "has 4 numbers; the image has 3 dimensions"},
      {{"deflate", "70,50,9000000", NULL}, "chunks of 4 GiB or more"},
      {{"deflate", NULL, "predictor"}, "HDF5 files have none or shuffle"},
      {{"none", "32,16", "shuffle"}, "only compressed pixels have"},
      {{"lz4", NULL, NULL}, "cannot be compressed with lz4; use none or deflate"},
      {{"zstd", NULL, NULL}, "cannot be compressed with zstd; use none or deflate"},
  };
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; ++i) {
    source s = source_of(&v);
    swr_writer* w = chunk_writer("image.h5", &v, &refused[i].f);
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_write(w, pull_source, &s));
    assert_says(swr_writer_message(w), "image.h5");
    assert_says(swr_writer_message(w), refused[i].words);
    assert_int_equal(s.pulls, 0);
    swr_writer_destroy(w);
  }
  assert_file_count(0);
  volume_free(&v);
}

static void the_bytes_depend_on_the_pixels_alone(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  expect_bytes_of_pixels_alone("image.h5", "64,48,2", "shuffle");
}

static void memory_stays_within_the_limit(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  expect_memory_within_limit("image.h5");
}

static void pieces_end_where_chunks_do(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  expect_pieces_end_with_chunks("image.h5");
}

static void pastes_of_noise_reuse_the_room_that_chunks_leave(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  expect_room_reused("image.h5");
}

static void a_damaged_chunk_stops_only_writes_that_need_it(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  expect_damage_in_the_way("image.h5", "the chunk with the pixels (0,0,1)");
}

/* The list of the chunks, which has no checksum, is among what is cut off. */
static void a_file_that_is_cut_off_gives_no_wrong_pixels(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  const swr_region region = region_3d(0, 0, 0, 32, 16, 6);
  const chunk_form f = {"deflate", "16,8,1", "shuffle"};
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1), found = volume_new(&region, SWR_UINT16, 1);
  make_chunks("image.h5", &v, &f);
  int64_t bytes = 0;
  unsigned char* file = load_file("image.h5", &bytes);
  for (int64_t length = bytes - 1; length > 0; length -= SANITIZED ? 397 : 41) {
    save_file("image.h5", file, length);
    swr_reader* r = swr_reader_create();
    if (swr_reader_open(r, "image.h5") == SWR_OK)
      assert_int_not_equal(swr_reader_read(r, &region, found.bytes, volume_bytes(&found)), SWR_OK);
    swr_reader_destroy(r);
  }
  free(file);
  volume_free(&found);
  volume_free(&v);
  clear_folder();
}

static void erased_chunks_leave_no_bytes(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  expect_chunks_erased("image.h5");
}

int main(void) {
  TEST(every_form_is_written_pasted_into_and_grown);
  TEST(the_file_says_how_it_is_compressed);
  TEST(shapes_and_codecs_that_hdf5_has_not_are_refused);
  TEST(the_bytes_depend_on_the_pixels_alone);
  TEST(memory_stays_within_the_limit);
  TEST(pieces_end_where_chunks_do);
  TEST(pastes_of_noise_reuse_the_room_that_chunks_leave);
  TEST(a_damaged_chunk_stops_only_writes_that_need_it);
  TEST(a_file_that_is_cut_off_gives_no_wrong_pixels);
  TEST(erased_chunks_leave_no_bytes);
  return run_all_tests("hdf5_chunks");
}
