/* A write of a new image that was interrupted goes on where it stopped. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "checked/checked.h"
#include "support/child.h"
#include "support/support.h"

enum { divisions = 5, failing = 3 };
static const char* const token = "job 7";

static volume medium(swr_component component) {
  const swr_region region = region_3d(0, 0, 0, 21, 17, 15);
  return volume_pattern(&region, component, 1, 4);
}

static swr_writer* prepare(const test_case* t, const volume* v) {
  swr_writer* w = writer_for(t, v);
  assert_ok(w, swr_set_divisions(w, divisions));
  assert_ok(w, swr_set_resume(w, token));
  return w;
}

static void kept_path(const test_case* t, char out[96]) {
  snprintf(out, 96, ".%s.swr-resumefile", t->path);
}

/* Ends at piece `failing`; the pieces before are kept, the image is not there. */
static void interrupt_with(const test_case* t, const volume* v, delivery how) {
  swr_writer* w = prepare(t, v);
  source s = source_of(v);
  s.how = how;
  s.fail_at = failing;
  s.fail_with = -1;
  char kept[96];
  kept_path(t, kept);
  checks_off("a piece file stays");
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, pull_source, &s));
  checks_on();
  assert_false(file_exists(t->path));
  assert_true(file_exists(kept));
  source_free(&s);
  swr_writer_destroy(w);
}
static void interrupt(const test_case* t, const volume* v) {
  interrupt_with(t, v, FILLS);
}

/* Writes all; `resumed` pieces come from the earlier write. */
static void go_on(const test_case* t, swr_writer* w, const volume* v, int64_t resumed) {
  char kept[96];
  kept_path(t, kept);
  source s = source_of(v);
  checks_off("not all pieces come from this source");
  assert_ok(w, swr_write(w, pull_source, &s));
  checks_on();
  const int64_t pieces = statistic(w, SWR_STATISTIC_PIECES);
  assert_int_equal(statistic(w, SWR_STATISTIC_RESUMED), resumed);
  assert_int_equal(s.pulls, pieces - resumed);
  assert_int_equal(statistic(w, SWR_STATISTIC_PULLS), pieces - resumed);
  assert_file_holds(t->path, v);
  assert_false(file_exists(kept));
  source_free(&s);
}

static void pieces_that_were_kept_are_not_pulled_again(void** state) {
  const test_case* t = *state;
  volume v = medium(SWR_UINT16);
  make_file(t, &v);
  snapshot* expected = snapshot_take();
  clear_folder();
  interrupt(t, &v);
  swr_writer* w = prepare(t, &v);
  go_on(t, w, &v, failing);
  assert_unchanged(expected); /* byte for byte that of a write that was not interrupted */
  swr_writer_destroy(w);
  snapshot_free(expected);
  volume_free(&v);
}

static void a_write_may_be_interrupted_again_and_again(void** state) {
  const test_case* t = *state;
  volume v = medium(SWR_UINT16);
  checks_off("not all pieces come from this source");
  for (int64_t piece = 0; piece < divisions; ++piece) {
    swr_writer* w = prepare(t, &v);
    source s = source_of(&v);
    s.fail_at = 1; /* the second call: one more piece is kept each time */
    s.fail_with = SWR_CANCELLED;
    const swr_status status = swr_write(w, pull_source, &s);
    if (piece < divisions - 1) assert_status(w, SWR_CANCELLED, status);
    assert_int_equal(statistic(w, SWR_STATISTIC_RESUMED), piece);
    source_free(&s);
    swr_writer_destroy(w);
  }
  checks_on();
  assert_file_holds(t->path, &v);
  volume_free(&v);
}

static void pieces_in_lent_memory_are_kept(void** state) {
  const test_case* t = *state;
  volume v = medium(SWR_UINT16);
  interrupt_with(t, &v, LENDS_PIECE);
  swr_writer* w = prepare(t, &v);
  go_on(t, w, &v, failing);
  swr_writer_destroy(w);
  volume_free(&v);
}

static int32_t stop_after_two(int64_t pieces_done, int64_t pieces, int64_t bytes_done,
                              int64_t bytes, void* user) {
  (void)pieces, (void)bytes_done, (void)bytes, (void)user;
  return pieces_done == 2;
}

