/* Existing images of OME-NGFF that change with their smaller levels: which files a paste and a
 * growth write, and what happens to levels that swr has not made. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checked/checked.h"
#include "support/chunks.h"
#include "support/pyramids.h"
#include "support/side_by_side.h"

static const char* const path = "image.zarr";
static const char* const versions[] = {"2", "3"};
enum { levels = 2 };

static void make(const volume* v, int is_new, const char* codec, const char* shape,
                 const char* method) {
  const chunk_form f = {codec, shape, NULL};
  swr_writer* w = chunk_writer(path, v, &f);
  assert_ok(w, swr_set_option(w, "zarr.version", versions[is_new]));
  assert_ok(w, swr_set_option(w, "pyramid.levels", "2"));
  assert_ok(w, swr_set_option(w, "pyramid.method", method));
  source s = source_of(v);
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  swr_writer_destroy(w);
}

static volume image_of(int64_t x, int64_t y, int64_t z, uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, x, y, z);
  return volume_pattern(&region, SWR_UINT16, 1, seed);
}

static void replace_in_file(const char* file, const char* old, const char* now) {
  int64_t bytes = 0;
  unsigned char* text = load_file(file, &bytes);
  const size_t length = strlen(old);
  int64_t at = 0;
  while (at + (int64_t)length <= bytes && memcmp(text + at, old, length) != 0) ++at;
  if (at + (int64_t)length > bytes) fail_msg("%s has no %s", file, old);
  FILE* out = fopen(file, "wb");
  assert_non_null(out);
  fwrite(text, 1, (size_t)at, out);
  fputs(now, out);
  fwrite(text + at + length, 1, (size_t)(bytes - at) - length, out);
  assert_int_equal(fclose(out), 0);
  free(text);
}

/* --- Which files change --- */

typedef struct file_facts {
  char name[64];
  uint64_t number;
} file_facts;

/* The files of the chunks of 4 x 4 x 4 pixels of an image of 24 x 16 x 8, of all levels, and their
 * metadata. */
static size_t note_files(int is_new, file_facts* files) {
  static const int chunks[levels + 1][3] = {{2, 4, 6}, {1, 2, 3}, {1, 1, 2}};
  size_t count = 0;
  for (int level = 0; level <= levels; ++level) {
    for (int i = 0; i < chunks[level][0] * chunks[level][1] * chunks[level][2]; ++i) {
      const int x = i % chunks[level][2], row = i / chunks[level][2];
      snprintf(files[count++].name, sizeof files->name,
               is_new ? "image.zarr/%d/c/%d/%d/%d" : "image.zarr/%d/%d/%d/%d", level,
               row / chunks[level][1], row % chunks[level][1], x);
    }
    snprintf(files[count++].name, sizeof files->name, "image.zarr/%d/%s", level,
             is_new ? "zarr.json" : ".zarray");
  }
  const char* const of_group[] = {is_new ? "zarr.json" : ".zgroup", ".zattrs"};
  for (int i = 0; i < (is_new ? 1 : 2); ++i)
    snprintf(files[count++].name, sizeof files->name, "image.zarr/%s", of_group[i]);
  for (size_t i = 0; i < count; ++i) files[i].number = file_number(files[i].name);
  return count;
}

/* A box in the second chunk along each axis stands for pixels of one chunk of each level. */
static void only_chunks_that_stand_for_written_pixels_are_replaced(void** state) {
  (void)state;
  static const char* const expected[2][levels + 1] = {
      {"image.zarr/0/1/1/1", "image.zarr/1/0/0/0", "image.zarr/2/0/0/0"},
      {"image.zarr/0/c/1/1/1", "image.zarr/1/c/0/0/0", "image.zarr/2/c/0/0/0"}};
  for (int is_new = 0; is_new < 2; ++is_new) {
    volume v = image_of(24, 16, 8, 1);
    make(&v, is_new, "deflate", "4,4,4", "mean");
    file_facts before[128], after[128];
    const size_t count = note_files(is_new, before);
    const swr_region box = region_3d(5, 4, 6, 3, 2, 2);
    change_in_place(path, &v, &box, 2);
    assert_int_equal(note_files(is_new, after), count);
    for (size_t i = 0; i < count; ++i) {
      int is_expected = 0;
      for (int level = 0; level <= levels; ++level)
        is_expected = is_expected || strcmp(before[i].name, expected[is_new][level]) == 0;
      if ((before[i].number != after[i].number) != is_expected)
        fail_msg("%s was %sreplaced", before[i].name, is_expected ? "not " : "");
    }
    assert_levels(path, &v, 3, levels, 0);
    assert_file_count(1);
    volume_free(&v);
    clear_folder();
  }
}

