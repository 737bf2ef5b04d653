/* Frames are appended to an image that is open-ended along its slowest axis: what a checkpoint has
 * put into the file stays, whatever happens later. */
#define _XOPEN_SOURCE 700
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "checked/checked.h"
#include "support/support.h"

enum { width = 23, height = 17 };

static volume frames(int64_t first, int64_t count) {
  const swr_region region = region_3d(0, 0, first, width, height, count);
  return volume_pattern(&region, SWR_INT16, 1, 1);
}

/* A writer for frames, which makes no checkpoint of its own within the time of a test. */
static swr_writer* appender(const test_case* t) {
  const swr_region one = region_3d(0, 0, 0, width, height, 1);
  swr_writer* w = new_writer(t);
  assert_ok(w, swr_set_image_region(w, &one));
  assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_option(w, "append.every_seconds", "86400"));
  return w;
}

static swr_status append(swr_writer* w, int64_t first, int64_t count) {
  volume v = frames(first, count);
  const swr_status status = swr_append(w, v.bytes, volume_bytes(&v));
  memset(v.bytes, 0xEE, (size_t)volume_bytes(&v)); /* it was copied */
  volume_free(&v);
  return status;
}

static void expect_frames(const char* path, int64_t count, int line) {
  volume v = frames(0, count);
  expect_file(path, &v, __FILE__, line);
  volume_free(&v);
}
#define assert_frames(path, count) expect_frames(path, count, __LINE__)

static void assert_kept(swr_writer* w, int64_t count) {
  int64_t kept;
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_FRAMES_KEPT, &kept));
  assert_int_equal(kept, count);
}

static void each_flush_is_a_file_that_holds_all_frames_so_far(void** state) {
  const test_case* t = *state;
  swr_writer* w = appender(t);
  assert_ok(w, append(w, 0, 1));
  assert_kept(w, 0);
  assert_ok(w, swr_flush(w));
  assert_frames(t->path, 1);
  assert_ok(w, append(w, 1, 1));
  assert_ok(w, append(w, 2, 3)); /* several at a time */
  assert_frames(t->path, 1);
  assert_ok(w, swr_flush(w));
  assert_frames(t->path, 5);
  assert_kept(w, 5);
  assert_ok(w, swr_flush(w)); /* nothing waits */
  for (int64_t frame = 5; frame < 12; ++frame) assert_ok(w, append(w, frame, 1));
  assert_ok(w, swr_finish(w));
  assert_frames(t->path, 12);
  assert_kept(w, 12);
  swr_writer_destroy(w);
}

static void frames_and_seconds_make_checkpoints(void** state) {
  const test_case* t = *state;
  for (int by_time = 0; by_time < 2; ++by_time) {
    swr_writer* w = appender(t);
    assert_ok(w, swr_set_option(w, by_time ? "append.every_seconds" : "append.every_frames",
                                by_time ? "0.01" : "2"));
    assert_ok(w, append(w, 0, 1));
    assert_ok(w, append(w, 1, 1));
    int64_t kept = 0;
    while (kept < 2) assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_FRAMES_KEPT, &kept));
    assert_frames(t->path, 2);
    assert_ok(w, append(w, 2, 1));
    assert_ok(w, swr_finish(w));
    assert_frames(t->path, 3);
    int64_t checkpoints = 0;
    assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_CHECKPOINTS, &checkpoints));
    assert_true(checkpoints >= 2 && checkpoints <= 3);
    swr_writer_destroy(w);
    clear_folder();
  }
}

static void the_path_is_enough_to_go_on(void** state) {
  const test_case* t = *state;
  swr_writer* w = appender(t);
  assert_ok(w, append(w, 0, 4));
  assert_ok(w, swr_finish(w));
  swr_writer_destroy(w);

  w = swr_writer_create();
  assert_ok(w, swr_set_path(w, t->path));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  assert_ok(w, append(w, 4, 1));
  assert_ok(w, append(w, 5, 2));
  assert_ok(w, swr_flush(w));
  assert_frames(t->path, 7);
  assert_kept(w, 3);
  assert_ok(w, append(w, 7, 1));
  assert_ok(w, swr_finish(w));
  assert_frames(t->path, 8);
  swr_writer_destroy(w);
}

static void a_writer_that_is_set_up_alike_goes_on_too(void** state) {
  const test_case* t = *state;
  for (int64_t frame = 0; frame < 6; frame += 2) {
    swr_writer* w = appender(t);
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND)); /* made if it is absent */
    assert_ok(w, append(w, frame, 2));
    assert_ok(w, swr_finish(w));
    swr_writer_destroy(w);
    assert_frames(t->path, frame + 2);
  }
}