/* The source is asked once; all that it lent is kept. */
static void memory_that_is_lent_for_several_pieces_is_kept_for_all(void** state) {
  const test_case* t = *state;
  volume v = medium(SWR_UINT16);
  swr_writer* w = prepare(t, &v);
  source s = source_of(&v);
  s.how = LENDS_ALL;
  assert_ok(w, swr_set_progress(w, stop_after_two, NULL));
  checks_off("a piece file stays");
  assert_status(w, SWR_CANCELLED, swr_write(w, pull_source, &s));
  checks_on();
  assert_int_equal(s.pulls, 1);
  assert_ok(w, swr_set_progress(w, NULL, NULL));
  go_on(t, w, &v, divisions);
  source_free(&s);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void several_pull_threads_keep_and_take_pieces(void** state) {
  const test_case* t = *state;
  volume v = medium(SWR_UINT16);
  interrupt(t, &v);
  swr_writer* w = prepare(t, &v);
  assert_ok(w, swr_set_pull_threads(w, 3));
  checks_off("not all pieces come from this source");
  assert_ok(w, swr_write(w, pull_volume, &v));
  checks_on();
  assert_int_equal(statistic(w, SWR_STATISTIC_RESUMED), failing);
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

static const char* const folder = "image.zarr";

static swr_writer* prepare_shards(const volume* v, const char* levels) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, folder));
  describe(w, v);
  assert_ok(w, swr_set_compression(w, "deflate", 6));
  assert_ok(w, swr_set_option(w, "chunk.shape", "4,4,3"));
  assert_ok(w, swr_set_option(w, "zarr.shard", "8,8,6"));
  assert_ok(w, swr_set_option(w, "pyramid.levels", levels));
  assert_ok(w, swr_set_divisions(w, divisions));
  return w;
}

/* The write ends at each piece in turn, by an error or a cancel, and again at the next one. */
static void pieces_of_shards_are_not_pulled_again(void** state) {
  (void)state;
  static const char* const levels[] = {NULL, "2"};
  volume v = medium(SWR_UINT16);
  for (int with_levels = 0; with_levels < 2; ++with_levels) {
    swr_writer* w = prepare_shards(&v, levels[with_levels]);
    assert_ok(w, swr_write(w, pull_volume, &v));
    swr_writer_destroy(w);
    snapshot* expected = snapshot_take();
    for (int64_t stop = 1; stop < divisions; ++stop) {
      clear_folder();
      const int64_t stops[] = {stop, stop + 1, divisions};
      int64_t kept = 0;
      for (int step = 0; step < 3 && kept < divisions; ++step) {
        w = prepare_shards(&v, levels[with_levels]);
        assert_ok(w, swr_set_resume(w, token));
        source s = source_of(&v);
        s.fail_at = stops[step] - kept;
        s.fail_with = step % 2 ? SWR_CANCELLED : -1;
        checks_off("not all pieces come from this source");
        const swr_status status = swr_write(w, pull_source, &s);
        checks_on();
        const int is_last = stops[step] >= divisions;
        assert_status(w, is_last ? SWR_OK : step % 2 ? SWR_CANCELLED : SWR_ERROR_SOURCE, status);
        assert_int_equal(statistic(w, SWR_STATISTIC_RESUMED), kept);
        assert_int_equal(s.pulls, stops[step] - kept + (is_last ? 0 : 1));
        assert_int_equal(file_exists(folder), is_last);
        kept = stops[step];
        source_free(&s);
        swr_writer_destroy(w);
      }
      assert_file_holds(folder, &v);
      assert_unchanged(expected);
    }
    snapshot_free(expected);
    clear_folder();
  }
  volume_free(&v);
}

typedef swr_status (*change_setting)(swr_writer* w);
static swr_status another_token(swr_writer* w) {
  return swr_set_resume(w, "job 8");
}
static swr_status other_pieces(swr_writer* w) {
  return swr_set_divisions(w, 3);
}
static swr_status other_fill(swr_writer* w) {
  return swr_set_fill_value(w, 3);
}
static swr_status another_source_type(swr_writer* w) {
  const swr_status status = swr_set_source_type(w, SWR_UINT8);
  return status ? status : swr_set_conversion(w, SWR_CONVERSION_EXACT);
}

static void another_setting_begins_anew(void** state) {
  const test_case* t = *state;
  const change_setting changes[] = {another_token, other_pieces, other_fill, another_source_type};
  volume v = medium(SWR_UINT16), bytes = medium(SWR_UINT8);
  for (size_t i = 0; i < sizeof changes / sizeof *changes; ++i) {
    clear_folder();
    interrupt(t, &v);
    swr_writer* w = prepare(t, &v);
    assert_ok(w, changes[i](w));
    const volume* given = changes[i] == another_source_type ? &bytes : &v;
    source s = source_of(given);
    assert_ok(w, swr_write(w, pull_source, &s));
    assert_int_equal(statistic(w, SWR_STATISTIC_RESUMED), 0);
    source_free(&s);
    swr_writer_destroy(w);
  }
  volume_free(&v);
  volume_free(&bytes);
}