/* --- Growth --- */

/* Makes the image longer, and delivers some of the pixels that it grows by. */
static void grow(volume* v, int axis, int64_t by, uint64_t seed) {
  swr_region longer = v->region, added = v->region;
  longer.size[axis] += by;
  added.index[axis] = v->region.size[axis] + by / 2;
  added.size[axis] = by - by / 2;
  volume grown = volume_new(&longer, v->component, v->components);
  volume_fill(&grown, 0);
  volume part = volume_pattern(&added, v->component, v->components, seed);
  volume_copy(&grown, &part, &added);
  volume_copy(&grown, v, &v->region);
  grow_in_place(path, &grown, &added);
  volume_free(&part);
  volume_free(v);
  *v = grown;
}

static void image_grows_along_any_axis_with_its_levels(void** state) {
  (void)state;
  for (int number = 0; number < 8; ++number) {
    const int is_new = number % 2, is_nearest = number / 2 % 2;
    volume v = image_of(13, 11, number < 4 ? 7 : 3, 1);
    make(&v, is_new, number % 3 ? "deflate" : "none", "5,4,3", is_nearest ? "nearest" : "mean");
    for (int step = 0; step < 6; ++step) {
      grow(&v, step % 3, 1 + 3 * step, 10 + (uint64_t)step);
      assert_levels(path, &v, 3, levels, is_nearest);
    }
    const swr_region box = region_3d(1, 2, 1, 9, 20, 6);
    change_in_place(path, &v, &box, 3);
    assert_levels(path, &v, 3, levels, is_nearest);
    assert_file_count(1);
    volume_free(&v);
    clear_folder();
  }
}

/* The scale of a level says that it has as many slices as the image has. */
static void axis_that_was_not_halved_stays_so_when_it_grows(void** state) {
  (void)state;
  volume v = image_of(13, 11, 1, 1);
  make(&v, 0, "none", "5,4,1", "mean");
  grow(&v, 2, 4, 2);
  assert_levels(path, &v, 2, levels, 0);
  volume_free(&v);
  clear_folder();
}

static void growth_changes_nothing_of_the_metadata_but_the_shapes(void** state) {
  (void)state;
  for (int is_new = 0; is_new < 2; ++is_new) {
    const char* const group = is_new ? "image.zarr/zarr.json" : "image.zarr/.zattrs";
    const char* const level = is_new ? "image.zarr/1/zarr.json" : "image.zarr/1/.zarray";
    volume v = image_of(13, 11, 7, 1);
    make(&v, is_new, "none", "5,4,3", "mean");
    int64_t bytes[2], again[2];
    unsigned char *before = load_file(group, &bytes[0]), *of_level = load_file(level, &bytes[1]);
    grow(&v, 1, 9, 2);
    unsigned char *after = load_file(group, &again[0]), *now = load_file(level, &again[1]);
    assert_int_equal(again[0], bytes[0]);
    assert_memory_equal(after, before, (size_t)bytes[0]);
    /* [4, 6, 7] became [4, 10, 7]. */
    assert_int_equal(again[1], bytes[1] + 1);
    int64_t at = 0;
    while (at < bytes[1] && of_level[at] == now[at]) ++at;
    assert_int_equal(of_level[at], '6');
    assert_memory_equal(now + at, "10", 2);
    assert_memory_equal(now + at + 2, of_level + at + 1, (size_t)(bytes[1] - at - 1));
    free(before);
    free(after);
    free(of_level);
    free(now);
    volume_free(&v);
    clear_folder();
  }
}

static void appended_slices_are_in_the_levels(void** state) {
  (void)state;
  volume v = image_of(13, 11, 9, 1);
  const swr_region first = region_3d(0, 0, 0, 13, 11, 4), second = region_3d(0, 0, 4, 13, 11, 3),
                   third = region_3d(0, 0, 7, 13, 11, 2);
  volume begin = volume_new(&first, SWR_UINT16, 1);
  volume_copy(&begin, &v, &first);
  make(&begin, 0, "deflate", "5,4,3", "mean");
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  const swr_region* const more[] = {&second, &third};
  for (int i = 0; i < 2; ++i) {
    volume part = volume_new(more[i], SWR_UINT16, 1);
    volume_copy(&part, &v, more[i]);
    assert_ok(w, swr_append(w, part.bytes, volume_bytes(&part)));
    volume_free(&part);
  }
  assert_ok(w, swr_finish(w));
  swr_writer_destroy(w);
  assert_levels(path, &v, 3, levels, 0);
  volume_free(&begin);
  volume_free(&v);
  clear_folder();
}

