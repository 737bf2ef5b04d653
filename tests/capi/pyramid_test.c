/* Smaller versions of an image, against a plain model: made while the pixels go by, in any order,
 * and changed with the image by pastes and growth. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sanitized.h"
#include "support/chunks.h"
#include "support/pyramids.h"

/* Files with pyramids: how many axes are halved. */
typedef struct pyramid_form {
  const char* path;
  int halved;
  chunk_form chunks;
  const char *zarr_version, *shard;
} pyramid_form;

static const pyramid_form forms[] = {
    {"image.tif", 2, {"none", "32,16", NULL}, NULL, NULL},
    {"image.ome.tif", 2, {"deflate", "16,16", "predictor"}, NULL, NULL},
    {"image.btf", 2, {"deflate", NULL, NULL}, NULL, NULL},
    {"image.tif", 2, {"none", NULL, NULL}, NULL, NULL},
    {"image.tif", 2, {"deflate", "75,3", "predictor"}, NULL, NULL},
    {"image.zarr", 3, {"deflate", "16,8,2", NULL}, NULL, NULL},
    {"image.zarr", 3, {"none", "20,9", NULL}, "3", NULL},
    {"image.zarr", 3, {NULL, NULL, NULL}, NULL, NULL},
    {"image.zarr", 3, {"deflate", "8,8,2", NULL}, "3", "24,16,2"},
};
enum { form_count = sizeof forms / sizeof forms[0] };

static int is_zarr(const pyramid_form* f) {
  return f->halved == 3;
}

/* --- Writing --- */

static swr_writer* pyramid_writer(const pyramid_form* f, const volume* v, const char* levels,
                                  const char* method) {
  swr_writer* w = chunk_writer(f->path, v, &f->chunks);
  assert_ok(w, swr_set_option(w, "pyramid.levels", levels));
  assert_ok(w, swr_set_option(w, "pyramid.method", method));
  assert_ok(w, swr_set_option(w, "zarr.version", f->zarr_version));
  assert_ok(w, swr_set_option(w, "zarr.shard", f->shard));
  return w;
}

static void make_pyramid(const pyramid_form* f, const volume* v, const char* levels,
                         const char* method) {
  source s = source_of(v);
  swr_writer* w = pyramid_writer(f, v, levels, method);
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
}

static const swr_component types[] = {SWR_UINT8, SWR_INT8,    SWR_UINT16,  SWR_INT16,  SWR_UINT32,
                                      SWR_INT32, SWR_FLOAT32, SWR_FLOAT64, SWR_UINT64, SWR_INT64};
enum { type_count = sizeof types / sizeof types[0] };
static const swr_region odd = {3, 0, {0, 0, 0}, {75, 51, 3}};

static void levels_are_means_or_nearest_pixels_of_all_types(void** state) {
  for (int number = 0; number < form_count * type_count * 2; ++number) {
    const pyramid_form* f = &forms[number % form_count];
    if (!is_of_the_part(*state, number)) continue;
    if (number / form_count / 2 >= 8 && !is_zarr(f)) continue; /* TIFF has no longer integers */
    const int is_nearest = number / form_count % 2;
    const int32_t components = number % 3 == 1 ? 3 : 1;
    volume v = volume_pattern(&odd, types[number / form_count / 2], components, 7);
    make_pyramid(f, &v, "4", is_nearest ? "nearest" : NULL);
    assert_levels(f->path, &v, f->halved, 4, is_nearest);
    volume_free(&v);
    assert_file_count(1);
    clear_folder();
  }
}

