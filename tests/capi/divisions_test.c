/* Divisions: counted as in ITK, chosen by the library if unset, refused if they need more memory
 * than allowed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sanitized.h"
#include "support/support.h"

static swr_writer* writer_of(const swr_region* region, swr_component component) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, "image.mha"));
  assert_ok(w, swr_set_image_region(w, region));
  assert_ok(w, swr_set_pixel_type(w, component, 1, SWR_KIND_SCALAR));
  return w;
}

static void divisions_are_counted_as_itk_counts(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 10, 11);
  const int64_t asked[] = {0, 1, 2, 3, 4, 7, 11, 12, 99},
                expected[] = {1, 1, 2, 3, 4, 6, 11, 11, 11};
  swr_writer* w = writer_of(&region, SWR_UINT8);
  for (int i = 0; i < 9; ++i) {
    int64_t got = -1;
    assert_ok(w, swr_get_actual_divisions(w, asked[i], &got));
    assert_int_equal(got, expected[i]);
    assert_ok(w, swr_set_divisions(w, asked[i]));
    assert_ok(w, swr_get_piece_count(w, &got));
    assert_int_equal(got, expected[i]);
  }
  assert_file_count(0);
  swr_writer_destroy(w);
}

static void forty_two_slices_in_ten_are_nine_pieces(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 48, 62, 42);
  swr_writer* w = writer_of(&region, SWR_UINT8);
  int64_t count = 0;
  assert_ok(w, swr_get_actual_divisions(w, 10, &count));
  assert_int_equal(count, 9);
  for (int64_t i = 0; i < 9; ++i) {
    swr_region got;
    const swr_region expected = region_3d(0, 0, 5 * i, 48, 62, i < 8 ? 5 : 2);
    assert_ok(w, swr_get_split_region(w, i, 10, &got));
    assert_region_equal(&got, &expected);
  }
  swr_region got;
  assert_status(w, SWR_ERROR_ARGUMENT, swr_get_split_region(w, 9, 10, &got));
  assert_status(w, SWR_ERROR_ARGUMENT, swr_get_split_region(w, -1, 10, &got));
  swr_writer_destroy(w);
}

static void the_paste_region_is_divided_not_the_image(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 48, 62, 42), flat = region_3d(16, 20, 1, 16, 20, 1);
  swr_writer* w = writer_of(&region, SWR_UINT8);
  assert_ok(w, swr_set_paste_region(w, &flat));
  int64_t count = 0;
  assert_ok(w, swr_get_actual_divisions(w, 10, &count));
  assert_int_equal(count, 10);
  for (int64_t i = 0; i < 10; ++i) {
    swr_region got;
    const swr_region expected = region_3d(16, 20 + 2 * i, 1, 16, 2, 1);
    assert_ok(w, swr_get_split_region(w, i, 10, &got));
    assert_region_equal(&got, &expected);
  }
  swr_writer_destroy(w);
}

static void a_region_of_one_pixel_is_one_piece(void** state) {
  (void)state;
  const swr_region region = region_3d(3, 4, 5, 1, 1, 1);
  swr_writer* w = writer_of(&region, SWR_UINT8);
  int64_t count = 0;
  swr_region got;
  assert_ok(w, swr_get_actual_divisions(w, 8, &count));
  assert_int_equal(count, 1);
  assert_ok(w, swr_get_split_region(w, 0, 8, &got));
  assert_region_equal(&got, &region);
  swr_writer_destroy(w);
}

static void pieces_of_any_division_cover_the_region_once(void** state) {
  (void)state;
  const swr_region region = region_3d(-3, 7, 100, 5, 6, 23);
  swr_writer* w = writer_of(&region, SWR_UINT8);
  for (int64_t asked = 0; asked < 30; ++asked) {
    int64_t count = 0, next = 100;
    assert_ok(w, swr_get_actual_divisions(w, asked, &count));
    for (int64_t i = 0; i < count; ++i) {
      swr_region got;
      assert_ok(w, swr_get_split_region(w, i, asked, &got));
      const swr_region expected = region_3d(-3, 7, next, 5, 6, got.size[2]);
      assert_region_equal(&got, &expected);
      assert_true(got.size[2] > 0);
      next += got.size[2];
    }
    assert_int_equal(next, 123);
  }
  swr_writer_destroy(w);
}

static void unset_divisions_make_pieces_of_about_a_megabyte(void** state) {
  (void)state;
  const swr_region shapes[] = {
      region_3d(0, 0, 0, 512, 512, 400), /* a slice is half of it */
      region_3d(0, 0, 0, 8192, 8192, 3), /* a slice is 128 MiB: split by rows */
      region_2d(0, 0, 64 << 20, 2),      /* a row is 128 MiB: split inside rows */
      region_3d(0, 0, 0, 1 << 20, 1 << 20, 1 << 10),
  };
  for (int i = 0; i < 4; ++i) {
    swr_writer* w = writer_of(&shapes[i], SWR_UINT16);
    int64_t bytes = 0, count = 0, need = 0;
    assert_ok(w, swr_get_piece_bytes(w, &bytes));
    assert_in_range(bytes, 256 << 10, 2 << 20);
    assert_ok(w, swr_get_piece_count(w, &count));
    assert_true(count >= region_pixels(&shapes[i]) * 2 / bytes);
    assert_ok(w, swr_get_memory_need(w, &need));
    assert_in_range(need, bytes, 256 << 20);
    swr_writer_destroy(w);
  }
}

