/* After any failure at any piece, the old files stay byte for byte, without temporary files. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <string.h>

#include "sanitized.h"
#include "support/support.h"

enum { divisions = 5 };

static volume medium(uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, 23, 19, 15);
  return volume_pattern(&region, SWR_UINT16, 1, seed);
}

/* The state of the file before the write, and what is written. */
typedef enum situation {
  CREATES,
  REPLACES,
  UPDATES,
  PASTES,
  CREATES_BY_PASTE,
  situation_count
} situation;

static int can(const test_case* t, situation which) {
  const uint32_t needs = t->kind->compressed ? SWR_CAN_PASTE_COMPRESSED : SWR_CAN_PASTE;
  return (which != UPDATES && which != PASTES) || (t->kind->flags & needs);
}

static swr_writer* prepare(const test_case* t, situation which, const volume* v) {
  swr_writer* w = writer_for(t, v);
  const swr_region box = region_3d(3, 4, 0, 15, 11, 15);
  assert_ok(w, swr_set_divisions(w, divisions));
  if (which == REPLACES) assert_ok(w, swr_set_existing(w, SWR_EXISTING_REPLACE));
  if (which == UPDATES) assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  if (which == PASTES || which == CREATES_BY_PASTE) assert_ok(w, swr_set_paste_region(w, &box));
  return w;
}

/* Runs `attempt` for every situation and every piece; with sanitizers, for one piece of each
 * situation. The folder must be unchanged, and the writer usable again. */
typedef void (*attempt)(swr_writer* w, source* s, int64_t piece);

static void try_everywhere(const test_case* t, attempt run) {
  volume old = medium(1), v = medium(2);
  for (int which = CREATES; which < situation_count; ++which) {
    if (!can(t, (situation)which)) continue;
    for (int64_t piece = 0; piece < divisions; ++piece) {
      if (SANITIZED && !takes_its_turn(t, which + piece, divisions)) continue;
      clear_folder();
      if (which != CREATES && which != CREATES_BY_PASTE) make_file(t, &old);
      snapshot* before = snapshot_take();
      swr_writer* w = prepare(t, (situation)which, &v);
      source s = source_of(&v);
      run(w, &s, piece);
      assert_unchanged(before);
      assert_ok(w, swr_set_progress(w, NULL, NULL));
      source again = source_of(&v);
      assert_ok(w, swr_write(w, pull_source, &again));
      if (which == REPLACES || which == UPDATES || which == CREATES) assert_file_holds(t->path, &v);
      source_free(&s);
      swr_writer_destroy(w);
      snapshot_free(before);
    }
  }
  volume_free(&old);
  volume_free(&v);
}

static void fail_with_words(swr_writer* w, source* s, int64_t piece) {
  s->fail_at = piece;
  s->fail_with = -5;
  s->words = "no more beam";
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, pull_source, s));
  assert_says(swr_writer_message(w), "no more beam");
  assert_int_equal(s->pulls, piece + 1);
}
static void a_source_that_fails_leaves_the_old_file(void** state) {
  try_everywhere(*state, fail_with_words);
}

static void fail_with_an_error_status(swr_writer* w, source* s, int64_t piece) {
  s->fail_at = piece;
  s->fail_with = SWR_ERROR_IO;
  assert_int_not_equal(swr_write(w, pull_source, s), SWR_OK);
  assert_true(strlen(swr_writer_message(w)) > 0);
}
static void a_source_that_returns_a_status_of_ours_leaves_the_old_file(void** state) {
  try_everywhere(*state, fail_with_an_error_status);
}

static void cancel(swr_writer* w, source* s, int64_t piece) {
  s->fail_at = piece;
  s->fail_with = SWR_CANCELLED;
  assert_status(w, SWR_CANCELLED, swr_write(w, pull_source, s));
  assert_int_equal(s->pulls, piece + 1);
}
static void a_source_that_cancels_leaves_the_old_file(void** state) {
  try_everywhere(*state, cancel);
}

typedef struct short_from {
  source* inner;
  int64_t piece;
} short_from;

static int32_t lend_short_at(swr_piece* piece, void* user) {
  short_from* f = user;
  f->inner->how = swr_piece_number(piece) == f->piece ? LENDS_SHORT : FILLS;
  return pull_source(piece, f->inner);
}