/* Each is in the file before the next one comes: the image begins with one slice. */
static void frames_one_by_one_get_the_chunks_and_shards_that_were_asked_for(void** state) {
  (void)state;
  volume v = image_of(13, 11, 9, 1);
  for (int has_shards = 0; has_shards < 2; ++has_shards) {
    const chunk_form f = {"deflate", "5,4,3", NULL};
    const swr_region one = region_3d(0, 0, 0, 13, 11, 1);
    volume frame = volume_new(&one, SWR_UINT16, 1);
    swr_writer* w = chunk_writer(path, &frame, &f);
    assert_ok(w, swr_set_option(w, "pyramid.levels", "1"));
    if (has_shards) assert_ok(w, swr_set_option(w, "zarr.shard", "10,8,6"));
    const int64_t bytes = volume_bytes(&frame);
    for (int z = 0; z < 9; ++z) {
      assert_ok(w, swr_append(w, (const char*)v.bytes + z * bytes, bytes));
      assert_ok(w, swr_flush(w));
    }
    assert_ok(w, swr_finish(w));
    swr_writer_destroy(w);
    assert_file_holds(path, &v);
    for (int level = 0; level < 2; ++level) {
      char file[64];
      snprintf(file, sizeof file, "%s/%d/%s", path, level, has_shards ? "zarr.json" : ".zarray");
      assert_file_says(file, "[3, 4, 5]");
      if (has_shards) assert_file_says(file, "[6, 8, 10]");
    }
    volume_free(&frame);
    clear_folder();
  }
  volume_free(&v);
}

/* A growth at the low side, and another compression. */
static void image_with_levels_that_is_written_again_keeps_them(void** state) {
  (void)state;
  for (int number = 0; number < 4; ++number) {
    volume v = image_of(13, 11, 7, 1);
    make(&v, number % 2, "deflate", "5,4,3", "mean");
    const swr_region lower = region_3d(-3, 0, 0, 16, 11, 7), added = region_3d(-3, 0, 0, 3, 11, 7);
    volume grown = volume_pattern(number < 2 ? &lower : &v.region, SWR_UINT16, 1, 2);
    source s = source_of(&grown);
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, path));
    if (number < 2) {
      volume_copy(&grown, &v, &v.region);
      assert_ok(w, swr_set_image_region(w, &lower));
      assert_ok(w, swr_set_paste_region(w, &added));
      assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
    } else {
      assert_ok(w, swr_set_compression(w, "none", 0));
      assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
    }
    assert_ok(w, swr_write(w, pull_source, &s));
    assert_int_equal(statistic(w, SWR_STATISTIC_METHOD), SWR_METHOD_REWRITE);
    swr_writer_destroy(w);
    assert_levels(path, &grown, 3, levels, 0);
    volume_free(&grown);
    volume_free(&v);
    clear_folder();
  }
}

/* --- Levels that a write leaves as they are --- */

/* A mean of eight float64 can differ from them, so that levels of these have to be stored. */
static void allocated_image_with_levels_has_metadata_alone(void** state) {
  (void)state;
  static const struct {
    swr_component component;
    int32_t components;
    double fill;
    const char* method;
    int is_stored;
  } cases[] = {{SWR_INT16, 1, -7, "mean", 0},       {SWR_UINT8, 3, 255, "mean", 0},
               {SWR_UINT64, 1, 3, "mean", 0},       {SWR_FLOAT32, 1, 0.1, "mean", 0},
               {SWR_FLOAT64, 1, 0.5, "mean", 0},    {SWR_FLOAT64, 1, 0.1, "mean", 1},
               {SWR_FLOAT64, 1, 0.1, "nearest", 0}, {SWR_INT16, 1, 0, "mean", 0}};
  const swr_region region = region_3d(0, 0, 0, 45, 23, 11), box = region_3d(7, 5, 3, 20, 9, 4);
  for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; ++i) {
    const int is_new = (int)i % 2;
    volume v = volume_new(&region, cases[i / 2].component, cases[i / 2].components);
    volume_fill(&v, cases[i / 2].fill);
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, path));
    describe(w, &v);
    assert_ok(w, swr_set_option(w, "zarr.version", versions[is_new]));
    assert_ok(w, swr_set_option(w, "chunk.shape", "8,8,4"));
    assert_ok(w, swr_set_option(w, "pyramid.levels", "2"));
    assert_ok(w, swr_set_option(w, "pyramid.method", cases[i / 2].method));
    assert_ok(w, swr_set_fill_value(w, cases[i / 2].fill));
    assert_ok(w, swr_allocate(w));
    swr_writer_destroy(w);
    const char* const first = is_new ? "image.zarr/1/c/0/0/0" : "image.zarr/1/0/0/0";
    assert_int_equal(file_exists(first), cases[i / 2].is_stored);
    const int is_nearest = strcmp(cases[i / 2].method, "nearest") == 0;
    assert_levels(path, &v, 3, 2, is_nearest);
    change_in_place(path, &v, &box, 3);
    assert_levels(path, &v, 3, 2, is_nearest);
    volume_free(&v);
    clear_folder();
  }
}