static void another_spacing_begins_anew(void** state) {
  const test_case* t = *state;
  const double spacing[] = {0.5, 0.25, 2};
  volume v = medium(SWR_UINT16);
  interrupt(t, &v);
  swr_writer* w = prepare(t, &v);
  assert_ok(w, swr_set_spacing(w, spacing, 3));
  go_on(t, w, &v, 0);
  swr_writer_destroy(w);
  volume_free(&v);
}

/* Turns one bit of each part of the file; cuts it off at each length. */
static void a_damaged_piece_is_pulled_again(void** state) {
  const test_case* t = *state;
  volume v = medium(SWR_UINT16);
  char kept[96];
  kept_path(t, kept);
  interrupt(t, &v);
  int64_t bytes;
  unsigned char* good = load_file(kept, &bytes);
  checks_off("not all pieces come from this source");
  for (int64_t i = 0; i < 40; ++i) {
    const int64_t at = (bytes - 1) * i / 39;
    unsigned char* bad = malloc((size_t)bytes);
    memcpy(bad, good, (size_t)bytes);
    bad[at] ^= 0x10;
    clear_folder();
    if (i % 2 == 0) {
      save_file(kept, bad, bytes);
    } else {
      save_file(kept, good, at);
    }
    free(bad);
    chmod(kept, 0600);
    swr_writer* w = prepare(t, &v);
    source s = source_of(&v);
    assert_ok(w, swr_write(w, pull_source, &s));
    assert_true(statistic(w, SWR_STATISTIC_RESUMED) < failing);
    assert_file_holds(t->path, &v);
    source_free(&s);
    swr_writer_destroy(w);
  }
  checks_on();
  free(good);
  volume_free(&v);
}

static void a_piece_file_that_others_can_write_is_refused(void** state) {
#ifdef _WIN32
  skip(); /* there a file has no mode */
#endif
  const test_case* t = *state;
  volume v = medium(SWR_UINT16);
  char kept[96];
  kept_path(t, kept);
  interrupt(t, &v);
  chmod(kept, 0666);
  snapshot* before = snapshot_take();
  swr_writer* w = prepare(t, &v);
  source s = source_of(&v);
  assert_status(w, SWR_ERROR_EXISTS, swr_write(w, pull_source, &s));
  assert_says(swr_writer_message(w), kept);
  assert_int_equal(s.pulls, 0);
  assert_unchanged(before);
  source_free(&s);
  swr_writer_destroy(w);
  snapshot_free(before);
  volume_free(&v);
}

typedef struct nested {
  const test_case* t;
  const volume* v;
  int asked;
} nested;

static int32_t write_the_same_meanwhile(swr_piece* piece, void* user) {
  nested* n = user;
  if (!n->asked++) {
    swr_writer* w = prepare(n->t, n->v);
    source s = source_of(n->v);
    checks_off("a piece file is there");
    assert_status(w, SWR_ERROR_BUSY, swr_write(w, pull_source, &s));
    checks_on();
    assert_int_equal(s.pulls, 0);
    source_free(&s);
    swr_writer_destroy(w);
  }
  volume_get(n->v, swr_piece_region(piece), swr_piece_buffer(piece));
  return SWR_OK;
}

static void a_second_write_with_a_token_is_refused_meanwhile(void** state) {
  const test_case* t = *state;
  volume v = medium(SWR_UINT16);
  nested n = {t, &v, 0};
  swr_writer* w = prepare(t, &v);
  assert_ok(w, swr_write(w, write_the_same_meanwhile, &n));
  swr_writer_destroy(w);
  volume_free(&v);
}

static void a_value_that_does_not_survive_ends_it(void** state) {
  const test_case* t = *state;
  volume v = medium(SWR_UINT16), deep = medium(SWR_INT32);
  component_store(deep.bytes + volume_bytes(&deep) - 4, SWR_INT32, -1);
  swr_writer* w = prepare(t, &v);
  source s = source_of(&deep);
  assert_ok(w, swr_set_source_type(w, SWR_INT32));
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
  assert_status(w, SWR_ERROR_CONVERSION, swr_write(w, pull_source, &s));
  assert_file_count(0);
  source_free(&s);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&deep);
}