static void unset_divisions_stay_inside_a_small_limit(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 4096, 4096, 16);
  swr_writer* w = writer_of(&region, SWR_FLOAT64);
  for (int64_t limit = 1 << 20; limit <= 64 << 20; limit *= 2) {
    int64_t need = 0;
    assert_ok(w, swr_set_memory_limit(w, limit));
    assert_ok(w, swr_check(w));
    assert_ok(w, swr_get_memory_need(w, &need));
    assert_in_range(need, 1, limit);
  }
  swr_writer_destroy(w);
}

/* Every compressed kind writes within the least memory: 2 MiB with slots of the usual size, 1 MiB
 * with those of 64 KiB. The file's bytes do not depend on it. */
static void compression_gets_along_with_the_least_memory(void** state) {
  const test_case* t = *state;
  if (!t->kind->compressed) return;
  const swr_region region = region_3d(0, 0, 0, 512, 300, 11);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  const struct {
    const char* slot;
    int64_t limit;
    swr_component source;
    int32_t pull_threads;
  } rows[] = {{NULL, 2 << 20, SWR_UINT16, 1},   {NULL, 2 << 20, SWR_FLOAT64, 1},
              {NULL, 2 << 20, SWR_UINT8, 3},    {"65536", 1 << 20, SWR_UINT16, 1},
              {"65536", 1 << 20, SWR_UINT8, 1}, {"8192", 1 << 20, SWR_FLOAT32, 1}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
    if (SANITIZED && !takes_its_turn(t, (int64_t)i, 3)) continue;
    snapshot* plenty = NULL;
    for (int little = 0; little < 2; ++little) {
      volume from = volume_pattern(&region, rows[i].source, 1, 1);
      volume_fill(&from, 7);
      if (rows[i].source == SWR_UINT16) memcpy(from.bytes, v.bytes, (size_t)volume_bytes(&v));
      swr_writer* w = writer_for(t, &v);
      assert_ok(w, swr_set_option(w, "deflate.slot", rows[i].slot));
      assert_ok(w, swr_set_source_type(w, rows[i].source));
      assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_CLAMP));
      assert_ok(w, swr_set_pull_threads(w, rows[i].pull_threads));
      const int64_t limit = has_chunks(t) ? 2 << 20 : rows[i].limit; /* strips have no options */
      if (little) assert_ok(w, swr_set_memory_limit(w, limit));
      int64_t need = 0, peak = 0;
      assert_ok(w, swr_check(w));
      assert_ok(w, swr_get_memory_need(w, &need));
      assert_ok(w, swr_write(w, pull_volume, &from));
      assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PEAK_BUFFER_BYTES, &peak));
      assert_in_range(peak, 1, need);
      if (little) {
        assert_in_range(need, 1, limit);
        if (!is_a_folder(t)) assert_unchanged(plenty); /* its chunks are flatter */
        snapshot_free(plenty);
      } else {
        plenty = snapshot_take();
      }
      swr_writer_destroy(w);
      volume_free(&from);
    }
  }
  volume_free(&v);
}

/* A paste into a compressed file keeps its pixels until it has all of them: they count with their
 * own size, not with that of the image, which has 10 MiB. Chunks are changed as a whole: those of a
 * folder have a mebibyte. */
static void a_small_paste_into_a_large_compressed_file_takes_little(void** state) {
  const test_case* t = *state;
  if (!t->kind->compressed) return;
  const swr_region region = region_3d(0, 0, 0, 512, 512, 40),
                   box = region_3d(100, 100, 10, 32, 32, 8);
  volume v = volume_new(&region, SWR_UINT8, 1), part = volume_pattern(&box, SWR_UINT8, 1, 3);
  make_file(t, &v);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&part);
  int64_t peak = 0;
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PEAK_BUFFER_BYTES, &peak));
  assert_in_range(peak, 32 * 32 * 8, is_a_folder(t) ? 5 << 20 : has_chunks(t) ? 3 << 20 : 2 << 20);
  volume_copy(&v, &part, &box);
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&part);
}