static void abandon_and_destroy_keep_the_last_checkpoint(void** state) {
  const test_case* t = *state;
  for (int destroys = 0; destroys < 2; ++destroys) {
    swr_writer* w = appender(t);
    assert_ok(w, append(w, 0, 3));
    assert_ok(w, swr_flush(w));
    snapshot* before = snapshot_take();
    assert_ok(w, append(w, 3, 2));
    if (!destroys) assert_ok(w, swr_abandon(w));
    if (!destroys) assert_status(w, SWR_ERROR_STATE, swr_finish(w));
    swr_writer_destroy(w);
    assert_unchanged(before);
    assert_frames(t->path, 3);
    snapshot_free(before);
  }
}

static void an_old_file_stays_until_the_first_checkpoint(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 9, 8, 5);
  volume old = volume_pattern(&region, SWR_INT16, 1, 7);
  make_file(t, &old);
  snapshot* before = snapshot_take();
  swr_writer* w = appender(t);
  assert_ok(w, append(w, 0, 2));
  assert_unchanged(before);
  assert_ok(w, swr_abandon(w));
  assert_unchanged(before);
  assert_ok(w, append(w, 0, 2));
  assert_ok(w, swr_finish(w));
  assert_frames(t->path, 2);

  snapshot_free(before);
  before = snapshot_take();
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_FAIL));
  assert_status(w, SWR_ERROR_EXISTS, append(w, 0, 1));
  assert_status(w, SWR_ERROR_STATE, swr_flush(w)); /* nothing was begun */
  assert_unchanged(before);
  snapshot_free(before);
  swr_writer_destroy(w);
  volume_free(&old);
}

static void frames_of_another_size_or_type_are_refused_at_once(void** state) {
  const test_case* t = *state;
  swr_writer* w = appender(t);
  assert_ok(w, append(w, 0, 2));
  assert_ok(w, swr_finish(w));
  snapshot* before = snapshot_take();
  const swr_region wider = region_3d(0, 0, 0, width + 1, height, 1);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  assert_ok(w, swr_set_image_region(w, &wider));
  assert_status(w, SWR_ERROR_MISMATCH, append(w, 2, 1));
  assert_ok(w, swr_set_image_region(w, NULL));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT16, 1, SWR_KIND_SCALAR));
  assert_status(w, SWR_ERROR_MISMATCH, append(w, 2, 1));
  assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, append(w, 2, 1));
  volume v = frames(3, 1);
  assert_status(w, SWR_ERROR_ARGUMENT, swr_append(w, v.bytes, volume_bytes(&v) - 1));
  assert_status(w, SWR_ERROR_ARGUMENT, swr_append(w, v.bytes, 0));
  assert_status(w, SWR_ERROR_ARGUMENT, swr_append(w, NULL, volume_bytes(&v)));
  assert_unchanged(before);
  assert_ok(w, swr_finish(w));
  assert_frames(t->path, 3);
  swr_writer_destroy(w);
  snapshot_free(before);
  volume_free(&v);
}

static void other_calls_wait_for_the_end(void** state) {
  const test_case* t = *state;
  swr_writer* w = appender(t);
  volume v = frames(0, 1);
  assert_ok(w, append(w, 0, 1));
  assert_status(w, SWR_ERROR_STATE, swr_put(w, &v.region, v.bytes, volume_bytes(&v)));
  assert_status(w, SWR_ERROR_STATE, swr_begin(w));
  assert_status(w, SWR_ERROR_STATE, swr_set_path(w, "other"));
  assert_ok(w, swr_finish(w));
  assert_status(w, SWR_ERROR_STATE, swr_flush(w));
  assert_ok(w, swr_begin(w));
  assert_status(w, SWR_ERROR_STATE, append(w, 1, 1));
  assert_status(w, SWR_ERROR_STATE, swr_flush(w));
  assert_ok(w, swr_abandon(w));
  assert_frames(t->path, 1);
  assert_ok(w, swr_set_rollback(w, 0));
  assert_status(w, SWR_ERROR_UNSUPPORTED, append(w, 1, 1));
  swr_writer_destroy(w);
  volume_free(&v);
}