static void lend_too_little(swr_writer* w, source* s, int64_t piece) {
  short_from f = {s, piece};
  assert_status(w, SWR_ERROR_SOURCE_REGION, swr_write(w, lend_short_at, &f));
}
static void a_source_that_lends_too_little_leaves_the_old_file(void** state) {
  try_everywhere(*state, lend_too_little);
}

static int32_t touch_nothing_at(swr_piece* piece, void* user) {
  short_from* f = user;
  f->inner->how = swr_piece_number(piece) == f->piece ? TOUCHES_NOTHING : LENDS_PIECE;
  return pull_source(piece, f->inner);
}

static void deliver_nothing(swr_writer* w, source* s, int64_t piece) {
  short_from f = {s, piece};
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, touch_nothing_at, &f));
}
static void a_source_that_delivers_nothing_leaves_the_old_file(void** state) {
  try_everywhere(*state, deliver_nothing);
}

static int32_t stop_after(int64_t pieces_done, int64_t pieces, int64_t bytes_done, int64_t bytes,
                          void* user) {
  (void)pieces, (void)bytes_done, (void)bytes;
  return pieces_done > *(int64_t*)user;
}

static void cancel_by_progress(swr_writer* w, source* s, int64_t piece) {
  assert_ok(w, swr_set_progress(w, stop_after, &piece));
  assert_status(w, SWR_CANCELLED, swr_write(w, pull_source, s));
}
static void a_progress_callback_that_cancels_leaves_the_old_file(void** state) {
  try_everywhere(*state, cancel_by_progress);
}

static int32_t stop_the_second_piece(swr_piece* piece, void* user) {
  const volume* v = user;
  if (swr_piece_number(piece) == 2) return SWR_CANCELLED;
  volume_get(v, swr_piece_region(piece), swr_piece_buffer(piece));
  return SWR_OK;
}

static void a_cancel_from_one_of_several_pull_threads_leaves_the_old_file(void** state) {
  const test_case* t = *state;
  volume old = medium(1), v = medium(2);
  make_file(t, &old);
  snapshot* before = snapshot_take();
  for (int which = REPLACES; which <= PASTES; ++which) {
    if (!can(t, (situation)which)) continue;
    swr_writer* w = prepare(t, (situation)which, &v);
    assert_ok(w, swr_set_pull_threads(w, 3));
    assert_status(w, SWR_CANCELLED, swr_write(w, stop_the_second_piece, &v));
    assert_unchanged(before);
    swr_writer_destroy(w);
  }
  snapshot_free(before);
  volume_free(&old);
  volume_free(&v);
}

static void a_failure_after_sync_and_without_threads_leaves_the_old_file(void** state) {
  const test_case* t = *state;
  volume old = medium(1), v = medium(2);
  make_file(t, &old);
  snapshot* before = snapshot_take();
  for (int which = REPLACES; which <= PASTES; ++which) {
    if (!can(t, (situation)which)) continue;
    swr_writer* w = prepare(t, (situation)which, &v);
    source s = source_of(&v);
    assert_ok(w, swr_set_sync(w, 1));
    assert_ok(w, swr_set_threads(w, 1));
    fail_with_words(w, &s, 3);
    assert_unchanged(before);
    swr_writer_destroy(w);
  }
  snapshot_free(before);
  volume_free(&old);
  volume_free(&v);
}

static void a_value_that_does_not_survive_leaves_the_old_file(void** state) {
  const test_case* t = *state;
  volume old = medium(1);
  const swr_region region = old.region;
  volume deep = volume_new(&region, SWR_INT32, 1);
  component_store(deep.bytes + 4 * (region_pixels(&region) - 1), SWR_INT32,
                  -1); /* the very last one */
  for (int which = CREATES; which <= UPDATES; ++which) {
    if (!can(t, (situation)which)) continue;
    clear_folder();
    if (which != CREATES) make_file(t, &old);
    snapshot* before = snapshot_take();
    swr_writer* w = prepare(t, (situation)which, &old);
    source s = source_of(&deep);
    assert_ok(w, swr_set_source_type(w, SWR_INT32));
    assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
    assert_status(w, SWR_ERROR_CONVERSION, swr_write(w, pull_source, &s));
    assert_unchanged(before);
    snapshot_free(before);
    swr_writer_destroy(w);
  }
  volume_free(&old);
  volume_free(&deep);
}