static void halves_are_rounded_to_the_even_number(void** state) {
  (void)state;
  static const int8_t boxes[8][4] = {
      {0, 0, 0, 2}, {1, 1, 2, 2}, {-1, -1, 0, 0},           {-1, -2, -1, -2},
      {0, 0, 0, 1}, {0, 1, 1, 1}, {-128, -128, -128, -127}, {127, 127, 127, 127}};
  static const int8_t expected[8] = {0, 2, 0, -2, 0, 1, -128, 127};
  const swr_region region = region_2d(0, 0, 16, 2);
  volume v = volume_new(&region, SWR_INT8, 1);
  for (int i = 0; i < 8; ++i) {
    for (int k = 0; k < 4; ++k) v.bytes[(k / 2) * 16 + 2 * i + k % 2] = (unsigned char)boxes[i][k];
  }
  make_pyramid(&forms[0], &v, "1", NULL);
  volume found = read_level(forms[0].path, 1, &v);
  assert_memory_equal(found.bytes, expected, 8);
  volume_free(&found);
  volume_free(&v);
  clear_folder();
}

static void levels_depend_on_the_pixels_alone(void** state) {
  (void)state;
  for (int number = 0; number < form_count; ++number) {
    const pyramid_form* f = &forms[number];
    volume v = volume_pattern(&odd, SWR_UINT16, 1, 3);
    snapshot* first = NULL;
    for (int i = 0; i < 6; ++i) {
      source s = source_of(&v);
      swr_writer* w = pyramid_writer(f, &v, "3", NULL);
      assert_ok(w, swr_set_threads(w, 1 + i % 3));
      assert_ok(w, swr_set_divisions(w, i == 0 ? -1 : 1 + 7 * i));
      assert_ok(w, swr_write(w, pull_source, &s));
      swr_writer_destroy(w);
      if (first) assert_unchanged(first);
      if (!first) first = snapshot_take();
    }
    snapshot_free(first);
    assert_levels(f->path, &v, f->halved, 3, 0);
    volume_free(&v);
    clear_folder();
  }
}

static void boxes_in_any_order_make_the_same_levels(void** state) {
  (void)state;
  for (int number = 0; number < form_count; ++number) {
    const pyramid_form* f = &forms[number];
    volume v = volume_pattern(&odd, SWR_INT16, 1, 5), old = volume_pattern(&odd, SWR_INT16, 1, 6);
    swr_writer* w = pyramid_writer(f, &v, "3", NULL);
    assert_ok(w, swr_set_fill_value(w, 9));
    assert_ok(w, swr_begin(w));
    const swr_region boxes[] = {region_3d(0, 0, 0, 75, 20, 1), region_3d(40, 11, 1, 20, 30, 2),
                                region_3d(3, 5, 0, 31, 9, 1), region_3d(0, 50, 2, 75, 1, 1)};
    volume expected = volume_new(&odd, SWR_INT16, 1);
    volume_fill(&expected, 9);
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < 4; ++i) {
        const volume* from = round ? &v : &old;
        volume part = volume_new(&boxes[i], SWR_INT16, 1);
        volume_copy(&part, from, &boxes[i]);
        assert_ok(w, swr_put(w, &boxes[i], part.bytes, volume_bytes(&part)));
        volume_copy(&expected, &part, &boxes[i]);
        volume_free(&part);
      }
    }
    assert_ok(w, swr_finish(w));
    swr_writer_destroy(w);
    assert_levels(f->path, &expected, f->halved, 3, 0);
    volume_free(&expected);
    volume_free(&old);
    volume_free(&v);
    clear_folder();
  }
}

static void pastes_change_the_levels_with_the_image(void** state) {
  (void)state;
  const swr_region boxes[] = {region_3d(30, 10, 1, 9, 30, 2), region_3d(0, 0, 1, 75, 51, 1),
                              region_3d(74, 50, 2, 1, 1, 1), region_3d(1, 1, 0, 1, 1, 1),
                              region_3d(0, 0, 0, 75, 51, 3)};
  for (int number = 0; number < form_count * 2; ++number) {
    const pyramid_form* f = &forms[number % form_count];
    const int is_nearest = number / form_count;
    const int32_t components = number % 3 == 1 ? 3 : 1;
    volume v = volume_pattern(&odd, number % 2 ? SWR_FLOAT32 : SWR_INT16, components, 1);
    make_pyramid(f, &v, "3", is_nearest ? "nearest" : "mean");
    for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; ++i) {
      change_in_place(f->path, &v, &boxes[i], 20 + i);
      assert_levels(f->path, &v, f->halved, 3, is_nearest);
    }
    assert_file_count(1);
    volume_free(&v);
    clear_folder();
  }
}