static swr_status paste_to(const char* where, volume* v, const swr_region* box, const char* option,
                           warnings* log) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_log(w, take_warning, log));
  if (option) assert_ok(w, swr_set_option(w, option, "on"));
  const swr_status status = paste_with(w, where, v, box);
  if (status != SWR_OK) snprintf(log->text, sizeof log->text, "%s", swr_writer_message(w));
  swr_writer_destroy(w);
  return status;
}

/* Expects that a paste into this array leaves others stale: it warns, and is refused if that must
 * not be. */
static void expect_stale(const char* where, volume* v, const swr_region* box, const char* words) {
  snapshot* before = snapshot_take();
  warnings log = {0};
  assert_int_equal(paste_to(where, v, box, "strict", &log), SWR_ERROR_UNSUPPORTED);
  assert_says(log.text, words);
  assert_int_equal(paste_to(where, v, box, "erase", &log), SWR_ERROR_UNSUPPORTED);
  assert_unchanged(before);
  snapshot_free(before);
  log.count = 0;
  assert_int_equal(paste_to(where, v, box, NULL, &log), SWR_OK);
  assert_int_equal(log.count, 1);
  assert_says(log.text, words);
  assert_says(log.text, path);
}

static void write_to_one_level_warns_that_the_others_are_stale(void** state) {
  (void)state;
  const swr_region box = region_3d(1, 2, 1, 3, 2, 2);
  for (int is_new = 0; is_new < 2; ++is_new) {
    volume v = image_of(13, 11, 7, 1), level = image_of(7, 6, 4, 2);
    make(&v, is_new, "none", "5,4,3", "mean");
    volume other = image_of(13, 11, 7, 2), first = read_level(path, 1, &v);
    expect_stale("image.zarr/0", &other, &box, "write to the image");
    volume_copy(&v, &other, &box);
    assert_file_holds(path, &v);
    expect_stale("image.zarr/1", &level, &box, "other levels");
    volume_copy(&first, &level, &box);
    assert_file_holds("image.zarr/1", &first);
    /* A new array in the place of one. */
    warnings log = {0};
    swr_writer* w = chunk_writer("image.zarr/1", &first, &(chunk_form){"none", NULL, NULL});
    assert_ok(w, swr_set_option(w, "zarr.version", versions[is_new]));
    assert_ok(w, swr_set_format(w, "Zarr"));
    assert_ok(w, swr_set_log(w, take_warning, &log));
    source s = source_of(&first);
    assert_ok(w, swr_write(w, pull_source, &s));
    swr_writer_destroy(w);
    assert_int_equal(log.count, 1);
    assert_says(log.text, "other levels");
    volume_free(&first);
    volume_free(&other);
    volume_free(&level);
    volume_free(&v);
    clear_folder();
  }
}

/* What makes the levels those of another program. */
static void disown(int how) {
  if (how == 0) replace_in_file("image.zarr/.zattrs", "\"pyramid\": \"mean\"", "\"was\": \"mean\"");
  if (how == 1) replace_in_file("image.zarr/.zattrs", "\"type\": \"mean\"", "\"type\": \"gauss\"");
  if (how == 2) replace_in_file("image.zarr/1/.zarray", "6,", "5,"); /* rounded down */
  if (how == 3) { /* the image is its own level */
    replace_in_file("image.zarr/.zattrs", "\"path\": \"1\"", "\"path\": \"0\"");
    replace_in_file("image.zarr/.zattrs", "\"path\": \"2\"", "\"path\": \"0\"");
  }
}

