/* One reader as the source of several threads of a writer, and of several writers at the same
 * time. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "support/foreign.h"

static volume noisy(uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, 61, 47, 64);
  return volume_pattern(&region, SWR_INT16, 1, seed);
}

static void copy_with_four_threads(const test_case* t, const volume* v, int64_t memory_limit) {
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_set_memory_limit(r, memory_limit));
  assert_reader_ok(r, swr_reader_open(r, t->path));
  swr_writer* w = new_writer_at(t, "copy.mha");
  describe(w, v);
  assert_ok(w, swr_set_compression(w, "none", 0));
  assert_ok(w, swr_set_divisions(w, 64));
  assert_ok(w, swr_set_pull_threads(w, 4));
  for (int round = 0; round < 3; ++round) {
    assert_ok(w, swr_write(w, swr_reader_pull, r));
    assert_string_equal(swr_reader_message(r), "");
    assert_file_holds("copy.mha", v);
  }
  swr_writer_destroy(w);
  swr_reader_destroy(r);
}

static void four_pull_threads_copy_a_file(void** state) {
  const test_case* t = *state;
  volume v = noisy(3);
  make_file(t, &v);
  copy_with_four_threads(t, &v, INT64_C(256) << 20);
  copy_with_four_threads(t, &v, is_a_folder(t) ? 3 << 20 : 1 << 20);
  volume_free(&v);
}

static void four_pull_threads_copy_the_stream_of_another_program(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  volume v = noisy(4);
  const foreign_encoding how = {6, Z_DEFAULT_STRATEGY, 8, ONE_STREAM};
  make_foreign(t, &v, &how);
  copy_with_four_threads(t, &v, INT64_C(256) << 20);
  volume_free(&v);
}

/* A file whose pixels are damaged fails, with the same sentence for all threads. */
static void four_pull_threads_are_told_of_damage(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  volume v = noisy(5);
  const foreign_encoding how = {6, Z_DEFAULT_STRATEGY, 8, ONE_STREAM};
  make_foreign(t, &v, &how);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  char data[64];
  int64_t bytes;
  stream_path(t, data);
  unsigned char* file = load_file(data, &bytes);
  memset(file + bytes / 2, 0, 64);
  save_file(data, file, bytes);
  free(file);
  swr_writer* w = new_writer_at(t, "copy.mha");
  describe(w, &v);
  assert_ok(w, swr_set_compression(w, "none", 0));
  assert_ok(w, swr_set_divisions(w, 64));
  assert_ok(w, swr_set_pull_threads(w, 4));
  /* Where something follows the pixels, the plan already reads the stream to its end. */
  const swr_status status = swr_write(w, swr_reader_pull, r);
  assert_true(status == SWR_ERROR_SOURCE || status == SWR_ERROR_CORRUPT);
  assert_says(swr_writer_message(w), data);
  swr_writer_destroy(w);
  swr_reader_destroy(r);
  volume_free(&v);
}

typedef struct copy {
  const test_case* t;
  swr_reader* from;
  const volume* v;
  const char* path;
  swr_status status;
} copy;

static void* copy_on_a_thread(void* user) {
  copy* c = user;
  swr_writer* w = swr_writer_create();
  swr_status status = swr_set_path(w, c->path);
  if (!status) status = swr_set_image_region(w, &c->v->region);
  if (!status) status = swr_set_pixel_type(w, c->v->component, 1, SWR_KIND_SCALAR);
  if (!status) status = swr_set_divisions(w, 32);
  if (!status) status = swr_set_pull_threads(w, 2);
  if (!status) status = swr_write(w, swr_reader_pull, c->from);
  c->status = status;
  swr_writer_destroy(w);
  return NULL;
}

static void two_writers_copy_from_one_reader(void** state) {
  const test_case* t = *state;
  volume v = noisy(6);
  make_file(t, &v);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  copy copies[2] = {{t, r, &v, "one.mha", SWR_OK}, {t, r, &v, "two.nrrd", SWR_OK}};
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i)
    assert_int_equal(pthread_create(&threads[i], NULL, copy_on_a_thread, &copies[i]), 0);
  for (int i = 0; i < 2; ++i) {
    pthread_join(threads[i], NULL);
    assert_int_equal(copies[i].status, SWR_OK);
    assert_file_holds(copies[i].path, &v);
  }
  swr_reader_destroy(r);
  volume_free(&v);
}

int main(void) {
  const uint32_t needs = SWR_CAN_STREAM | SWR_CAN_READ;
  TEST_EACH(four_pull_threads_copy_a_file, needs);
  TEST_EACH(four_pull_threads_copy_the_stream_of_another_program, needs);
  TEST_EACH(four_pull_threads_are_told_of_damage, needs);
  TEST_EACH(two_writers_copy_from_one_reader, needs);
  return run_all_tests("shared_reader");
}