/* A pixel of a level that another hand has changed stays, unless it stands for pixels that are
 * written. */
static void only_what_stands_for_written_pixels_is_made_again(void** state) {
  (void)state;
  const pyramid_form f = {"image.tif", 2, {"none", "16,16", NULL}, NULL, NULL};
  const swr_region region = region_2d(0, 0, 64, 64);
  const swr_region corner = region_2d(0, 0, 10, 10), over = region_2d(17, 12, 1, 3);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  make_pyramid(&f, &v, "1", NULL);
  volume level = read_level(f.path, 1, &v);
  /* The pixel (8,6) of the level is in the row of a tile that begins at (0,6). */
  int64_t bytes = 0, at = -1;
  unsigned char* file = load_file(f.path, &bytes);
  const unsigned char* row = level.bytes + 6 * 32 * 2;
  for (int64_t i = 0; i + 32 <= bytes && at < 0; ++i) {
    if (memcmp(file + i, row, 32) == 0) at = i + 8 * 2;
  }
  assert_true(at >= 0);
  file[at] ^= 0x10;
  save_file(f.path, file, bytes);
  free(file);
  change_in_place(f.path, &v, &corner, 2);
  volume found = read_level(f.path, 1, &v), model = smaller(&v, 2, 0);
  model.bytes[(6 * 32 + 8) * 2] = (unsigned char)(level.bytes[(6 * 32 + 8) * 2] ^ 0x10);
  assert_volume_equal(&found, &model);
  volume_free(&found);
  volume_free(&model);
  change_in_place(f.path, &v, &over, 3);
  assert_levels(f.path, &v, 2, 1, 0);
  volume_free(&level);
  volume_free(&v);
  clear_folder();
}

static void growth_keeps_the_levels_true(void** state) {
  (void)state;
  for (int number = 0; number < form_count; ++number) {
    const pyramid_form* f = &forms[number];
    /* A further level of Zarr would have as many slices as the one before it, and keep that. */
    const int levels = is_zarr(f) ? 2 : 3;
    volume v = volume_pattern(&odd, SWR_UINT16, 1, 1);
    make_pyramid(f, &v, levels == 2 ? "2" : "3", NULL);
    const swr_region longer = region_3d(0, 0, 0, 75, 51, 6), added = region_3d(0, 0, 4, 75, 51, 2);
    volume grown = volume_pattern(&longer, SWR_UINT16, 1, 4);
    volume gap = volume_new(&longer, SWR_UINT16, 1);
    volume_fill(&gap, 9);
    const swr_region skipped = region_3d(0, 0, 3, 75, 51, 1);
    volume_copy(&grown, &gap, &skipped);
    volume_copy(&grown, &v, &odd);
    source s = source_of(&grown);
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, f->path));
    assert_ok(w, swr_set_image_region(w, &longer));
    assert_ok(w, swr_set_paste_region(w, &added));
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
    assert_ok(w, swr_set_fill_value(w, 9));
    assert_ok(w, swr_write(w, pull_source, &s));
    assert_int_equal(statistic(w, SWR_STATISTIC_METHOD), SWR_METHOD_IN_PLACE);
    swr_writer_destroy(w);
    assert_levels(f->path, &grown, f->halved, levels, 0);
    change_in_place(f->path, &grown, &added, 5);
    assert_levels(f->path, &grown, f->halved, levels, 0);
    volume_free(&gap);
    volume_free(&grown);
    volume_free(&v);
    assert_file_count(1);
    clear_folder();
  }
}

static void a_failed_paste_leaves_the_old_file(void** state) {
  (void)state;
  volume v = volume_pattern(&odd, SWR_UINT16, 1, 1), next = volume_pattern(&odd, SWR_UINT16, 1, 2);
  make_pyramid(&forms[0], &v, "2", NULL);
  snapshot* before = snapshot_take();
  source s = source_of(&next);
  s.fail_at = 1;
  s.fail_with = SWR_ERROR_SOURCE;
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, forms[0].path));
  assert_ok(w, swr_set_paste_region(w, &odd));
  assert_ok(w, swr_set_divisions(w, 3));
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&next);
  volume_free(&v);
  clear_folder();
}