static void levels_of_others_stay_with_a_warning_and_keep_the_image_from_growing(void** state) {
  (void)state;
  for (int how = 0; how < 4; ++how) {
    const swr_region box = region_3d(1, 2, 1, 3, 2, 2), longer = region_3d(0, 0, 0, 13, 11, 8);
    volume v = image_of(13, 11, 7, 1), other = image_of(13, 11, 7, 2);
    make(&v, 0, "none", "5,4,3", "mean");
    disown(how);
    assert_int_equal(level_count(path), 0);
    int64_t bytes = 0, again = 0;
    unsigned char* before = load_file("image.zarr/1/0/0/0", &bytes);
    expect_stale(path, &other, &box, "smaller levels");
    volume_copy(&v, &other, &box);
    assert_file_holds(path, &v);
    unsigned char* after = load_file("image.zarr/1/0/0/0", &again);
    assert_int_equal(again, bytes);
    assert_memory_equal(after, before, (size_t)bytes);
    snapshot* old = snapshot_take();
    volume grown = volume_pattern(&longer, SWR_UINT16, 1, 2);
    source s = source_of(&grown);
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, path));
    assert_ok(w, swr_set_image_region(w, &longer));
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_write(w, pull_source, &s));
    assert_says(swr_writer_message(w), "cannot grow");
    swr_writer_destroy(w);
    assert_unchanged(old);
    snapshot_free(old);
    free(before);
    free(after);
    volume_free(&grown);
    volume_free(&other);
    volume_free(&v);
    clear_folder();
  }
}

/* --- Failures, and other processes --- */

static void paste_that_fails_leaves_the_old_levels(void** state) {
  (void)state;
  volume v = image_of(13, 11, 7, 1), next = image_of(13, 11, 7, 2);
  make(&v, 0, "deflate", "5,4,3", "mean");
  snapshot* before = snapshot_take();
  source s = source_of(&next);
  s.fail_at = 1;
  s.fail_with = SWR_ERROR_SOURCE;
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_paste_region(w, &v.region));
  assert_ok(w, swr_set_divisions(w, 3));
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&next);
  volume_free(&v);
  clear_folder();
}

/* A chunk that is not needed is not read, of a level either. */
static void damaged_chunk_of_a_level_is_replaced_unread_if_all_of_it_is_new(void** state) {
  (void)state;
  volume v = image_of(13, 11, 7, 1);
  make(&v, 0, "deflate", "5,4,3", "mean");
  FILE* chunk = fopen("image.zarr/1/0/0/0", "wb");
  assert_non_null(chunk);
  fputs("damaged", chunk);
  assert_int_equal(fclose(chunk), 0);
  const swr_region part = region_3d(1, 1, 1, 2, 2, 2), all = v.region;
  snapshot* before = snapshot_take();
  warnings log = {0};
  assert_int_equal(paste_to(path, &v, &part, NULL, &log), SWR_ERROR_CORRUPT);
  assert_says(log.text, "image.zarr/1/0/0/0");
  assert_unchanged(before);
  snapshot_free(before);
  change_in_place(path, &v, &all, 2);
  assert_levels(path, &v, 3, levels, 0);
  volume_free(&v);
  clear_folder();
}

static void processes_that_paste_side_by_side_leave_the_levels_true(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 24, 9, 5);
  volume v = shared_volume(&region), zeros = volume_new(&region, SWR_UINT16, 1);
  for (int is_new = 0; is_new < 2; ++is_new) {
    make(&zeros, is_new, "deflate", "16,4,3", "mean");
    run_side_by_side(paste_columns, path, &region);
    assert_levels(path, &v, 3, levels, 0);
    clear_folder();
  }
  volume_free(&v);
  volume_free(&zeros);
}

int main(int argc, char** argv) {
  static const process_share shares[] = {paste_columns, NULL};
  act_as_share(argc, argv, shares);
  TEST(only_chunks_that_stand_for_written_pixels_are_replaced);
  TEST(image_grows_along_any_axis_with_its_levels);
  TEST(axis_that_was_not_halved_stays_so_when_it_grows);
  TEST(growth_changes_nothing_of_the_metadata_but_the_shapes);
  TEST(appended_slices_are_in_the_levels);
  TEST(frames_one_by_one_get_the_chunks_and_shards_that_were_asked_for);
  TEST(image_with_levels_that_is_written_again_keeps_them);
  TEST(allocated_image_with_levels_has_metadata_alone);
  TEST(write_to_one_level_warns_that_the_others_are_stale);
  TEST(levels_of_others_stay_with_a_warning_and_keep_the_image_from_growing);
  TEST(paste_that_fails_leaves_the_old_levels);
  TEST(damaged_chunk_of_a_level_is_replaced_unread_if_all_of_it_is_new);
  TEST(processes_that_paste_side_by_side_leave_the_levels_true);
  return run_all_tests("zarr levels");
}