static void a_value_that_does_not_survive_is_refused_and_the_next_frame_is_taken(void** state) {
  const test_case* t = *state;
  float values[width * height];
  for (int i = 0; i < width * height; ++i) values[i] = (float)i;
  swr_writer* w = appender(t);
  assert_ok(w, swr_set_source_type(w, SWR_FLOAT32));
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
  assert_ok(w, swr_append(w, values, sizeof values));
  values[100] = 0.5f;
  assert_status(w, SWR_ERROR_CONVERSION, swr_append(w, values, sizeof values));
  values[100] = 7;
  assert_ok(w, swr_append(w, values, sizeof values));
  assert_ok(w, swr_finish(w));
  swr_writer_destroy(w);
  volume v = read_volume(t->path);
  assert_int_equal(v.region.size[2], 2);
  const swr_region changed = region_3d(100 % width, 100 / width, 0, 1, 1, 2);
  int16_t got[2];
  volume_get(&v, &changed, got);
  assert_int_equal(got[0], 100);
  assert_int_equal(got[1], 7);
  volume_free(&v);
}

static void a_checkpoint_that_fails_keeps_the_file_and_can_be_tried_again(void** state) {
  const test_case* t = *state;
  limit_files(-1); /* skips the test where there is no limit */
  swr_writer* w = appender(t);
  assert_ok(w, append(w, 0, 2));
  assert_ok(w, swr_flush(w));
  snapshot* before = snapshot_take();
  char data[256];
  data_file_of(t->path, data);
  assert_ok(w, append(w, 2, 30));
  limit_files(file_bytes(data) + 64);
  const swr_status status = swr_flush(w), again = append(w, 32, 1), flushed = swr_flush(w);
  const char* const message = swr_writer_message(w);
  char words[1024];
  snprintf(words, sizeof words, "%s", message);
  limit_files(-1);
  assert_int_equal(status, SWR_ERROR_IO);
  assert_int_equal(flushed, SWR_ERROR_IO);
  assert_says(words, "2 appended frames are in the file");
  assert_unchanged(before);
  assert_kept(w, 2);
  const int64_t more = again == SWR_OK ? 33 : 32; /* the error of the background came first */
  assert_ok(w, swr_flush(w));
  assert_frames(t->path, more);
  assert_ok(w, append(w, more, 1));
  assert_ok(w, swr_finish(w));
  assert_frames(t->path, more + 1);
  swr_writer_destroy(w);
  snapshot_free(before);
}

static void a_file_that_another_writer_makes_longer_is_not_overwritten(void** state) {
  const test_case* t = *state;
  swr_writer *w = appender(t), *other = appender(t);
  assert_ok(w, append(w, 0, 2));
  assert_ok(w, swr_flush(w));
  assert_ok(other, swr_set_existing(other, SWR_EXISTING_EXTEND));
  assert_ok(other, append(other, 2, 2));
  assert_ok(other, swr_finish(other));
  assert_ok(w, append(w, 2, 1));
  snapshot* before = snapshot_take();
  assert_status(w, SWR_ERROR_MISMATCH, swr_finish(w));
  assert_says(swr_writer_message(w), "another program");
  assert_says(swr_writer_message(w), "abandon this and begin again");
  assert_unchanged(before);
  assert_ok(w, swr_abandon(w));
  assert_frames(t->path, 4);
  swr_writer_destroy(w);
  swr_writer_destroy(other);
  snapshot_free(before);
}

static void a_file_that_another_writer_makes_first_is_not_overwritten(void** state) {
  const test_case* t = *state;
  swr_writer *w = appender(t), *other = appender(t);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  assert_ok(other, swr_set_existing(other, SWR_EXISTING_EXTEND));
  assert_ok(w, append(w, 5, 1));
  assert_ok(other, append(other, 0, 3));
  assert_ok(other, swr_finish(other));
  snapshot* before = snapshot_take();
  assert_status(w, SWR_ERROR_EXISTS, swr_flush(w));
  assert_says(swr_writer_message(w), "abandon this and begin again");
  assert_status(w, SWR_ERROR_EXISTS, swr_finish(w)); /* which tries again */
  assert_unchanged(before);
  assert_ok(w, swr_abandon(w));
  assert_frames(t->path, 3);
  swr_writer_destroy(w);
  swr_writer_destroy(other);
  snapshot_free(before);
}

/* --- Writers that wait for others --- */

static swr_writer* waiting_appender(const test_case* t) {
  swr_writer* w = appender(t);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  assert_ok(w, swr_set_option(w, "lock", "wait"));
  return w;
}

