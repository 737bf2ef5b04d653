/* Every failure has a message: inside a callback, on another thread, and without a handle. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "support/support.h"

static volume small(void) {
  const swr_region region = region_3d(0, 0, 0, 4, 4, 4);
  return volume_pattern(&region, SWR_UINT8, 1, 1);
}

/* --- A call during another call of the same writer --- */

static int32_t no_pixels(swr_piece* piece, void* user) {
  (void)piece, (void)user;
  return SWR_ERROR_SOURCE;
}

/* Calls that must be refused; returns 0 if every call was refused with a message. */
static int calls_that_are_not_refused(swr_writer* w) {
  const swr_region region = region_3d(0, 0, 0, 1, 1, 1);
  const double ones[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  const char byte = 0;
  swr_region piece;
  int64_t n;
  int wrong = 0;
#define IS_REFUSED(call)                                                                         \
  do {                                                                                           \
    const swr_status status = (call);                                                            \
    if (status != SWR_ERROR_STATE ||                                                             \
        !strstr(swr_writer_message(w), "another call of this writer is running")) {              \
      fprintf(stderr, "%s: %s \"%s\"\n", #call, swr_status_name(status), swr_writer_message(w)); \
      ++wrong;                                                                                   \
    }                                                                                            \
  } while (0)
  IS_REFUSED(swr_set_path(w, "other.mha"));
  IS_REFUSED(swr_set_format(w, NULL));
  IS_REFUSED(swr_set_image_region(w, &region));
  IS_REFUSED(swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
  IS_REFUSED(swr_set_source_type(w, SWR_UINT8));
  IS_REFUSED(swr_set_source_components(w, 1));
  IS_REFUSED(swr_set_spacing(w, ones, 3));
  IS_REFUSED(swr_set_origin(w, ones, 3));
  IS_REFUSED(swr_set_direction(w, ones, 9));
  IS_REFUSED(swr_set_metadata(w, "key", "value"));
  IS_REFUSED(swr_set_divisions(w, 3));
  IS_REFUSED(swr_set_paste_region(w, NULL));
  IS_REFUSED(swr_set_io_region(w, NULL));
  IS_REFUSED(swr_set_memory_limit(w, 0));
  IS_REFUSED(swr_set_threads(w, 1));
  IS_REFUSED(swr_set_compression(w, NULL, 0));
  IS_REFUSED(swr_set_existing(w, SWR_EXISTING_FAIL));
  IS_REFUSED(swr_set_conversion(w, SWR_CONVERSION_EXACT));
  IS_REFUSED(swr_set_fill_value(w, 1));
  IS_REFUSED(swr_set_rollback(w, 0));
  IS_REFUSED(swr_set_sync(w, 1));
  IS_REFUSED(swr_set_option(w, "erase", "on"));
  IS_REFUSED(swr_set_pull_threads(w, 1));
  IS_REFUSED(swr_set_progress(w, NULL, NULL));
  IS_REFUSED(swr_set_log(w, NULL, NULL));
  IS_REFUSED(swr_set_buffers(w, NULL, 0, 0));
  IS_REFUSED(swr_check(w));
  IS_REFUSED(swr_get_method(w, NULL, NULL, NULL));
  IS_REFUSED(swr_get_actual_divisions(w, 1, &n));
  IS_REFUSED(swr_get_split_region(w, 0, 1, &piece));
  IS_REFUSED(swr_get_pulled_type(w, NULL, NULL));
  IS_REFUSED(swr_get_piece_count(w, &n));
  IS_REFUSED(swr_get_memory_need(w, &n));
  IS_REFUSED(swr_get_piece_bytes(w, &n));
  IS_REFUSED(swr_write(w, no_pixels, NULL));
  IS_REFUSED(swr_begin(w));
  IS_REFUSED(swr_put(w, &region, &byte, 1));
  IS_REFUSED(swr_finish(w));
  IS_REFUSED(swr_abandon(w));
  IS_REFUSED(swr_allocate(w));
  IS_REFUSED(swr_get_statistics(w, SWR_STATISTIC_PULLS, &n));
  return wrong;
}

typedef struct meddler {
  swr_writer* w;
  const volume* from;
  int calls, wrong;
} meddler;

static void* meddle_on_a_thread(void* user) {
  meddler* m = user;
  m->wrong += calls_that_are_not_refused(m->w);
  return NULL;
}

static void meddle(meddler* m) {
  pthread_t other;
  ++m->calls;
  m->wrong += calls_that_are_not_refused(m->w);
  if (pthread_create(&other, NULL, meddle_on_a_thread, m) != 0) {
    ++m->wrong;
    return;
  }
  pthread_join(other, NULL);
}

static int32_t pull_and_meddle(swr_piece* piece, void* user) {
  meddler* m = user;
  meddle(m);
  return pull_volume(piece, (void*)m->from);
}

static int32_t progress_and_meddle(int64_t pieces_done, int64_t pieces, int64_t bytes_done,
                                   int64_t bytes, void* user) {
  (void)pieces_done, (void)pieces, (void)bytes_done, (void)bytes;
  meddle(user);
  return 0;
}

static void log_and_meddle(swr_log_level level, const char* message, void* user) {
  (void)level, (void)message;
  meddle(user);
}

static void calls_from_inside_a_call_are_refused_with_words(void** state) {
  const test_case* t = *state;
  volume v = small();
  swr_writer* w = writer_for(t, &v);
  meddler m = {w, &v, 0, 0};
  assert_ok(w, swr_set_log(w, log_and_meddle, &m));
  assert_ok(w, swr_set_progress(w, progress_and_meddle, &m));
  assert_ok(w, swr_write(w, pull_and_meddle, &m));
  assert_true(m.calls >= 3);
  assert_int_equal(m.wrong, 0);
  assert_file_holds(t->path, &v);
  assert_ok(w, swr_begin(w));
  assert_ok(w, swr_put(w, &v.region, v.bytes, volume_bytes(&v)));
  assert_ok(w, swr_finish(w));
  assert_int_equal(m.wrong, 0);
  assert_ok(w, swr_check(w)); /* its own message is back */
  swr_writer_destroy(w);
  volume_free(&v);
}

/* The reason belongs to the thread that was refused, whatever the writer does in between. */
typedef struct rendezvous {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int stage; /* 1: inside the put; 2: the other was refused; 3: the put has returned */
  swr_writer* w;
  const volume* v;
  swr_status status;
  char message[256];
} rendezvous;

static void reach(rendezvous* r, int stage) {
  pthread_mutex_lock(&r->mutex);
  r->stage = stage;
  pthread_cond_broadcast(&r->changed);
  pthread_mutex_unlock(&r->mutex);
}

static void await(rendezvous* r, int stage) {
  pthread_mutex_lock(&r->mutex);
  while (r->stage < stage) pthread_cond_wait(&r->changed, &r->mutex);
  pthread_mutex_unlock(&r->mutex);
}

static int32_t wait_inside_the_put(int64_t pieces_done, int64_t pieces, int64_t bytes_done,
                                   int64_t bytes, void* user) {
  (void)pieces_done, (void)pieces, (void)bytes_done, (void)bytes;
  reach(user, 1);
  await(user, 2);
  return 0;
}

static void* put_too(void* user) {
  rendezvous* r = user;
  await(r, 1);
  r->status = swr_put(r->w, &r->v->region, r->v->bytes, volume_bytes(r->v));
  reach(r, 2);
  await(r, 3);
  snprintf(r->message, sizeof r->message, "%s", swr_writer_message(r->w));
  return NULL;
}

static void a_second_thread_in_put_is_told_why_even_later(void** state) {
  const test_case* t = *state;
  volume v = small();
  swr_writer* w = writer_for(t, &v);
  rendezvous r = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, w, &v, SWR_OK, ""};
  assert_ok(w, swr_set_progress(w, wait_inside_the_put, &r));
  assert_ok(w, swr_begin(w));
  pthread_t other;
  assert_int_equal(pthread_create(&other, NULL, put_too, &r), 0);
  assert_ok(w, swr_put(w, &v.region, v.bytes, volume_bytes(&v)));
  assert_status(w, SWR_ERROR_ARGUMENT, swr_put(w, &v.region, v.bytes, 1));
  reach(&r, 3);
  pthread_join(other, NULL);
  assert_int_equal(r.status, SWR_ERROR_STATE);
  assert_says(r.message, "another call of this writer is running");
  assert_says(swr_writer_message(w), "takes 64 bytes");
  assert_ok(w, swr_finish(w));
  swr_writer_destroy(w);
  assert_file_holds(t->path, &v);
  volume_free(&v);
}

/* For threads that share a writer, only one thing is guaranteed: each call is executed or
 * refused. */
enum { rounds = 300 };

static void* put_again_and_again(void* user) {
  rendezvous* r = user;
  for (int i = 0; i < rounds; ++i) {
    const swr_status status = swr_put(r->w, &r->v->region, r->v->bytes, volume_bytes(r->v));
    if (status == SWR_OK) continue;
    if (status != SWR_ERROR_STATE || swr_writer_message(r->w)[0] == 0) r->status = status;
  }
  return NULL;
}

static void threads_in_put_do_not_damage_the_writer(void** state) {
  const test_case* t = *state;
  volume v = small();
  swr_writer* w = writer_for(t, &v);
  rendezvous sharing[3];
  pthread_t threads[3];
  assert_ok(w, swr_begin(w));
  for (int i = 0; i < 3; ++i) {
    memset(&sharing[i], 0, sizeof sharing[i]);
    sharing[i].w = w;
    sharing[i].v = &v;
    assert_int_equal(pthread_create(&threads[i], NULL, put_again_and_again, &sharing[i]), 0);
  }
  for (int i = 0; i < 3; ++i) {
    pthread_join(threads[i], NULL);
    assert_int_equal(sharing[i].status, SWR_OK);
  }
  assert_ok(w, swr_finish(w));
  swr_writer_destroy(w);
  assert_file_holds(t->path, &v);
  volume_free(&v);
}

/* --- What a piece's calls say reaches the call of the writer --- */

static int32_t lend_nothing(swr_piece* piece, void* user) {
  (void)user;
  return (int32_t)swr_piece_lend(piece, NULL, swr_piece_region(piece));
}

static int32_t lend_nothing_and_go_on(swr_piece* piece, void* user) {
  lend_nothing(piece, user);
  return SWR_OK;
}

static int32_t lend_a_reserved_field(swr_piece* piece, void* user) {
  swr_region held = *swr_piece_region(piece);
  held.reserved = 1;
  return (int32_t)swr_piece_lend(piece, ((const volume*)user)->bytes, &held);
}

static void what_a_piece_refuses_is_the_writers_message(void** state) {
  const test_case* t = *state;
  volume v = small();
  swr_writer* w = writer_for(t, &v);
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, lend_nothing, &v));
  assert_says(swr_writer_message(w), "the lent memory or its region is NULL");
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, lend_nothing_and_go_on, &v));
  assert_says(swr_writer_message(w), "the lent memory or its region is NULL");
  assert_status(w, SWR_ERROR_SOURCE_REGION, swr_write(w, lend_a_reserved_field, &v));
  assert_says(swr_writer_message(w), "reserved");
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, swr_reader_pull, NULL));
  assert_says(swr_writer_message(w), "the reader is NULL");
  swr_reader* r = swr_reader_create();
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, swr_reader_pull, r));
  assert_says(swr_writer_message(w), "no open file");
  swr_reader_destroy(r);
  assert_file_count(0);
  swr_writer_destroy(w);
  volume_free(&v);
}