static void divisions_are_refused_by_a_limit_that_was_set(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 1024, 1024, 4096); /* 8 GiB */
  swr_writer* w = writer_of(&region, SWR_UINT16);
  int64_t need = 0;
  assert_ok(w, swr_get_memory_need(w, &need));
  assert_in_range(need, 1, 256 << 20);
  assert_ok(w, swr_set_divisions(w, 1)); /* and so the pieces are as large as that */
  assert_ok(w, swr_check(w));
  assert_ok(w, swr_get_memory_need(w, &need));
  assert_true(need >= INT64_C(8) << 30);
  assert_ok(w, swr_set_memory_limit(w, 256 << 20));
  assert_status(w, SWR_ERROR_MEMORY_LIMIT, swr_check(w));
  assert_says(swr_writer_message(w), "the limit is 268435456");
  assert_ok(w, swr_set_memory_limit(w, 0));
  assert_ok(w, swr_check(w));
  swr_writer_destroy(w);
}

static void too_few_divisions_for_the_limit_are_refused_with_the_number_that_would_do(
    void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 1024, 1024, 64); /* slices of 2 MiB */
  volume v = volume_new(&region, SWR_UINT16, 1);
  swr_writer* w = writer_of(&region, SWR_UINT16);
  source s = source_of(&v);
  assert_ok(w, swr_set_memory_limit(w, 24 << 20));
  assert_ok(w, swr_set_divisions(w, 1));
  assert_status(w, SWR_ERROR_MEMORY_LIMIT, swr_check(w));
  assert_status(w, SWR_ERROR_MEMORY_LIMIT, swr_write(w, pull_source, &s));
  assert_int_equal(s.pulls, 0);
  assert_file_count(0);
  char message[1024], number[32];
  snprintf(message, sizeof message, "%s", swr_writer_message(w));
  int64_t enough = 1;
  for (; enough <= 64; ++enough) {
    assert_ok(w, swr_set_divisions(w, enough));
    if (swr_check(w) == SWR_OK) break;
  }
  assert_in_range(enough, 2, 64);
  snprintf(number, sizeof number, " %lld", (long long)enough);
  assert_says(message, number);
  assert_ok(w, swr_write(w, pull_source, &s));
  int64_t peak = 0;
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PEAK_BUFFER_BYTES, &peak));
  assert_in_range(peak, 1, 24 << 20);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void divisions_that_no_number_makes_fit_are_refused(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 4096, 4096, 2); /* slices of 32 MiB */
  swr_writer* w = writer_of(&region, SWR_UINT16);
  assert_ok(w, swr_set_memory_limit(w, 1 << 20));
  assert_ok(w, swr_set_divisions(w, 2));
  assert_status(w, SWR_ERROR_MEMORY_LIMIT, swr_check(w));
  assert_ok(w, swr_set_divisions(w, -1));
  assert_ok(w, swr_check(w));
  swr_writer_destroy(w);
}

static void the_peak_of_the_buffers_is_what_was_announced(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 512, 512, 40);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  for (int64_t divisions = -1; divisions <= 40; divisions += 11) {
    swr_writer* w = writer_of(&region, SWR_UINT16);
    source s = source_of(&v);
    int64_t need = 0, peak = 0;
    assert_ok(w, swr_set_divisions(w, divisions));
    assert_ok(w, swr_get_memory_need(w, &need));
    assert_ok(w, swr_write(w, pull_source, &s));
    assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PEAK_BUFFER_BYTES, &peak));
    assert_in_range(peak, 1, need);
    swr_writer_destroy(w);
  }
  volume_free(&v);
}

static void the_old_name_of_the_paste_region_does_the_same(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 8, 8, 8), box = region_3d(1, 1, 1, 2, 3, 4);
  swr_writer* w = writer_of(&region, SWR_UINT8);
  swr_region got;
  assert_ok(w, swr_set_io_region(w, &box));
  assert_ok(w, swr_get_split_region(w, 0, 1, &got));
  assert_region_equal(&got, &box);
  assert_ok(w, swr_set_io_region(w, NULL));
  assert_ok(w, swr_get_split_region(w, 0, 1, &got));
  assert_region_equal(&got, &region);
  swr_writer_destroy(w);
}

int main(void) {
  TEST(divisions_are_counted_as_itk_counts);
  TEST(forty_two_slices_in_ten_are_nine_pieces);
  TEST(the_paste_region_is_divided_not_the_image);
  TEST(a_region_of_one_pixel_is_one_piece);
  TEST(pieces_of_any_division_cover_the_region_once);
  TEST(unset_divisions_make_pieces_of_about_a_megabyte);
  TEST(unset_divisions_stay_inside_a_small_limit);
  TEST_EACH(compression_gets_along_with_the_least_memory, SWR_CAN_STREAM);
  TEST_EACH(a_small_paste_into_a_large_compressed_file_takes_little,
            SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST(divisions_are_refused_by_a_limit_that_was_set);
  TEST(too_few_divisions_for_the_limit_are_refused_with_the_number_that_would_do);
  TEST(divisions_that_no_number_makes_fit_are_refused);
  TEST(the_peak_of_the_buffers_is_what_was_announced);
  TEST(the_old_name_of_the_paste_region_does_the_same);
  return run_all_tests("divisions");
}