static void frames_go_after_those_of_another_writer(void** state) {
  const test_case* t = *state;
  checks_off("two writers append");
  swr_writer *w = waiting_appender(t), *other = waiting_appender(t);
  assert_ok(w, append(w, 2, 1));
  assert_ok(other, append(other, 0, 2));
  assert_ok(other, swr_flush(other));
  assert_ok(w, swr_flush(w)); /* the file was made meanwhile */
  assert_frames(t->path, 3);
  for (int64_t frame = 3; frame < 9; frame += 3) { /* or became longer */
    assert_ok(other, append(other, frame, 2));
    assert_ok(other, swr_flush(other));
    assert_ok(w, append(w, frame + 2, 1));
    assert_ok(w, swr_flush(w));
    assert_frames(t->path, frame + 3);
  }
  assert_ok(w, swr_finish(w));
  assert_ok(other, swr_finish(other));
  assert_frames(t->path, 9);
  swr_writer_destroy(w);
  swr_writer_destroy(other);
}

/* The frame at `number` of the image. */
static void assert_frame(swr_reader* r, int64_t number, const volume* frame) {
  const swr_region one = region_3d(0, 0, number, width, height, 1);
  volume got = volume_new(&one, SWR_INT16, 1);
  assert_reader_ok(r, swr_reader_read(r, &one, got.bytes, volume_bytes(&got)));
  assert_memory_equal(got.bytes, frame->bytes, (size_t)volume_bytes(frame));
  volume_free(&got);
}

typedef struct one_of_two {
  swr_writer* w;
  int64_t first;
  swr_status status;
} one_of_two;

static void* append_every_second_frame(void* user) {
  one_of_two* o = user;
  for (int64_t frame = o->first; !o->status && frame < 20; frame += 2) {
    o->status = append(o->w, frame, 1);
    if (!o->status) o->status = swr_flush(o->w);
  }
  if (!o->status) o->status = swr_finish(o->w);
  return NULL;
}

static void two_writers_that_wait_lose_no_frame(void** state) {
  const test_case* t = *state;
  checks_off("two writers append");
  one_of_two both[2] = {{waiting_appender(t), 0, SWR_OK}, {waiting_appender(t), 1, SWR_OK}};
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i)
    assert_int_equal(pthread_create(&threads[i], NULL, append_every_second_frame, &both[i]), 0);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  for (int i = 0; i < 2; ++i) assert_ok(both[i].w, both[i].status);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  swr_region image;
  assert_reader_ok(r, swr_reader_get_image_region(r, &image));
  assert_int_equal(image.size[2], 20);
  int64_t next[2] = {0, 1};
  for (int64_t number = 0; number < 20; ++number) { /* each writer's frames are in its order */
    volume expected[2] = {frames(next[0], 1), frames(next[1], 1)};
    const swr_region one = region_3d(0, 0, number, width, height, 1);
    volume got = volume_new(&one, SWR_INT16, 1);
    assert_reader_ok(r, swr_reader_read(r, &one, got.bytes, volume_bytes(&got)));
    const int writer = memcmp(got.bytes, expected[0].bytes, (size_t)volume_bytes(&got)) != 0;
    assert_frame(r, number, &expected[writer]);
    next[writer] += 2;
    volume_free(&got);
    for (int i = 0; i < 2; ++i) volume_free(&expected[i]);
  }
  assert_int_equal(next[0], 20);
  assert_int_equal(next[1], 21);
  swr_reader_destroy(r);
  for (int i = 0; i < 2; ++i) swr_writer_destroy(both[i].w);
}

static void frames_do_not_go_after_those_of_another_size(void** state) {
  const test_case* t = *state;
  checks_off("two writers append");
  const swr_region narrow = region_3d(0, 0, 0, width - 1, height, 1);
  volume v = volume_pattern(&narrow, SWR_INT16, 1, 1);
  swr_writer *w = waiting_appender(t), *other = waiting_appender(t);
  assert_ok(w, append(w, 0, 1));
  assert_ok(other, swr_set_image_region(other, &narrow));
  assert_ok(other, swr_append(other, v.bytes, volume_bytes(&v)));
  assert_ok(other, swr_finish(other));
  snapshot* before = snapshot_take();
  for (int i = 0; i < 2; ++i) { /* also the second time */
    assert_status(w, SWR_ERROR_MISMATCH, swr_flush(w));
    assert_says(swr_writer_message(w), "frames differ in size");
  }
  assert_unchanged(before);
  assert_ok(w, swr_abandon(w));
  snapshot_free(before);
  swr_writer_destroy(w);
  swr_writer_destroy(other);
  volume_free(&v);
}

