/* A smaller version that an image does not have is said to be missing at once, also while another
 * program changes pixels of the file. */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "support/support.h"

enum { side = 64, slices = 3 };

static void make_image(const char* path, const char* levels) {
  const swr_region region = region_3d(0, 0, 0, side, side, slices);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, &v);
  if (strcmp(levels, "0") != 0) assert_ok(w, swr_set_option(w, "pyramid.levels", levels));
  source s = source_of(&v);
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  source_free(&s);
  volume_free(&v);
}

typedef struct other_program {
  const char* path;
  long at; /* of a byte of a pixel */
  int byte;
  atomic_int changes;
  atomic_bool ends;
} other_program;

static void* change_pixels(void* user) {
  other_program* const other = user;
  while (!atomic_load(&other->ends)) {
    FILE* const file = fopen(other->path, "r+b");
    if (!file) return NULL;
    if (fseek(file, other->at, SEEK_SET) == 0) fputc(other->byte, file);
    if (fclose(file) == 0) atomic_fetch_add(&other->changes, 1);
    usleep(1000);
  }
  return NULL;
}

/* Where the first pixel is: the pattern's first bytes. */
static long place_of_pixels(const char* path) {
  const swr_region region = region_3d(0, 0, 0, side, 1, 1);
  volume row = volume_pattern(&region, SWR_UINT16, 1, 1);
  int64_t bytes = 0;
  unsigned char* const content = load_file(path, &bytes);
  const int64_t wanted = volume_bytes(&row);
  int64_t at = 0;
  while (at + wanted <= bytes && memcmp(content + at, row.bytes, (size_t)wanted) != 0) ++at;
  assert_true(at + wanted <= bytes);
  free(content);
  volume_free(&row);
  return (long)at;
}

static void expect_missing(const char* path, const char* level) {
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_set_option(r, "pyramid.level", level));
  const time_t begun = time(NULL);
  assert_int_equal(swr_reader_open(r, path), SWR_ERROR_NOT_FOUND);
  assert_true(time(NULL) - begun < 10);
  assert_says(swr_reader_message(r), "smaller versions");
  swr_reader_destroy(r);
}

static void a_missing_level_is_told_while_pixels_change(void** state) {
  (void)state;
  const struct {
    const char *path, *levels, *missing;
  } images[] = {{"image.mha", "0", "1"}, {"image.tif", "0", "1"}, {"small.tif", "1", "2"}};
  for (size_t i = 0; i < sizeof images / sizeof images[0]; ++i) {
    make_image(images[i].path, images[i].levels);
    other_program other = {.path = images[i].path, .at = place_of_pixels(images[i].path)};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, change_pixels, &other), 0);
    while (atomic_load(&other.changes) < 3) usleep(1000);
    expect_missing(images[i].path, images[i].missing);
    atomic_store(&other.ends, 1);
    pthread_join(thread, NULL);
  }
}

int main(void) {
  add_test("a_missing_level_is_told_while_pixels_change",
           a_missing_level_is_told_while_pixels_change);
  return run_all_tests("missing_level");
}
