/* Sources that several threads call. Where a file takes pixels in any order, each of the threads
 * converts and stores what it has pulled. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static void stream_from_four_pull_threads_equals_the_source(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 64, 64, 64);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 11);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_divisions(w, 64));
  assert_ok(w, swr_set_pull_threads(w, 4));
  assert_ok(w, swr_write(w, pull_volume, &v));
  assert_file_holds(t->path, &v);
  int64_t pulls = 0;
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PULLS, &pulls));
  assert_int_equal(pulls, 64);
  swr_writer_destroy(w);
  volume_free(&v);
}

/* Holds the first piece back until all others have been pulled. */
typedef struct slow_source {
  const volume* v;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int64_t others; /* pulled so far */
} slow_source;

static int32_t hold_the_first(swr_piece* piece, void* user) {
  slow_source* s = user;
  const int64_t others = swr_piece_count(piece) - 1;
  pthread_mutex_lock(&s->mutex);
  if (swr_piece_number(piece) > 0) {
    ++s->others;
    pthread_cond_signal(&s->changed);
  }
  while (swr_piece_number(piece) == 0 && s->others < others)
    pthread_cond_wait(&s->changed, &s->mutex);
  pthread_mutex_unlock(&s->mutex);
  return pull_volume(piece, (void*)s->v);
}

static void a_slow_piece_holds_up_no_other_thread(void** state) {
  const test_case* t = *state;
  if (has_chunks(t)) return; /* encoded in their order */
  const swr_region region = region_3d(0, 0, 0, 20, 9, 40);
  volume v = volume_pattern(&region, SWR_INT16, 1, 71);
  slow_source s = {&v, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_divisions(w, 40));
  assert_ok(w, swr_set_pull_threads(w, 2));
  assert_ok(w, swr_write(w, hold_the_first, &s));
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void threads_share_buffers_that_are_fewer(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 16, 12, 30);
  volume v = volume_pattern(&region, SWR_INT16, 1, 72);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_divisions(w, 30));
  assert_ok(w, swr_set_pull_threads(w, 5));
  const int64_t bytes = 16 * 12 * 2;
  void* buffers[] = {malloc((size_t)bytes), malloc((size_t)bytes)};
  assert_ok(w, swr_set_buffers(w, buffers, 2, bytes));
  assert_ok(w, swr_write(w, pull_volume, &v));
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  free(buffers[0]);
  free(buffers[1]);
  volume_free(&v);
}

/* uint16 for a file of int16; the last value does not fit there if `too_large`. */
static volume source_values(int too_large) {
  const swr_region region = region_3d(0, 0, 0, 15, 11, 24);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 73);
  uint16_t* values = (uint16_t*)v.bytes;
  const int64_t count = volume_bytes(&v) / 2;
  for (int64_t i = 0; i < count; ++i) values[i] = (uint16_t)(i * 7 % 30011);
  if (too_large) values[count - 1] = 40000;
  return v;
}

static swr_writer* converting_writer(const test_case* t, const volume* v) {
  swr_writer* w = writer_for(t, v);
  assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_source_type(w, SWR_UINT16));
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
  assert_ok(w, swr_set_divisions(w, 24));
  assert_ok(w, swr_set_pull_threads(w, 3));
  return w;
}

static void several_threads_convert(void** state) {
  const test_case* t = *state;
  volume v = source_values(0);
  swr_writer* w = converting_writer(t, &v);
  assert_ok(w, swr_write(w, pull_volume, &v));
  volume stored = v; /* values that fit are the same bytes */
  stored.component = SWR_INT16;
  assert_file_holds(t->path, &stored);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void a_value_that_does_not_fit_is_named_and_leaves_nothing(void** state) {
  const test_case* t = *state;
  volume v = source_values(1);
  swr_writer* w = converting_writer(t, &v);
  assert_int_equal(swr_write(w, pull_volume, &v), SWR_ERROR_CONVERSION);
  assert_non_null(strstr(swr_writer_message(w), "(14,10,23)"));
  assert_false(file_exists(t->path));
  swr_writer_destroy(w);
  volume_free(&v);
}

/* Its third slice fails. */
static int32_t fail_later(swr_piece* piece, void* user) {
  if (swr_piece_number(piece) == 2) return 7;
  return pull_volume(piece, user);
}

static swr_writer* changing_writer(const test_case* t, const volume* v) {
  swr_writer* w = writer_for(t, v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_set_divisions(w, 12));
  assert_ok(w, swr_set_pull_threads(w, 3));
  return w;
}

static void an_existing_image_is_changed_by_several_threads(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 40, 30, 24);
  volume before = volume_pattern(&region, SWR_UINT16, 1, 5);
  volume after = volume_pattern(&region, SWR_UINT16, 1, 6);
  swr_writer* w = writer_for(t, &before);
  assert_ok(w, swr_write(w, pull_volume, &before));
  swr_writer_destroy(w);
  w = changing_writer(t, &after);
  assert_int_equal(swr_write(w, fail_later, &after), SWR_ERROR_SOURCE);
  swr_writer_destroy(w);
  assert_file_holds(t->path, &before);
  w = changing_writer(t, &after);
  assert_ok(w, swr_write(w, pull_volume, &after));
  swr_writer_destroy(w);
  assert_file_holds(t->path, &after);
  volume_free(&before);
  volume_free(&after);
}

int main(void) {
  TEST_EACH(stream_from_four_pull_threads_equals_the_source, SWR_CAN_STREAM);
  TEST_EACH_PLAIN(a_slow_piece_holds_up_no_other_thread, SWR_CAN_STREAM | SWR_CAN_CONCURRENT);
  TEST_EACH(threads_share_buffers_that_are_fewer, SWR_CAN_STREAM);
  TEST_EACH(several_threads_convert, SWR_CAN_STREAM);
  TEST_EACH(a_value_that_does_not_fit_is_named_and_leaves_nothing, SWR_CAN_STREAM);
  TEST_EACH(an_existing_image_is_changed_by_several_threads, SWR_CAN_STREAM | SWR_CAN_PASTE);
  return run_all_tests("pull_threads");
}