/* To a process whose files have this limit; `words` is what the writer says. */
static void fail_on_full_disk(swr_writer* w, swr_pull pull, void* user, int64_t bytes,
                              char words[1024]) {
  limit_files(bytes);
  const swr_status status = swr_write(w, pull, user);
  snprintf(words, 1024, "%s", swr_writer_message(w));
  limit_files(-1);
  assert_int_equal(status, SWR_ERROR_IO);
}

/* The first bytes that a change in place writes are those of its journal; in folders, and for
 * formats whose pastes need a file for intermediate data, other files come first. */
static void a_journal_that_cannot_be_written_is_named(void** state) {
  const test_case* t = *state;
  limit_files(-1); /* skips the test where there is no limit */
  volume old = medium(1), v = medium(2);
  make_file(t, &old);
  snapshot* before = snapshot_take();
  char data[256], words[1024], of_image[300];
  data_file_of(t->path, data);
  swr_writer* w = prepare(t, PASTES, &v);
  source s = source_of(&v);
  fail_on_full_disk(w, pull_source, &s, 0, words);
  assert_says(words, "cannot write");
  if (!has_chunks(t) && !strstr(words, "a file without a name beside "))
    assert_says(words, ".swr-undo: cannot write");
  const char* const files[] = {t->path, has_chunks(t) ? t->path : data};
  for (int i = 0; i < 2; ++i) {
    snprintf(of_image, sizeof of_image, "%s: cannot write", files[i]);
    if (strncmp(words, of_image, strlen(of_image)) == 0) fail_msg("%s", words);
  }
  assert_unchanged(before);
  swr_writer_destroy(w);
  snapshot_free(before);
  volume_free(&old);
  volume_free(&v);
}

/* In a folder the chunks are written before it; they are as small as its first bytes here. */
static void a_journal_of_a_folder_that_cannot_be_written_is_named(void** state) {
  (void)state;
  limit_files(-1);
  const swr_region region = region_3d(0, 0, 0, 6, 4, 4), box = region_3d(2, 1, 0, 2, 2, 2);
  volume old = volume_pattern(&region, SWR_UINT8, 1, 1),
         v = volume_pattern(&region, SWR_UINT8, 1, 2);
  char words[1024];
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, "image.zarr"));
  describe(w, &old);
  assert_ok(w, swr_set_compression(w, "none", 0));
  assert_ok(w, swr_set_option(w, "chunk.shape", "2,2,2"));
  assert_ok(w, swr_write(w, pull_volume, &old));
  snapshot* before = snapshot_take();
  assert_ok(w, swr_set_paste_region(w, &box));
  fail_on_full_disk(w, pull_volume, &v, 64, words);
  assert_says(words, ".swr-undo: cannot write");
  assert_unchanged(before);
  snapshot_free(before);
  swr_writer_destroy(w);
  volume_free(&old);
  volume_free(&v);
}

int main(void) {
  TEST_EACH(a_source_that_fails_leaves_the_old_file, SWR_CAN_STREAM);
  TEST_EACH(a_source_that_returns_a_status_of_ours_leaves_the_old_file, SWR_CAN_STREAM);
  TEST_EACH(a_source_that_cancels_leaves_the_old_file, SWR_CAN_STREAM);
  TEST_EACH(a_source_that_lends_too_little_leaves_the_old_file, SWR_CAN_STREAM);
  TEST_EACH(a_source_that_delivers_nothing_leaves_the_old_file, SWR_CAN_STREAM);
  TEST_EACH(a_progress_callback_that_cancels_leaves_the_old_file, SWR_CAN_STREAM);
  TEST_EACH(a_cancel_from_one_of_several_pull_threads_leaves_the_old_file, SWR_CAN_STREAM);
  TEST_EACH(a_failure_after_sync_and_without_threads_leaves_the_old_file, SWR_CAN_STREAM);
  TEST_EACH(a_value_that_does_not_survive_leaves_the_old_file, SWR_CAN_STREAM);
  TEST_EACH(a_journal_that_cannot_be_written_is_named, SWR_CAN_PASTE);
  TEST(a_journal_of_a_folder_that_cannot_be_written_is_named);
  return run_all_tests("failure");
}