static void a_change_of_an_image_and_puts_are_refused(void** state) {
  const test_case* t = *state;
  volume v = medium(SWR_UINT16);
  swr_writer* w = prepare(t, &v);
  assert_status(w, SWR_ERROR_UNSUPPORTED, swr_begin(w));
  assert_status(w, SWR_ERROR_UNSUPPORTED, swr_allocate(w));
  const int64_t frame = volume_bytes(&v) / v.region.size[2];
  assert_status(w, SWR_ERROR_UNSUPPORTED, swr_append(w, v.bytes, frame));
  assert_file_count(0);
  make_file(t, &v);
  snapshot* before = snapshot_take();
  source s = source_of(&v);
  if (t->kind->flags & (t->kind->compressed ? SWR_CAN_PASTE_COMPRESSED : SWR_CAN_PASTE)) {
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_write(w, pull_source, &s));
    assert_says(swr_writer_message(w), "new image");
  }
  assert_int_equal(s.pulls, 0);
  assert_unchanged(before);
  assert_ok(w, swr_set_resume(w, NULL));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_REPLACE));
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  snapshot_free(before);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void a_token_has_1_to_1000_bytes(void** state) {
  (void)state;
  char longest[1002];
  memset(longest, 'x', sizeof longest);
  longest[1001] = 0;
  swr_writer* w = swr_writer_create();
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_resume(w, ""));
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_resume(w, longest));
  longest[1000] = 0;
  assert_ok(w, swr_set_resume(w, longest));
  swr_writer_destroy(w);
}

static int32_t die_at_the_fourth(swr_piece* piece, void* user) {
  if (swr_piece_number(piece) == failing) die();
  volume_get(user, swr_piece_region(piece), swr_piece_buffer(piece));
  return SWR_OK;
}

/* Words: the image, and whether compression is switched on. */
static int die_in_a_write(char** words) {
  const variant kind = {.set_compression = atoi(words[1])};
  test_case t = {.kind = &kind};
  snprintf(t.path, sizeof t.path, "%s", words[0]);
  volume v = medium(SWR_UINT16);
  (void)swr_write(prepare(&t, &v), die_at_the_fourth, &v);
  return 1;
}

static void a_process_that_died_leaves_its_pieces(void** state) {
  const test_case* t = *state;
  if (!variant_holds(t->kind, SWR_UINT16, 1, 3)) skip(); /* the child cannot */
  volume v = medium(SWR_UINT16);
  const char compression[] = {(char)('0' + t->kind->set_compression), 0};
  const child c = child_start((const char* const[]){t->path, compression, NULL});
  assert_true(was_killed(child_end(&c)));
  swr_writer* w = prepare(t, &v);
  go_on(t, w, &v, failing);
  swr_writer_destroy(w);
  volume_free(&v);
}

int main(int argc, char** argv) {
  act_as_child(argc, argv, die_in_a_write);
  TEST_EACH(pieces_that_were_kept_are_not_pulled_again, SWR_CAN_STREAM);
  TEST_EACH(a_write_may_be_interrupted_again_and_again, SWR_CAN_STREAM);
  TEST_EACH(pieces_in_lent_memory_are_kept, SWR_CAN_STREAM);
  TEST_EACH(memory_that_is_lent_for_several_pieces_is_kept_for_all, SWR_CAN_STREAM);
  TEST_EACH(several_pull_threads_keep_and_take_pieces, SWR_CAN_STREAM);
  TEST_EACH(another_setting_begins_anew, SWR_CAN_STREAM);
  TEST_EACH(another_spacing_begins_anew, SWR_CAN_STREAM | SWR_HOLDS_SPACING);
  TEST_EACH(a_damaged_piece_is_pulled_again, SWR_CAN_STREAM);
  TEST_EACH(a_piece_file_that_others_can_write_is_refused, SWR_CAN_STREAM);
  TEST_EACH(a_second_write_with_a_token_is_refused_meanwhile, SWR_CAN_STREAM);
  TEST_EACH(a_value_that_does_not_survive_ends_it, SWR_CAN_STREAM);
  TEST_EACH(a_change_of_an_image_and_puts_are_refused, SWR_CAN_STREAM);
  TEST_EACH(a_process_that_died_leaves_its_pieces, SWR_CAN_STREAM);
  TEST(pieces_of_shards_are_not_pulled_again);
  TEST(a_token_has_1_to_1000_bytes);
  return run_all_tests("resume");
}
