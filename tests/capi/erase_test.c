/* The option "erase": no old pixel stays in any file of the folder, and what cannot be erased is
 * refused before anything changes. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/foreign.h"

enum { side = 32, slices = 12, window = 16 };

static swr_region image_region(void) {
  return region_3d(0, 0, 0, side, side, slices);
}

static swr_region box_region(void) {
  return region_3d(0, 0, 2, side, side, 8);
}

/* A pattern without repetition that does not compress: any file contains the old pixels
 * literally. */
static volume noise(const swr_region* region, uint32_t seed) {
  volume v = volume_new(region, SWR_UINT8, 1);
  for (int64_t i = 0; i < volume_bytes(&v); ++i)
    v.bytes[i] = (unsigned char)((seed = seed * 1664525u + 1013904223u) >> 24);
  return v;
}

static swr_writer* eraser_of(const char* path, const volume* blank) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_set_paste_region(w, &blank->region));
  assert_ok(w, swr_set_option(w, "erase", "on"));
  assert_ok(w, swr_set_sync(w, 1));
  return w;
}

static swr_status erase(swr_writer* w, const volume* blank) {
  source s = source_of(blank);
  const swr_status status = swr_write(w, pull_source, &s);
  source_free(&s);
  return status;
}

/* Refused by swr_write with words, and nothing has changed. */
static void expect_refusal(const char* path, const volume* blank, const char* words) {
  snapshot* before = snapshot_take();
  swr_writer* w = eraser_of(path, blank);
  assert_status(w, SWR_ERROR_UNSUPPORTED, erase(w, blank));
  assert_says(swr_writer_message(w), words);
  assert_unchanged(before);
  swr_writer_destroy(w);
  snapshot_free(before);
}

static int has_old_pixels(const char* path, const volume* old) {
  int64_t bytes = 0;
  unsigned char* file = load_file(path, &bytes);
  const swr_region box = box_region();
  const unsigned char* secret = old->bytes + box.index[2] * side * side;
  int found = 0;
  for (int64_t part = 0; !found && part + window <= region_pixels(&box); part += 500) {
    for (int64_t at = 0; !found && at + window <= bytes; ++at)
      found = memcmp(file + at, secret + part, window) == 0;
  }
  free(file);
  return found;
}

