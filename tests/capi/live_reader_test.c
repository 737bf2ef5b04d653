/* A reader of a file that another process is changing: it never reports false damage, and every
 * pixel is one that was written. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checked/checked.h"
#include "support/child.h"
#include "support/foreign.h"

enum { width = 64, height = 48, first_slices = 12 };

static volume slices(int64_t begin, int64_t count, uint64_t seed) {
  const swr_region region = region_3d(0, 0, begin, width, height, count);
  return volume_pattern(&region, SWR_UINT16, 1, seed);
}

/* --- The other process. It must not assert; it ends with 1 if something failed. --- */

static void write_or_exit(swr_writer* w, const char* path, swr_existing existing,
                          const swr_region* box, volume* pixels) {
  swr_status status = swr_set_path(w, path);
  if (!status) status = swr_set_existing(w, existing);
  if (!status) status = swr_set_paste_region(w, box);
  if (!status) status = swr_write(w, pull_volume, pixels);
  if (!status) return;
  fprintf(stderr, "%s: %s\n", swr_status_name(status), swr_writer_message(w));
  _exit(1);
}

static void append_slice(const char* path, int number) {
  const int64_t slice = first_slices + number;
  const swr_region whole = region_3d(0, 0, 0, width, height, slice + 1);
  volume v = slices(slice, 1, 1);
  swr_writer* w = swr_writer_create();
  if (swr_set_image_region(w, &whole)) _exit(1);
  if (swr_set_pixel_type(w, SWR_UINT16, 1, SWR_KIND_SCALAR)) _exit(1);
  write_or_exit(w, path, SWR_EXISTING_EXTEND, &v.region, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

/* Writes two states of a box alternately. */
static void paste_by_turns(const char* path, int number) {
  const swr_region box = region_3d(7, 9, 3, 50, 30, 6);
  volume v = volume_pattern(&box, SWR_UINT16, 1, 2 - (uint64_t)number % 2);
  swr_writer* w = swr_writer_create();
  write_or_exit(w, path, SWR_EXISTING_UPDATE, &box, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

typedef struct changes {
  void (*make)(const char* path, int number);
  int count;
  int pause; /* microseconds between two */
} changes;

typedef enum kind_of_changes { GROWING, PASTING, SLOWLY_PASTING } kind_of_changes;
static const changes all_changes[] = {
    {append_slice, 120, 500}, {paste_by_turns, 120, 500}, {paste_by_turns, 12, 100000}};

/* Words: the number of the kind, and the image. */
static int make_changes(char** words) {
  const changes* what = &all_changes[atoi(words[0])];
  checks_off("the other process reads all of it");
  for (int i = 0; i < what->count; ++i) {
    what->make(words[1], i);
    usleep((useconds_t)what->pause);
  }
  return 0;
}

/* --- The reader --- */

/* Every pixel of `v` is as one of the seeds makes it. */
static void expect_written(const volume* v, int seeds) {
  volume states[2];
  const int64_t bytes = volume_bytes(v);
  for (int i = 0; i < seeds; ++i)
    states[i] = volume_pattern(&v->region, SWR_UINT16, 1, (uint64_t)i + 1);
  if (seeds == 1) {
    assert_volume_equal(v, &states[0]);
  } else {
    for (int64_t at = 0; at < bytes; at += 2) {
      if (memcmp(v->bytes + at, states[0].bytes + at, 2) != 0 &&
          memcmp(v->bytes + at, states[1].bytes + at, 2) != 0)
        fail_msg("pixel %d was never written", (int)(at / 2));
    }
  }
  for (int i = 0; i < seeds; ++i) volume_free(&states[i]);
}

static void read_whole(swr_reader* r, const swr_region* region, int seeds) {
  volume v = volume_new(region, SWR_UINT16, 1);
  assert_reader_ok(r, swr_reader_read(r, region, v.bytes, volume_bytes(&v)));
  expect_written(&v, seeds);
  volume_free(&v);
}

/* With a new reader each time, and with one that has the file open all the time. */
static void read_until_it_ends(const char* path, kind_of_changes kind, int seeds) {
  swr_region first, now;
  swr_reader* kept = swr_reader_create();
  assert_reader_ok(kept, swr_reader_open(kept, path));
  assert_reader_ok(kept, swr_reader_get_image_region(kept, &first));
  const char digit[] = {(char)('0' + kind), 0};
  const child other = child_start((const char* const[]){digit, path, NULL});
  int ended = 0;
  for (int i = 0; !ended; ++i) {
    ended = has_ended(other.process);
    swr_reader* fresh = swr_reader_create();
    assert_reader_ok(fresh, swr_reader_open(fresh, path));
    assert_reader_ok(fresh, swr_reader_get_image_region(fresh, &now));
    read_whole(fresh, &now, seeds);
    if (i % 4 == 0) assert_reader_ok(fresh, swr_reader_verify(fresh));
    swr_reader_destroy(fresh);
    read_whole(kept, &first, seeds);
    if (i % 4 == 2) assert_reader_ok(kept, swr_reader_verify(kept));
    swr_region still;
    assert_reader_ok(kept, swr_reader_get_image_region(kept, &still));
    assert_region_equal(&still, &first); /* what was told of the file holds */
  }
  assert_int_equal(child_end(&other), 0);
  swr_reader_destroy(kept);
}

static void a_growing_file_is_never_called_damaged(void** state) {
  const test_case* t = *state;
  volume v = slices(0, first_slices, 1);
  make_file(t, &v);
  volume_free(&v);
  read_until_it_ends(t->path, GROWING, 1);
}

static void a_file_that_is_pasted_into_is_never_called_damaged(void** state) {
  const test_case* t = *state;
  volume v = slices(0, first_slices, 1);
  make_file(t, &v);
  volume_free(&v);
  read_until_it_ends(t->path, PASTING, 2);
}

/* Streams of other programs have only one checksum, at their end: they are read while no write is
 * running. */
static void a_foreign_stream_that_is_pasted_into_is_never_called_damaged(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  volume v = slices(0, first_slices, 1);
  const foreign_encoding how = {6, Z_DEFAULT_STRATEGY, 8, ONE_STREAM};
  make_foreign(t, &v, &how);
  volume_free(&v);
  read_until_it_ends(t->path, SLOWLY_PASTING, 2);
}

/* Real damage is reported immediately, because no write is running. */
static void damage_is_reported_without_a_writer(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  volume v = slices(0, first_slices, 1);
  make_file(t, &v);
  char data[64];
  int64_t bytes;
  stream_path(t, data);
  unsigned char* file = load_file(data, &bytes);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  for (int64_t at = bytes / 3; at < bytes / 2; ++at) file[at] ^= 0x5a;
  save_file(data, file, bytes);
  free(file);
  assert_reader_status(r, SWR_ERROR_CORRUPT,
                       swr_reader_read(r, &v.region, v.bytes, volume_bytes(&v)));
  assert_says(swr_reader_message(r), data);
  assert_reader_status(r, SWR_ERROR_CORRUPT, swr_reader_verify(r));
  swr_reader_destroy(r);
  volume_free(&v);
}

/* Another image that got the name of the open one is not read as if it were that one. */
static void another_image_in_its_place_is_told(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  volume v = slices(0, first_slices, 1);
  make_file(t, &v);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  volume_free(&v);
  v = slices(0, first_slices, 1);
  const swr_region other_region = region_3d(0, 0, 0, 10, 10, 10);
  volume other = volume_pattern(&other_region, SWR_UINT8, 1, 3);
  char data[64];
  stream_path(t, data);
  make_file(t, &other);
  const swr_status status = swr_reader_read(r, &v.region, v.bytes, volume_bytes(&v));
  if (status == SWR_OK) { /* the old file, which the reader has open */
    expect_written(&v, 1);
  } else {
    assert_int_equal(status, SWR_ERROR_MISMATCH);
  }
  swr_reader_destroy(r);
  volume_free(&other);
  volume_free(&v);
}

int main(int argc, char** argv) {
  act_as_child(argc, argv, make_changes);
  const uint32_t needs = SWR_CAN_STREAM | SWR_CAN_READ;
  TEST_EACH(a_growing_file_is_never_called_damaged, needs | SWR_CAN_EXTEND);
  TEST_EACH(a_file_that_is_pasted_into_is_never_called_damaged, needs | SWR_CAN_PASTE);
  TEST_EACH(a_foreign_stream_that_is_pasted_into_is_never_called_damaged, needs | SWR_CAN_PASTE);
  TEST_EACH(damage_is_reported_without_a_writer, needs);
  TEST_EACH(another_image_in_its_place_is_told, needs);
  return run_all_tests("live_reader");
}