/* --- Why a recovery failed --- */

static void a_recovery_that_fails_says_why(void** state) {
  const test_case* t = *state;
  volume v = small();
  make_file(t, &v);
  const unsigned char head[24] = "SWRUNDO9"; /* of a later version */
  save_file(".image.mha.swr-undo", head, sizeof head);
  int32_t recovered = -1;
  swr_reader* r = swr_reader_create();
  assert_reader_status(r, SWR_ERROR_UNSUPPORTED, swr_reader_recover(r, t->path, &recovered));
  assert_says(swr_reader_message(r), ".image.mha.swr-undo");
  assert_says(swr_reader_message(r), "version 9");
  assert_int_equal(swr_recover(t->path, NULL), SWR_ERROR_UNSUPPORTED);
  assert_int_equal(remove(".image.mha.swr-undo"), 0);
  assert_reader_ok(r, swr_reader_recover(r, t->path, &recovered));
  assert_int_equal(recovered, 0);
  assert_reader_ok(r, swr_reader_recover(r, t->path, NULL));
  assert_reader_status(r, SWR_ERROR_ARGUMENT, swr_reader_recover(r, NULL, &recovered));
  assert_int_equal(swr_reader_recover(NULL, t->path, &recovered), SWR_ERROR_ARGUMENT);
  /* An open file stays open. */
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_reader_ok(r, swr_reader_recover(r, "another.mha", NULL));
  assert_reader_ok(r, swr_reader_verify(r));
  swr_reader_destroy(r);
  volume_free(&v);
}

int main(void) {
  TEST(calls_from_inside_a_call_are_refused_with_words);
  TEST(a_second_thread_in_put_is_told_why_even_later);
  TEST(threads_in_put_do_not_damage_the_writer);
  TEST(what_a_piece_refuses_is_the_writers_message);
  TEST(a_recovery_that_fails_says_why);
  return run_all_tests("message");
}