static void layers_that_do_not_fit_make_the_same_levels(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 6000, 700);
  const pyramid_form f = {"image.tif", 2, {"deflate", "128,512", NULL}, NULL, NULL};
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  for (int i = 0; i < 2; ++i) {
    source s = source_of(&v);
    swr_writer* w = pyramid_writer(&f, &v, "3", NULL);
    assert_ok(w, swr_set_memory_limit(w, i ? 8 << 20 : 0));
    assert_ok(w, swr_write(w, pull_source, &s));
    int64_t most = 0;
    assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PEAK_BUFFER_BYTES, &most));
    if (i) assert_in_range(most, 1, 8 << 20);
    swr_writer_destroy(w);
    assert_levels(f.path, &v, 2, 3, 0);
  }
  volume_free(&v);
  clear_folder();
}

static void auto_stops_where_the_level_is_small(void** state) {
  (void)state;
  static const struct {
    int64_t width, height;
    int levels;
  } sizes[] = {{256, 200, 0}, {257, 4, 1}, {100, 1025, 3}};
  for (int i = 0; i < 3; ++i) {
    const swr_region region = region_2d(0, 0, sizes[i].width, sizes[i].height);
    volume v = volume_pattern(&region, SWR_UINT8, 1, 1);
    make_pyramid(&forms[3], &v, "auto", NULL);
    assert_levels(forms[3].path, &v, 2, sizes[i].levels, 0);
    volume_free(&v);
    clear_folder();
  }
}

static void each_level_is_in_the_place_of_the_image(void** state) {
  (void)state;
  const swr_region region = region_3d(5, 7, 2, 20, 12, 2);
  const double spacing[3] = {0.5, 2, 3}, origin[3] = {10, 20, 30};
  const double direction[9] = {0, -1, 0, 1, 0, 0, 0, 0, 1};
  volume v = volume_pattern(&region, SWR_UINT8, 1, 1);
  swr_writer* w = pyramid_writer(&forms[0], &v, "2", NULL);
  assert_ok(w, swr_set_spacing(w, spacing, 3));
  assert_ok(w, swr_set_origin(w, origin, 3));
  assert_ok(w, swr_set_direction(w, direction, 9));
  source s = source_of(&v);
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  swr_reader* r = level_reader(2);
  assert_reader_ok(r, swr_reader_open(r, forms[0].path));
  swr_region small;
  const swr_region expected = region_3d(0, 0, 0, 5, 3, 2);
  assert_reader_ok(r, swr_reader_get_image_region(r, &small));
  assert_region_equal(&small, &expected);
  double numbers[9];
  assert_reader_ok(r, swr_reader_get_spacing(r, numbers, 3));
  assert_true(numbers[0] == 2 && numbers[1] == 8 && numbers[2] == 3);
  assert_reader_ok(r, swr_reader_get_origin(r, numbers, 3));
  /* The middle of the first 4 x 4 pixels: 1.5 pixels further along both axes. */
  const double first[3] = {10 - 2 * 7, 20 + 0.5 * 5, 30 + 3 * 2};
  assert_true(fabs(numbers[0] - (first[0] - 1.5 * 2)) < 1e-9);
  assert_true(fabs(numbers[1] - (first[1] + 1.5 * 0.5)) < 1e-9);
  assert_true(fabs(numbers[2] - first[2]) < 1e-9);
  assert_reader_ok(r, swr_reader_get_direction(r, numbers, 9));
  assert_memory_equal(numbers, direction, sizeof direction);
  swr_reader_destroy(r);
  volume_free(&v);
  clear_folder();
}