static void expect_no_old_pixels(const volume* old) {
  DIR* folder = opendir(".");
  assert_non_null(folder);
  for (struct dirent* entry; (entry = readdir(folder)) != NULL;) {
    struct stat facts;
    if (lstat(entry->d_name, &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
    if (has_old_pixels(entry->d_name, old))
      fail_msg("%s still has pixels of the box", entry->d_name);
  }
  closedir(folder);
}

static void erase_and_look(const char* path, const volume* old, const volume* blank) {
  swr_writer* w = eraser_of(path, blank);
  assert_ok(w, erase(w, blank));
  swr_writer_destroy(w);
  volume after = volume_new(&old->region, SWR_UINT8, 1);
  volume_copy(&after, old, &old->region);
  volume_copy(&after, blank, &blank->region);
  assert_file_holds(path, &after);
  expect_no_old_pixels(old);
  volume_free(&after);
}

typedef struct images {
  volume old, blank;
} images;

static images new_images(void) {
  const swr_region region = image_region(), box = box_region();
  return (images){noise(&region, 1), volume_new(&box, SWR_UINT8, 1)};
}

static void free_images(images* i) {
  volume_free(&i->old);
  volume_free(&i->blank);
}

static const foreign_encoding needs_rewrite = {0, Z_DEFAULT_STRATEGY, 8, TRAILING_BYTES};

static void erased_file_of_any_kind_has_no_old_pixels(void** state) {
  const test_case* t = *state;
  if (is_a_folder(t)) return; /* refused: zarr_change_test */
  images i = new_images();
  make_file(t, &i.old);
  snapshot* before = snapshot_take();
  erase_and_look(t->path, &i.old, &i.blank);
  assert_file_count(snapshot_count(before));
  snapshot_free(before);
  free_images(&i);
}

static void erased_file_that_is_rewritten_has_no_old_pixels(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  images i = new_images();
  make_foreign(t, &i.old, &needs_rewrite);
  snapshot* before = snapshot_take();
  erase_and_look(t->path, &i.old, &i.blank);
  assert_file_count(snapshot_count(before));
  snapshot_free(before);
  free_images(&i);
}

/* A file with several names that may be replaced would stay under the other names. */
static void file_with_a_hard_link_is_erased_in_place_or_not_at_all(void** state) {
  const test_case* t = *state;
  if (is_a_folder(t)) return; /* refused: zarr_change_test */
  char data[64];
  images i = new_images();
  make_file(t, &i.old);
  stream_path(t, data);
  assert_int_equal(link(data, "further"), 0);
  if (has_slots(t)) {
    expect_refusal(t->path, &i.blank, "hard links");
    swr_writer* w = eraser_of(t->path, &i.blank);
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
    swr_writer_destroy(w);
    assert_int_equal(unlink("further"), 0);
  }
  erase_and_look(t->path, &i.old, &i.blank);
  free_images(&i);
}

/* Links are followed to the file that has the pixels. */
static void file_that_links_lead_to_is_erased(void** state) {
  const test_case* t = *state;
  if (is_a_folder(t)) return; /* refused: zarr_change_test */
  for (int rewrites = 0; rewrites <= has_slots(t); ++rewrites) {
    clear_folder();
    char data[64], linked[80];
    images i = new_images();
    if (rewrites) {
      make_foreign(t, &i.old, &needs_rewrite);
    } else {
      make_file(t, &i.old);
    }
    stream_path(t, data);
    snprintf(linked, sizeof linked, "real-%s", data);
    assert_int_equal(rename(data, linked), 0);
    assert_int_equal(symlink(linked, data), 0);
    erase_and_look(t->path, &i.old, &i.blank);
    struct stat facts;
    assert_true(lstat(data, &facts) == 0 && S_ISLNK(facts.st_mode));
    free_images(&i);
  }
}

/* The pixels move to a file with another name: the old file is deleted. */
static void erased_data_file_that_moves_leaves_no_old_one(void** state) {
  (void)state;
  test_case t = {.path = "image.mhd"};
  images i = new_images();
  make_file(&t, &i.old);
  swr_writer* w = eraser_of("image.mhd", &i.blank);
  assert_ok(w, swr_set_compression(w, "deflate", 6));
  assert_ok(w, erase(w, &i.blank));
  assert_false(file_exists("image.raw"));
  expect_no_old_pixels(&i.old);
  assert_file_count(2);
  swr_writer_destroy(w);
  free_images(&i);
}

/* A journal of another file, or of none, is left alone; it may hold the same pixels. */
static void journal_that_is_left_alone_stops_an_erasure(void** state) {
  (void)state;
  test_case t = {.path = "image.mha"};
  images i = new_images();
  make_file(&t, &i.old);
  save_file(".image.mha.swr-undo", i.old.bytes, volume_bytes(&i.old));
  expect_refusal("image.mha", &i.blank, ".image.mha.swr-undo");
  assert_int_equal(unlink(".image.mha.swr-undo"), 0);
  erase_and_look("image.mha", &i.old, &i.blank);
  free_images(&i);
}

/* A copy of the image that a writer elsewhere left under a temporary name. */
static void staged_file_of_another_machine_stops_an_erasure(void** state) {
  (void)state;
  test_case t = {.path = "image.mha"};
  images i = new_images();
  make_file(&t, &i.old);
  assert_int_equal(link("image.mha", ".image.mha.swr-abcdefghij"), 0); /* no file that is swept */
  expect_refusal("image.mha", &i.blank, ".image.mha.swr-abcdefghij");
  save_file(".other.mha.swr-abcdefghij", "another's", 9);
  assert_int_equal(unlink(".image.mha.swr-abcdefghij"), 0);
  erase_and_look("image.mha", &i.old, &i.blank);
  assert_true(file_exists(".other.mha.swr-abcdefghij"));
  free_images(&i);
}

/* Without unnamed files, a new file has such a name while it is written. */
static void staged_file_of_a_living_writer_makes_an_erasure_come_again(void** state) {
  (void)state;
  test_case t = {.path = "image.mha"};
  images i = new_images();
  make_file(&t, &i.old);
  const int made = open(".image.mha.swr-abcdefghij", O_RDWR | O_CREAT | O_EXCL, 0600);
  struct flock life = {0};
  life.l_type = F_WRLCK;
  life.l_whence = SEEK_SET;
  life.l_start = (off_t)1 << 62; /* what a writer locks as long as it lives */
  life.l_len = 1;
  assert_true(made >= 0 && fcntl(made, F_OFD_SETLK, &life) == 0);
  swr_writer* w = eraser_of("image.mha", &i.blank);
  assert_status(w, SWR_ERROR_BUSY, erase(w, &i.blank));
  assert_non_null(strstr(swr_writer_message(w), ".image.mha.swr-abcdefghij"));
  assert_int_equal(close(made), 0);
  assert_status(w, SWR_ERROR_UNSUPPORTED, erase(w, &i.blank));
  assert_int_equal(unlink(".image.mha.swr-abcdefghij"), 0);
  assert_ok(w, erase(w, &i.blank));
  swr_writer_destroy(w);
  free_images(&i);
}

int main(void) {
  const uint32_t needs = SWR_CAN_STREAM | SWR_CAN_PASTE;
  TEST_EACH(erased_file_of_any_kind_has_no_old_pixels, needs);
  TEST_EACH(erased_file_that_is_rewritten_has_no_old_pixels, needs);
  TEST_EACH(file_with_a_hard_link_is_erased_in_place_or_not_at_all, needs);
  TEST_EACH(file_that_links_lead_to_is_erased, needs);
  TEST(erased_data_file_that_moves_leaves_no_old_one);
  TEST(journal_that_is_left_alone_stops_an_erasure);
  TEST(staged_file_of_another_machine_stops_an_erasure);
  TEST(staged_file_of_a_living_writer_makes_an_erasure_come_again);
  return run_all_tests("erase");
}