/* --- Calls that are cancelled while they wait --- */

static int32_t count_down(void* user) {
  int* left = user;
  return *left > 0 && --*left == 0;
}

static void a_wait_for_another_write_is_cancelled(void** state) {
  const test_case* t = *state;
  checks_off("two writes are under way");
  swr_writer *w = waiting_appender(t), *other = waiting_appender(t);
  assert_ok(other, append(other, 0, 2));
  assert_ok(other, swr_finish(other));
  snapshot* before = snapshot_take();
  const swr_region longer = region_3d(0, 0, 0, width, height, 3);
  const swr_region third = region_3d(0, 0, 2, width, height, 1);
  swr_writer* const both[] = {w, other};
  for (int i = 0; i < 2; ++i) {
    assert_ok(both[i], swr_set_image_region(both[i], &longer));
    assert_ok(both[i], swr_set_paste_region(both[i], &third));
  }
  int left = 3;
  assert_ok(w, swr_set_cancel(w, count_down, &left));
  assert_ok(other, swr_begin(other)); /* holds the lock */
  assert_status(w, SWR_CANCELLED, swr_begin(w));
  assert_says(swr_writer_message(w), "another write");
  assert_int_equal(left, 0);
  left = 1;
  assert_status(w, SWR_CANCELLED, swr_begin(w));
  assert_status(w, SWR_ERROR_STATE, swr_finish(w)); /* nothing is under way */
  assert_ok(other, swr_abandon(other));
  assert_unchanged(before);
  assert_ok(w, swr_begin(w));
  assert_ok(w, swr_abandon(w));
  swr_writer_destroy(w);
  swr_writer_destroy(other);
  snapshot_free(before);
}

/* Begins a paste, which changes nothing until pixels come. */
static void hold_lock(swr_writer* w, const swr_region* box) {
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_set_image_region(w, NULL));
  assert_ok(w, swr_set_paste_region(w, box));
  assert_ok(w, swr_begin(w));
}

static void appending_goes_on_after_a_wait_that_is_cancelled(void** state) {
  const test_case* t = *state;
  checks_off("two writes are under way");
  swr_writer *w = waiting_appender(t), *other = waiting_appender(t);
  assert_ok(other, append(other, 0, 2));
  assert_ok(other, swr_finish(other));
  snapshot* before = snapshot_take();
  const swr_region second = region_3d(0, 0, 1, width, height, 1);
  hold_lock(other, &second);
  int left = 0;
  assert_ok(w, swr_set_cancel(w, count_down, &left));
  for (int ends = 0; ends < 2; ++ends) {
    assert_ok(w, append(w, 2, 1));
    left = 2;
    assert_status(w, SWR_CANCELLED, swr_flush(w));
    assert_says(swr_writer_message(w), "1 wait in memory");
    left = 1;
    assert_status(w, SWR_CANCELLED, swr_finish(w));
    assert_kept(w, 0);
    assert_unchanged(before);
    if (!ends) assert_ok(w, swr_abandon(w)); /* does not wait either */
  }
  assert_ok(other, swr_abandon(other));
  assert_ok(w, append(w, 3, 1));
  assert_ok(w, swr_finish(w));
  assert_frames(t->path, 4);
  swr_writer_destroy(w);
  swr_writer_destroy(other);
  snapshot_free(before);
}

static void a_wait_for_room_is_cancelled_and_takes_no_frame(void** state) {
  const test_case* t = *state;
  checks_off("two writes are under way");
  const swr_region one = region_3d(0, 0, 0, 512, 512, 1);
  volume v = volume_pattern(&one, SWR_INT16, 1, 3);
  make_file(t, &v);
  swr_writer *w = writer_for(t, &v), *other = writer_for(t, &v);
  swr_writer* const both[] = {w, other};
  for (int i = 0; i < 2; ++i) {
    assert_ok(both[i], swr_set_existing(both[i], SWR_EXISTING_EXTEND));
    assert_ok(both[i], swr_set_option(both[i], "lock", "wait"));
  }
  hold_lock(other, &one);
  int left = 0;
  assert_ok(w, swr_set_cancel(w, count_down, &left));
  assert_ok(w, swr_set_memory_limit(w, 16 << 20));
  int64_t taken = 0;
  for (; taken < 16; ++taken) assert_ok(w, swr_append(w, v.bytes, volume_bytes(&v)));
  left = 2;
  assert_status(w, SWR_CANCELLED, swr_append(w, v.bytes, volume_bytes(&v)));
  assert_ok(other, swr_abandon(other));
  assert_ok(w, swr_finish(w));
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  swr_region image;
  assert_reader_ok(r, swr_reader_get_image_region(r, &image));
  assert_int_equal(image.size[2], 1 + taken);
  swr_reader_destroy(r);
  swr_writer_destroy(w);
  swr_writer_destroy(other);
  volume_free(&v);
}

