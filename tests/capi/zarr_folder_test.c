/* A Zarr image is a folder, in which others can put links and leave files, and which several
 * writers want at the same time. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checked/checked.h"
#include "support/support.h"

static const char* const path = "image.zarr";

static volume small(uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, 8, 6, 4);
  return volume_pattern(&region, SWR_UINT16, 1, seed);
}

static swr_writer* writer_of(const volume* v, const char* version) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, v);
  assert_ok(w, swr_set_option(w, "zarr.version", version));
  assert_ok(w, swr_set_option(w, "chunk.shape", v->region.dimensions == 2 ? "4,3" : "4,3,2"));
  return w;
}

static void make(const volume* v, const char* version) {
  swr_writer* w = writer_of(v, version);
  assert_ok(w, swr_write(w, pull_volume, (void*)v));
  swr_writer_destroy(w);
}

#ifndef _WIN32
static swr_status read_all(const volume* like) {
  volume got = volume_new(&like->region, like->component, like->components);
  swr_reader* r = swr_reader_create();
  swr_status status = swr_reader_open(r, path);
  if (status == SWR_OK) status = swr_reader_read(r, &got.region, got.bytes, volume_bytes(&got));
  if (status != SWR_OK) assert_says(swr_reader_message(r), "symbolic link");
  swr_reader_destroy(r);
  volume_free(&got);
  return status;
}

static swr_status paste_all(const volume* v) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  const swr_region box = region_3d(1, 1, 1, 6, 4, 2);
  assert_ok(w, swr_set_paste_region(w, &box));
  const swr_status status = swr_write(w, pull_volume, (void*)v);
  swr_writer_destroy(w);
  return status;
}

static void nothing_outside_the_folder_is_read_or_changed_through_a_link(void** state) {
  (void)state;
  static const char* const places[] = {"image.zarr/0", "image.zarr/0/.zarray", "image.zarr/.zattrs",
                                       "image.zarr/0/1", "image.zarr/0/1/0/1"};
  volume v = small(1), other = small(2);
  for (size_t i = 0; i < sizeof places / sizeof *places; ++i) {
    char target[600];
    make(&v, "2");
    assert_non_null(getcwd(target, 500));
    strcat(target, "/outside");
    assert_int_equal(rename(places[i], "outside"), 0);
    assert_int_equal(symlink(target, places[i]), 0);
    snapshot* before = snapshot_take();
    if (read_all(&v) != SWR_ERROR_UNSUPPORTED) fail_msg("%s is read", places[i]);
    if (paste_all(&other) == SWR_OK) fail_msg("%s is followed", places[i]);
    assert_unchanged(before);
    snapshot_free(before);
    assert_int_equal(unlink(places[i]), 0);
    assert_int_equal(rename("outside", places[i]), 0);
    assert_file_holds(path, &v);
    clear_folder();
  }
  volume_free(&v);
  volume_free(&other);
}

static void a_replaced_chunk_keeps_its_rights(void** state) {
  (void)state;
  volume v = small(1), other = small(2);
  make(&v, "2");
  assert_int_equal(chmod("image.zarr/0/1/1/1", 0600), 0);
  assert_int_equal(chmod("image.zarr/0/0/0/0", 0440), 0);
  assert_int_equal(paste_all(&other), SWR_OK);
  struct stat facts;
  assert_int_equal(stat("image.zarr/0/1/1/1", &facts), 0);
  assert_int_equal(facts.st_mode & 0777, 0600);
  assert_int_equal(stat("image.zarr/0/0/0/0", &facts), 0);
  assert_int_equal(facts.st_mode & 0777, 0440);
  volume_free(&v);
  volume_free(&other);
  clear_folder();
}
#endif

/* Names that writers give to unfinished files of the array: an image may be replaced, and with it
 * what a writer that died has left. */
static void what_a_dead_writer_left_is_part_of_the_image(void** state) {
  (void)state;
  volume v = small(1), other = small(2);
  make(&v, "2");
  save_file("image.zarr/0/..zarray.swr-xbcdefghij", "", 0);
  assert_int_equal(mkdir("image.zarr/0/..zarray.swr-_bcdefghij", 0777), 0);
  save_file("image.zarr/0/..zarray.swr-_bcdefghij/0", "old", 3);
  make(&other, "2");
  assert_file_holds(path, &other);
  assert_false(file_exists("image.zarr/0/..zarray.swr-xbcdefghij"));
  /* That of no file of the array is another's. */
  save_file("image.zarr/0/.other.swr-xbcdefghij", "", 0);
  swr_writer* w = writer_of(&v, "2");
  assert_int_equal(swr_write(w, pull_volume, &v), SWR_ERROR_EXISTS);
  swr_writer_destroy(w);
  assert_file_holds(path, &other);
  volume_free(&v);
  volume_free(&other);
  clear_folder();
}

/* Version 2 and 3, groups of NGFF and arrays alone. */
enum { forms = 4 };

