/* Tests of the checks: errors are introduced during a write, and must be found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checked/checked.h"
#include "support/support.h"

static swr_region image_region(void) {
  return region_3d(2, 0, -1, 9, 8, 7);
}

/* Inverts a byte of the file, counted from its end, in the middle of a write. */
typedef struct culprit {
  const char* path;
  int64_t from_end;
  int struck;
} culprit;

static int32_t spoil(int64_t pieces_done, int64_t pieces, int64_t bytes_done, int64_t bytes,
                     void* user) {
  (void)pieces_done, (void)pieces, (void)bytes_done, (void)bytes;
  culprit* c = user;
  if (c->struck++ > 0) return 0;
  FILE* file = fopen(c->path, "r+b");
  assert_non_null(file);
  assert_int_equal(fseek(file, -(long)c->from_end, SEEK_END), 0);
  const int byte = fgetc(file);
  assert_int_equal(fseek(file, -(long)c->from_end, SEEK_END), 0);
  fputc(byte ^ 0xff, file);
  fclose(file);
  return 0;
}

static void paste(const test_case* t, const swr_region* box, culprit* c) {
  volume v = volume_pattern(box, SWR_UINT8, 1, 5);
  swr_writer* w = new_writer(t);
  source s = source_of(&v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_set_paste_region(w, box));
  if (c) assert_ok(w, swr_set_progress(w, spoil, c));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  volume_free(&v);
}

static void pixel_outside_that_changes_is_found(void** state) {
  const test_case* t = *state;
  const swr_region image = image_region(), box = region_3d(3, 1, 0, 4, 4, 2);
  volume v = volume_pattern(&image, SWR_UINT8, 1, 1);
  make_file(t, &v);
  assert_int_equal(failed_checks(), 0);
  paste(t, &box, NULL);
  assert_int_equal(failed_checks(), 0);
  culprit c = {t->path, 1, 0};
  paste(t, &box, &c);
  assert_int_equal(failed_checks(), 1);
  volume_free(&v);
}

static void checks_that_are_off_find_nothing(void** state) {
  const test_case* t = *state;
  const swr_region image = image_region(), box = region_3d(3, 1, 0, 4, 4, 2);
  volume v = volume_pattern(&image, SWR_UINT8, 1, 1);
  make_file(t, &v);
  culprit first = {t->path, 1, 0}, second = {t->path, 2, 0};
  checks_off("the test is for this");
  paste(t, &box, &first);
  assert_int_equal(failed_checks(), 0);
  checks_own_pixels_only("the test is for this");
  paste(t, &box, &second);
  assert_int_equal(failed_checks(), 0);
  volume_free(&v);
}

static void make_with(const test_case* t, const volume* v, delivery how, const volume* from) {
  swr_writer* w = writer_for(t, v);
  source s = source_of(from);
  s.how = how;
  assert_ok(w, swr_set_divisions(w, 3));
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  swr_writer_destroy(w);
}

/* The checks know the pixels of every kind of source. */
static void pixels_of_every_delivery_are_known(void** state) {
  const test_case* t = *state;
  const swr_region image = held_region(t, image_region()), larger = region_3d(0, 0, -2, 12, 9, 9);
  volume v = volume_new(&image, SWR_INT16, 2), around = volume_pattern(&larger, SWR_INT16, 2, 9);
  make_with(t, &v, FILLS, &around);
  make_with(t, &v, LENDS_PIECE, &around);
  make_with(t, &v, LENDS_ALL, &around);
  assert_int_equal(failed_checks(), 0);
  volume_free(&v);
  volume_free(&around);
}

/* Puts a wrong slice before the right one: the resulting file is correct, and the model knows which
 * one was last. */
static void region_that_is_put_last_is_the_one_that_counts(void** state) {
  const test_case* t = *state;
  const swr_region image = held_region(t, image_region());
  swr_region slice = image;
  slice.index[2] += 4;
  slice.size[2] = 1;
  volume v = volume_pattern(&image, SWR_INT16, 1, 1), wrong = volume_new(&slice, SWR_INT16, 1);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_begin(w));
  assert_ok(w, swr_put(w, &slice, wrong.bytes, volume_bytes(&wrong)));
  assert_ok(w, swr_put(w, &image, v.bytes, volume_bytes(&v)));
  assert_ok(w, swr_finish(w));
  swr_writer_destroy(w);
  assert_file_holds(t->path, &v);
  volume_free(&v);
  volume_free(&wrong);
}

int main(void) {
  TEST(pixel_outside_that_changes_is_found);
  TEST(checks_that_are_off_find_nothing);
  TEST_EACH(pixels_of_every_delivery_are_known, SWR_CAN_STREAM);
  TEST_EACH(region_that_is_put_last_is_the_one_that_counts, SWR_CAN_STREAM);
  return run_all_tests("checked");
}