static void a_write_is_cancelled_after_a_piece(void** state) {
  const test_case* t = *state;
  volume v = frames(0, 8);
  source s = source_of(&v);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_divisions(w, 4));
  int left = 1;
  assert_ok(w, swr_set_cancel(w, count_down, &left));
  assert_status(w, SWR_CANCELLED, swr_write(w, pull_source, &s));
  assert_file_count(0);
  assert_ok(w, swr_set_cancel(w, NULL, NULL));
  left = 1;
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(left, 1);
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void bytes_that_are_no_frames_are_told(void** state) {
  const test_case* t = *state;
  volume v = frames(0, 1);
  swr_writer* w = appender(t);
  const int64_t wrong[] = {-5, 0, 1};
  const char* const words[] = {" -5 bytes", " 0 bytes", " 1 byte "};
  for (int i = 0; i < 3; ++i) {
    assert_status(w, SWR_ERROR_ARGUMENT, swr_append(w, v.bytes, wrong[i]));
    assert_says(swr_writer_message(w), words[i]);
  }
  swr_writer_destroy(w);
  volume_free(&v);
}

static void frames_beyond_the_largest_index_are_refused(void** state) {
  (void)state;
  const test_case t = {.path = "far.nrrd"};
  const swr_region one = region_3d(0, 0, INT64_MAX - 2, width, height, 1);
  swr_writer* w = appender(&t);
  assert_ok(w, swr_set_image_region(w, &one));
  assert_status(w, SWR_ERROR_REGION, append(w, 0, 3));
  assert_says(swr_writer_message(w), "largest index");
  assert_ok(w, append(w, 0, 1));
  assert_status(w, SWR_ERROR_REGION, append(w, 0, 2));
  assert_ok(w, append(w, 1, 1));
  assert_status(w, SWR_ERROR_REGION, append(w, 2, 1));
  assert_ok(w, swr_finish(w));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  assert_status(w, SWR_ERROR_REGION, append(w, 2, 1));
  const swr_region other = region_3d(0, 0, -5, width, height, 1);
  assert_ok(w, swr_set_image_region(w, &other));
  assert_status(w, SWR_ERROR_REGION, swr_check(w));
  assert_says(swr_writer_message(w), "too large");
  swr_writer_destroy(w);
}

/* Whoever asks while another one makes checkpoints gets no error of a file that is half changed. */
typedef struct other_appender {
  swr_writer* w;
  swr_status status;
  atomic_int stops;
} other_appender;

static void* append_all_the_time(void* user) {
  other_appender* o = user;
  for (int64_t frame = 1; !o->stops && !o->status && frame < 2000; ++frame) {
    o->status = append(o->w, frame, 1);
    if (!o->status) o->status = swr_flush(o->w);
  }
  return NULL;
}

static void checks_beside_checkpoints_say_what_they_say_alone(void** state) {
  const test_case* t = *state;
  checks_off("another writer appends");
  swr_writer* w = appender(t);
  assert_ok(w, append(w, 0, 1));
  assert_ok(w, swr_finish(w));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  other_appender o = {.w = w};
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, append_all_the_time, &o), 0);
  const swr_region larger = region_3d(0, 0, 0, width, height, 4000);
  for (int i = 0; i < 60; ++i) {
    swr_writer* asks = appender(t);
    assert_ok(asks, swr_set_existing(asks, SWR_EXISTING_EXTEND));
    assert_ok(asks, swr_set_image_region(asks, &larger));
    const swr_status status = swr_check(asks);
    if (status != SWR_OK) print_message("%s\n", swr_writer_message(asks));
    assert_int_equal(status, SWR_OK);
    swr_writer_destroy(asks);
  }
  o.stops = 1;
  pthread_join(thread, NULL);
  assert_ok(w, o.status);
  swr_writer_destroy(w);
}