static volume volume_of_form(int form, uint64_t seed) {
  const int64_t index[5] = {0}, size[5] = {4, 3, 2, 2, 2};
  const swr_region array = region_nd(5, index, size), image = region_3d(0, 0, 0, 8, 6, 4);
  return volume_pattern(form < 2 ? &image : &array, SWR_UINT16, 1, seed);
}

static swr_writer* writer_of_form(int form, const volume* v) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, v);
  assert_ok(w, swr_set_option(w, "zarr.version", form % 2 ? "3" : "2"));
  return w;
}

static swr_writer* pasting_writer(const volume* v) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  swr_region box = v->region;
  box.size[0] = 2;
  assert_ok(w, swr_set_paste_region(w, &box));
  return w;
}

static void who_replaces_an_image_and_who_changes_it_see_each_other(void** state) {
  (void)state;
  for (int i = 0; i < forms * forms; ++i) {
    volume old = volume_of_form(i / forms, 1), new = volume_of_form(i % forms, 2);
    swr_writer* maker = writer_of_form(i / forms, &old);
    assert_ok(maker, swr_write(maker, pull_volume, &old));
    swr_writer_destroy(maker);
    snapshot* before = snapshot_take();
    swr_writer* pasting = pasting_writer(&old);
    swr_writer* replacing = writer_of_form(i % forms, &new);
    assert_ok(pasting, swr_begin(pasting));
    assert_int_equal(swr_begin(replacing), SWR_ERROR_BUSY);
    assert_ok(pasting, swr_abandon(pasting));
    assert_ok(replacing, swr_begin(replacing));
    assert_int_equal(swr_begin(pasting), SWR_ERROR_BUSY);
    assert_ok(replacing, swr_abandon(replacing));
    assert_unchanged(before);
    swr_writer_destroy(pasting);
    swr_writer_destroy(replacing);
    snapshot_free(before);
    volume_free(&old);
    volume_free(&new);
    clear_folder();
  }
}

/* Both find no image; the second one's pixels go into that of the first. */
static void two_that_make_an_absent_image_both_have_their_pixels_in_it(void** state) {
  (void)state;
  static const char* const versions[] = {"2", "3"};
  const swr_region halves[] = {region_3d(0, 0, 0, 8, 6, 2), region_3d(0, 0, 1, 8, 6, 3)};
  checks_off("several writers");
  for (int i = 0; i < 2; ++i) {
    volume v = small(1);
    swr_writer* writers[2];
    for (int k = 0; k < 2; ++k) {
      swr_writer* w = writers[k] = writer_of(&v, versions[i]);
      assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
      assert_ok(w, swr_set_option(w, "lock", "wait"));
      assert_ok(w, swr_set_paste_region(w, &halves[k]));
      assert_ok(w, swr_begin(w));
    }
    for (int k = 0; k < 2; ++k) {
      volume half = volume_new(&halves[k], v.component, 1);
      volume_copy(&half, &v, &halves[k]);
      assert_ok(writers[k], swr_put(writers[k], &halves[k], half.bytes, volume_bytes(&half)));
      volume_free(&half);
    }
    for (int k = 0; k < 2; ++k) {
      assert_ok(writers[k], swr_finish(writers[k]));
      swr_writer_destroy(writers[k]);
    }
    assert_file_holds(path, &v);
    assert_file_count(1);
    volume_free(&v);
    clear_folder();
  }
  checks_on();
}

/* NGFF has its axes of space as z, y, x; where a program has them in another order, the image's
 * directions are those of the names. */
static void axes_in_another_order_have_the_directions_of_their_names(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 8, 6);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  make(&v, "2");
  const char* const file = "image.zarr/.zattrs";
  int64_t bytes = 0;
  unsigned char* const text = load_file(file, &bytes);
  int renamed = 0;
  for (int64_t i = 0; i + 11 < bytes; ++i) {
    if (memcmp(text + i, "\"name\": \"", 9) != 0 || (text[i + 9] != 'x' && text[i + 9] != 'y'))
      continue;
    text[i + 9] = text[i + 9] == 'x' ? 'y' : 'x';
    ++renamed;
  }
  assert_int_equal(renamed, 2);
  save_file(file, text, bytes);
  free(text);
  const double expected[4] = {0, 1, 1, 0};
  double direction[4];
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  assert_reader_ok(r, swr_reader_get_direction(r, direction, 4));
  for (int i = 0; i < 4; ++i) assert_true(direction[i] == expected[i]);
  swr_reader_destroy(r);
  assert_file_holds(path, &v);
  volume_free(&v);
  clear_folder();
}

int main(void) {
#ifndef _WIN32
  TEST(nothing_outside_the_folder_is_read_or_changed_through_a_link);
  TEST(a_replaced_chunk_keeps_its_rights);
#endif
  TEST(what_a_dead_writer_left_is_part_of_the_image);
  TEST(who_replaces_an_image_and_who_changes_it_see_each_other);
  TEST(two_that_make_an_absent_image_both_have_their_pixels_in_it);
  TEST(axes_in_another_order_have_the_directions_of_their_names);
  return run_all_tests("zarr_folder");
}
