/* TIFF files whose pixels are compressed, or in tiles: shapes, codecs and filters that are asked
 * for; pastes that reuse the room of chunks; growth by pages; chunks that are damaged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sanitized.h"
#include "support/chunks.h"

static const chunk_form forms[] = {
    {"deflate", NULL, NULL},           {"deflate", NULL, "predictor"}, {"deflate", "32,16", NULL},
    {"deflate", "48,32", "predictor"}, {"zstd", NULL, "predictor"},    {"zstd", "16,16", NULL},
    {"none", "32,32", NULL},           {"deflate", "70,3", NULL},
};
enum { form_count = sizeof forms / sizeof forms[0] };

/* Whether the library has the codec. */
static int has(const char* codec) {
  const swr_region region = region_3d(0, 0, 0, 2, 2, 2);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, "no-such-file.tif"));
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_compression(w, codec, 3));
  const int found = swr_check(w) == SWR_OK;
  swr_writer_destroy(w);
  return found;
}

static const swr_component types[] = {SWR_UINT8, SWR_INT16, SWR_UINT32, SWR_FLOAT32, SWR_FLOAT64};

static void every_form_is_written_pasted_into_and_grown(void** state) {
  (void)state;
  for (int number = 0; number < form_count * 5 * 2; ++number) {
    const chunk_form* f = &forms[number % form_count];
    const int32_t components = number % 3 == 1 ? 3 : 1;
    const char* path = number % 2 ? "image.tif" : "image.btf";
    if (!has(f->codec)) continue;
    const swr_region region = region_3d(0, 0, 0, 70, 50, 3);
    volume v = volume_pattern(&region, types[number / form_count % 5], components, 1);
    make_chunks(path, &v, f);
    assert_file_holds(path, &v);
    const swr_region inside = region_3d(30, 10, 1, 9, 30, 2),
                     whole_page = region_3d(0, 0, 1, 70, 50, 1);
    change_in_place(path, &v, &inside, 2);
    change_in_place(path, &v, &whole_page, 3);
    const swr_region longer = region_3d(0, 0, 0, 70, 50, 5), added = region_3d(0, 0, 3, 70, 50, 2);
    volume grown = volume_pattern(&longer, v.component, components, 4);
    volume_copy(&grown, &v, &region);
    grow_in_place(path, &grown, &added);
    assert_file_holds(path, &grown);
    change_in_place(path, &grown, &added, 5);
    volume_free(&grown);
    volume_free(&v);
    assert_file_count(1);
    clear_folder();
  }
}

static void the_file_says_how_it_is_compressed(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 40, 30, 2);
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  const char* const codecs[] = {"none", "deflate", "zstd"};
  for (int i = 0; i < 3; ++i) {
    const chunk_form f = {codecs[i], NULL, NULL};
    if (!has(codecs[i])) continue;
    make_chunks("image.tif", &v, &f);
    const char* encoding = NULL;
    int32_t slotted = 1;
    swr_reader* r = swr_reader_create();
    assert_reader_ok(r, swr_reader_open(r, "image.tif"));
    assert_reader_ok(r, swr_reader_get_encoding(r, &encoding, &slotted));
    assert_string_equal(encoding, codecs[i]);
    assert_int_equal(slotted, 0);
    swr_reader_destroy(r);
  }
  volume_free(&v);
  clear_folder();
}

static void shapes_and_codecs_that_tiff_has_not_are_refused(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 70, 50, 4);
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  static const struct {
    chunk_form f;
    const char* words;
  } refused[] = {
      {{"deflate", "20,16", NULL}, "multiples of 16"},
      {{"deflate", "32,16,2", NULL}, "several pages"},
      {{"deflate", "16,16,1,1", NULL}, "has 4 numbers; the image has 3 dimensions"},
      {{"deflate", NULL, "shuffle"}, "TIFF files have none or predictor"},
      {{"none", "32,16", "predictor"}, "only compressed pixels have"},
      {{"lz4", NULL, NULL}, "cannot be compressed with lz4; use none, deflate"},
      {{"blosc", NULL, NULL}, "cannot be compressed with blosc; use none, deflate"},
  };
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; ++i) {
    source s = source_of(&v);
    swr_writer* w = chunk_writer("image.tif", &v, &refused[i].f);
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_write(w, pull_source, &s));
    assert_says(swr_writer_message(w), "image.tif");
    assert_says(swr_writer_message(w), refused[i].words);
    assert_int_equal(s.pulls, 0);
    swr_writer_destroy(w);
  }
  assert_file_count(0);
  volume_free(&v);
}

static void the_bytes_depend_on_the_pixels_alone(void** state) {
  (void)state;
  expect_bytes_of_pixels_alone("image.tif", "64,48", "predictor");
}

static void memory_stays_within_the_limit(void** state) {
  (void)state;
  expect_memory_within_limit("image.tif");
}

static void pieces_end_where_chunks_do(void** state) {
  (void)state;
  expect_pieces_end_with_chunks("image.tif");
}

static void pastes_of_noise_reuse_the_room_that_chunks_leave(void** state) {
  (void)state;
  expect_room_reused("image.tif");
}

static void a_damaged_chunk_stops_only_writes_that_need_it(void** state) {
  (void)state;
  expect_damage_in_the_way("image.tif", "the strip with the pixels (0,0,1)");
}

static void erased_chunks_leave_no_bytes(void** state) {
  (void)state;
  expect_chunks_erased("image.tif");
}

int main(void) {
  TEST(every_form_is_written_pasted_into_and_grown);
  TEST(the_file_says_how_it_is_compressed);
  TEST(shapes_and_codecs_that_tiff_has_not_are_refused);
  TEST(the_bytes_depend_on_the_pixels_alone);
  TEST(memory_stays_within_the_limit);
  TEST(pieces_end_where_chunks_do);
  TEST(pastes_of_noise_reuse_the_room_that_chunks_leave);
  TEST(a_damaged_chunk_stops_only_writes_that_need_it);
  TEST(erased_chunks_leave_no_bytes);
  return run_all_tests("tiff_chunks");
}