static void a_full_queue_makes_checkpoints_and_memory_is_bounded(void** state) {
  const test_case* t = *state;
  const swr_region one = region_3d(0, 0, 0, 256, 256, 1);
  volume v = volume_pattern(&one, SWR_INT16, 1, 3);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_option(w, "append.every_seconds", "86400"));
  assert_ok(w, swr_set_memory_limit(w, 8 << 20));
  for (int i = 0; i < 100; ++i) assert_ok(w, swr_append(w, v.bytes, volume_bytes(&v)));
  int64_t kept, peak;
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_FRAMES_KEPT, &kept));
  assert_true(kept >= 100 - (4 << 20) / volume_bytes(&v));
  assert_ok(w, swr_finish(w));
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PEAK_BUFFER_BYTES, &peak));
  assert_true(peak <= 8 << 20);
  const swr_region large = region_3d(0, 0, 0, 2048, 2048, 1);
  volume too_large = volume_new(&large, SWR_INT16, 1);
  assert_ok(w, swr_set_image_region(w, &large));
  assert_status(w, SWR_ERROR_MEMORY_LIMIT,
                swr_append(w, too_large.bytes, volume_bytes(&too_large)));
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&too_large);
}

/* Slots of a compressed stream that are in one frame, and those that have parts of two. */
static void frames_larger_than_slots_are_whole(void** state) {
  const test_case* t = *state;
  const int64_t sizes[][2] = {{256, 128}, {211, 307}};
  for (int i = 0; i < 2; ++i) {
    clear_folder();
    const swr_region all = region_3d(0, 0, 0, sizes[i][0], sizes[i][1], 7);
    const int64_t bytes = sizes[i][0] * sizes[i][1] * 2;
    volume v = volume_pattern(&all, SWR_INT16, 1, 5);
    swr_writer* w = appender(t);
    assert_ok(w, swr_set_image_region(w, &all));
    if (i == 0) assert_ok(w, swr_set_option(w, "deflate.slot", "32768"));
    for (int64_t frame = 0; frame < 7; ++frame) {
      assert_ok(w, swr_append(w, (const char*)v.bytes + frame * bytes, bytes));
      if (frame % 3 == 0) assert_ok(w, swr_flush(w));
    }
    assert_ok(w, swr_finish(w));
    assert_file_holds(t->path, &v);
    swr_writer_destroy(w);
    volume_free(&v);
  }
}

static void a_format_that_cannot_grow_is_named(void** state) {
  (void)state;
  for (int i = 0; i < variant_number(); ++i) {
    const variant* kind = variant_at(i);
    if (kind->flags & SWR_CAN_EXTEND) continue;
    char path[64];
    snprintf(path, sizeof path, "image%s", kind->suffix);
    const swr_region one = region_3d(0, 0, 0, width, height, 1);
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, path));
    assert_ok(w, swr_set_image_region(w, &one));
    assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
    assert_status(w, SWR_ERROR_UNSUPPORTED, append(w, 0, 1));
    assert_says(swr_writer_message(w), kind->format);
    swr_writer_destroy(w);
    assert_file_count(0);
  }
}

static void a_reader_follows_the_file(void** state) {
  const test_case* t = *state;
  swr_writer* w = appender(t);
  assert_ok(w, append(w, 0, 1));
  assert_ok(w, swr_flush(w));
  swr_reader* r = swr_reader_create();
  assert_reader_status(r, SWR_ERROR_STATE, swr_reader_refresh(r));
  assert_reader_ok(r, swr_reader_open(r, t->path));
  for (int64_t count = 2; count < 15; ++count) {
    assert_ok(w, append(w, count - 1, 1));
    assert_ok(w, swr_flush(w));
    swr_region now;
    assert_reader_ok(r, swr_reader_get_image_region(r, &now));
    assert_int_equal(now.size[2], count - 1);
    if (count == 5) { /* the reader has looked again, and the file is as it saw it then */
      const struct timespec moment = {0, 30000000};
      nanosleep(&moment, NULL);
      assert_int_equal(swr_reader_verify(r), SWR_OK);
      assert_reader_ok(r, swr_reader_get_image_region(r, &now));
      assert_int_equal(now.size[2], count - 1);
    }
    assert_reader_ok(r, swr_reader_refresh(r));
    assert_reader_ok(r, swr_reader_get_image_region(r, &now));
    assert_int_equal(now.size[2], count);
    volume expected = frames(0, count), got = volume_new(&expected.region, SWR_INT16, 1);
    assert_reader_ok(r, swr_reader_read(r, &got.region, got.bytes, volume_bytes(&got)));
    assert_volume_equal(&got, &expected);
    volume_free(&got);
    volume_free(&expected);
  }
  assert_ok(w, swr_finish(w));
  swr_writer_destroy(w);
  const swr_region small = region_3d(0, 0, 0, width, height, 3);
  volume other = volume_pattern(&small, SWR_INT16, 1, 9);
  make_file(t, &other);
  assert_reader_status(r, SWR_ERROR_MISMATCH, swr_reader_refresh(r));
  swr_reader_destroy(r);
  volume_free(&other);
}