static void damage_of_a_level_is_found(void** state) {
  (void)state;
  const pyramid_form f = {"image.tif", 2, {"deflate", "16,16", NULL}, NULL, NULL};
  volume v = volume_pattern(&odd, SWR_UINT16, 1, 1);
  make_pyramid(&f, &v, "1", NULL);
  int64_t bytes = 0;
  unsigned char* file = load_file(f.path, &bytes);
  file[bytes - 6] ^= 0x55; /* the last chunk is one of the level */
  save_file(f.path, file, bytes);
  free(file);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, f.path));
  assert_reader_status(r, SWR_ERROR_CORRUPT, swr_reader_verify(r));
  swr_reader_destroy(r);
  volume_free(&v);
  clear_folder();
}

static void memory_stays_within_the_limit(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 2000, 2047), box = region_2d(5, 7, 1990, 2030);
  const int64_t limit = 8 << 20;
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  const pyramid_form f = {"image.tif", 2, {"deflate", "128,128", NULL}, NULL, NULL};
  source s = source_of(&v);
  swr_writer* w = pyramid_writer(&f, &v, "auto", NULL);
  assert_ok(w, swr_set_memory_limit(w, limit));
  assert_ok(w, swr_write(w, pull_source, &s));
  int64_t most = 0;
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PEAK_BUFFER_BYTES, &most));
  assert_in_range(most, 1, limit);
  assert_levels(f.path, &v, 2, 3, 0);
  volume part = volume_pattern(&box, SWR_UINT16, 1, 2);
  volume_copy(&v, &part, &box);
  volume_free(&part);
  assert_ok(w, paste_with(w, f.path, &v, &box));
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PEAK_BUFFER_BYTES, &most));
  assert_in_range(most, 1, limit);
  swr_writer_destroy(w);
  assert_levels(f.path, &v, 2, 3, 0);
  volume_free(&v);
  clear_folder();
}

static void what_cannot_be_is_refused(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 5, 3, 2);
  volume v = volume_pattern(&region, SWR_UINT8, 1, 1);
  swr_writer* w = swr_writer_create();
  const char* const values[] = {"", "-1", "0", "31", "some", "1 "};
  for (int i = 0; i < 6; ++i)
    assert_status(w, SWR_ERROR_ARGUMENT, swr_set_option(w, "pyramid.levels", values[i]));
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_option(w, "pyramid.method", "median"));
  describe(w, &v);
  assert_ok(w, swr_set_path(w, "image.tif"));
  assert_ok(w, swr_set_option(w, "pyramid.levels", "4"));
  assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
  assert_says(swr_writer_message(w), "has at most 3");
  assert_ok(w, swr_set_path(w, "image.nrrd"));
  assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
  assert_says(swr_writer_message(w), "NRRD files cannot hold smaller versions");
  swr_writer_destroy(w);
  assert_file_count(0);
  make_pyramid(&forms[0], &v, "2", NULL);
  swr_reader* r = level_reader(3);
  assert_reader_status(r, SWR_ERROR_NOT_FOUND, swr_reader_open(r, "image.tif"));
  assert_says(swr_reader_message(r), "has 2 smaller versions");
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_set_option(r, "pyramid.level", "-1"));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_set_option(r, "pyramid.level", "x"));
  swr_reader_destroy(r);
  volume_free(&v);
  clear_folder();
}

int main(void) {
  TEST_IN_PARTS(levels_are_means_or_nearest_pixels_of_all_types, 7);
  TEST(halves_are_rounded_to_the_even_number);
  TEST(levels_depend_on_the_pixels_alone);
  TEST(boxes_in_any_order_make_the_same_levels);
  TEST(pastes_change_the_levels_with_the_image);
  TEST(only_what_stands_for_written_pixels_is_made_again);
  TEST(growth_keeps_the_levels_true);
  TEST(a_failed_paste_leaves_the_old_file);
  TEST(layers_that_do_not_fit_make_the_same_levels);
  TEST(auto_stops_where_the_level_is_small);
  TEST(each_level_is_in_the_place_of_the_image);
  TEST(damage_of_a_level_is_found);
  TEST(memory_stays_within_the_limit);
  TEST(what_cannot_be_is_refused);
  return run_all_tests("pyramid");
}