static void options_have_limits(void** state) {
  (void)state;
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_option(w, "append.every_frames", "1"));
  assert_ok(w, swr_set_option(w, "append.every_frames", NULL));
  assert_ok(w, swr_set_option(w, "append.every_seconds", "0.25"));
  assert_ok(w, swr_set_option(w, "append.every_seconds", NULL));
  const char* const wrong[][2] = {{"append.every_frames", "0"},
                                  {"append.every_frames", "2.5"},
                                  {"append.every_seconds", "0"},
                                  {"append.every_seconds", "nan"},
                                  {"append.every_seconds", "90000"}};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i)
    assert_status(w, SWR_ERROR_ARGUMENT, swr_set_option(w, wrong[i][0], wrong[i][1]));
  assert_status(w, SWR_ERROR_ARGUMENT, append(w, 0, 1)); /* no path is set */
  swr_writer_destroy(w);
}

int main(void) {
  TEST(options_have_limits);
  TEST(a_format_that_cannot_grow_is_named);
  TEST_EACH(each_flush_is_a_file_that_holds_all_frames_so_far, SWR_CAN_EXTEND);
  TEST_EACH(frames_and_seconds_make_checkpoints, SWR_CAN_EXTEND);
  TEST_EACH(the_path_is_enough_to_go_on, SWR_CAN_EXTEND);
  TEST_EACH(a_writer_that_is_set_up_alike_goes_on_too, SWR_CAN_EXTEND);
  TEST_EACH(abandon_and_destroy_keep_the_last_checkpoint, SWR_CAN_EXTEND);
  TEST_EACH(an_old_file_stays_until_the_first_checkpoint, SWR_CAN_EXTEND);
  TEST_EACH(frames_of_another_size_or_type_are_refused_at_once, SWR_CAN_EXTEND);
  TEST_EACH(other_calls_wait_for_the_end, SWR_CAN_EXTEND);
  TEST_EACH(a_value_that_does_not_survive_is_refused_and_the_next_frame_is_taken, SWR_CAN_EXTEND);
  TEST_EACH(a_checkpoint_that_fails_keeps_the_file_and_can_be_tried_again, SWR_CAN_EXTEND);
  TEST_EACH(a_file_that_another_writer_makes_longer_is_not_overwritten, SWR_CAN_EXTEND);
  TEST_EACH(a_file_that_another_writer_makes_first_is_not_overwritten, SWR_CAN_EXTEND);
  TEST_EACH(frames_go_after_those_of_another_writer, SWR_CAN_EXTEND);
  TEST_EACH(two_writers_that_wait_lose_no_frame, SWR_CAN_EXTEND);
  TEST_EACH(frames_do_not_go_after_those_of_another_size, SWR_CAN_EXTEND);
  TEST_EACH(a_wait_for_another_write_is_cancelled, SWR_CAN_EXTEND);
  TEST_EACH(appending_goes_on_after_a_wait_that_is_cancelled, SWR_CAN_EXTEND);
  TEST_EACH_PLAIN(a_wait_for_room_is_cancelled_and_takes_no_frame, SWR_CAN_EXTEND);
  TEST_EACH(a_write_is_cancelled_after_a_piece, SWR_CAN_EXTEND);
  TEST_EACH(bytes_that_are_no_frames_are_told, SWR_CAN_EXTEND);
  TEST(frames_beyond_the_largest_index_are_refused);
  TEST_EACH_PLAIN(checks_beside_checkpoints_say_what_they_say_alone, SWR_CAN_EXTEND);
  TEST_EACH(a_full_queue_makes_checkpoints_and_memory_is_bounded, SWR_CAN_EXTEND);
  TEST_EACH(frames_larger_than_slots_are_whole, SWR_CAN_EXTEND);
  TEST_EACH(a_reader_follows_the_file, SWR_CAN_EXTEND);
  return run_all_tests("append");
}
