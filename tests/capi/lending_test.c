/* Unusual sources: they lend more, less or another region, the same memory each time, or nothing;
 * the statistics count them. */
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static volume head(uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, 48, 62, 42);
  return volume_pattern(&region, SWR_UINT8, 1, seed);
}

static void a_source_that_fills_lends_nothing(void** state) {
  const test_case* t = *state;
  volume v = head(1);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  assert_ok(w, swr_set_divisions(w, 6));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(statistic(w, SWR_STATISTIC_LENT), 0);
  assert_int_equal(statistic(w, SWR_STATISTIC_LENT_CROPPED), 0);
  assert_int_equal(statistic(w, SWR_STATISTIC_LENT_AGAIN), 0);
  assert_int_equal(statistic(w, SWR_STATISTIC_UNTOUCHED), 0);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void pieces_lent_as_asked_are_counted(void** state) {
  const test_case* t = *state;
  volume v = head(1);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  s.how = LENDS_PIECE;
  assert_ok(w, swr_set_divisions(w, 6));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(s.pulls, 6);
  assert_int_equal(statistic(w, SWR_STATISTIC_PULLS), 6);
  assert_int_equal(statistic(w, SWR_STATISTIC_PIECES), 6);
  assert_int_equal(statistic(w, SWR_STATISTIC_LENT), 6);
  assert_int_equal(statistic(w, SWR_STATISTIC_LENT_CROPPED), 0);
  assert_int_equal(statistic(w, SWR_STATISTIC_LENT_AGAIN), 0);
  assert_file_holds(t->path, &v);
  source_free(&s);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void the_whole_lent_at_once_serves_all_pieces(void** state) {
  const test_case* t = *state;
  volume v = head(1);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  s.how = LENDS_ALL;
  assert_ok(w, swr_set_divisions(w, 6));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(s.pulls, 1);
  assert_int_equal(statistic(w, SWR_STATISTIC_PULLS), 1);
  assert_int_equal(statistic(w, SWR_STATISTIC_PIECES), 6);
  assert_int_equal(statistic(w, SWR_STATISTIC_LENT_AGAIN), 5);
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void slabs_of_a_lent_plain_image_are_stored_without_a_copy(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 512, 512, 16);
  volume v = volume_pattern(&region, SWR_UINT8, 1, 1);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  s.how = LENDS_ALL;
  assert_ok(w, swr_set_divisions(w, 2));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(statistic(w, SWR_STATISTIC_LENT_DIRECT), 2);
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void the_whole_lent_for_a_paste_changes_the_region_alone(void** state) {
  const test_case* t = *state;
  volume model = head(1), v = head(2);
  make_file(t, &model);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  s.how = LENDS_ALL;
  const swr_region box = region_3d(10, 11, 12, 4, 4, 4);
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_set_divisions(w, 4));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(s.pulls, 1);
  assert_int_equal(statistic(w, SWR_STATISTIC_LENT_AGAIN), 3);
  assert_true(statistic(w, SWR_STATISTIC_LENT_CROPPED) >= 1);
  volume_copy(&model, &v, &box);
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  volume_free(&model);
  volume_free(&v);
}

/* Lends two pieces' worth each time: every second piece is not pulled. */
typedef struct pairs {
  const volume* from;
  unsigned char* memory;
  int64_t pulls;
} pairs;

static int32_t lend_pairs(swr_piece* piece, void* user) {
  pairs* p = user;
  swr_region region = *swr_piece_region(piece);
  ++p->pulls;
  region.size[2] =
      region.index[2] + 2 * region.size[2] > 42 ? 42 - region.index[2] : 2 * region.size[2];
  volume_get(p->from, &region, p->memory);
  return (int32_t)swr_piece_lend(piece, p->memory, &region);
}

static void memory_that_holds_the_next_piece_too_is_served_from_again(void** state) {
  const test_case* t = *state;
  volume v = head(3);
  pairs p = {&v, malloc(48 * 62 * 42), 0};
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_divisions(w, 42));
  assert_ok(w, swr_write(w, lend_pairs, &p));
  assert_int_equal(p.pulls, 21);
  assert_int_equal(statistic(w, SWR_STATISTIC_LENT_AGAIN), 21);
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  free(p.memory);
  volume_free(&v);
}

static int32_t lend_the_same(swr_piece* piece, void* user) {
  pairs* p = user;
  ++p->pulls;
  volume_get(p->from, swr_piece_region(piece), p->memory);
  return (int32_t)swr_piece_lend(piece, p->memory, swr_piece_region(piece));
}

static void the_same_memory_lent_each_time_is_read_each_time(void** state) {
  const test_case* t = *state;
  volume v = head(4);
  pairs p = {&v, malloc(48 * 62 * 42), 0};
  swr_writer* w = writer_for(t, &v);
  for (int64_t divisions = 2; divisions <= 42; divisions += 20) {
    p.pulls = 0;
    assert_ok(w, swr_set_divisions(w, divisions));
    assert_ok(w, swr_write(w, lend_the_same, &p));
    assert_int_equal(p.pulls, divisions == 22 ? 21 : divisions); /* 42 slices by twos */
    assert_file_holds(t->path, &v);
  }
  swr_writer_destroy(w);
  free(p.memory);
  volume_free(&v);
}

static void lending_less_or_elsewhere_is_refused_with_both_regions(void** state) {
  const test_case* t = *state;
  volume old = head(5), v = head(6);
  make_file(t, &old);
  snapshot* before = snapshot_take();
  const delivery ways[] = {LENDS_SHORT, LENDS_ELSEWHERE};
  for (int i = 0; i < 2; ++i) {
    for (int pasting = 0; pasting < 2; ++pasting) {
      if (pasting &&
          !(t->kind->flags & (t->kind->compressed ? SWR_CAN_PASTE_COMPRESSED : SWR_CAN_PASTE)))
        continue;
      swr_writer* w = writer_for(t, &v);
      source s = source_of(&v);
      s.how = ways[i];
      const swr_region box = region_3d(0, 0, 0, 20, 20, 40);
      if (pasting) assert_ok(w, swr_set_paste_region(w, &box));
      assert_ok(w, swr_set_divisions(w, 4));
      assert_status(w, SWR_ERROR_SOURCE_REGION, swr_write(w, pull_source, &s));
      assert_says(swr_writer_message(w), region_text(&s.asked[0]));
      if (i == 1) assert_says(swr_writer_message(w), "(0,0,1) size (48,62,42)");
      assert_int_equal(s.pulls, 1);
      assert_unchanged(before);
      source_free(&s);
      swr_writer_destroy(w);
    }
  }
  snapshot_free(before);
  volume_free(&old);
  volume_free(&v);
}

static void a_source_that_touches_nothing_has_failed(void** state) {
  const test_case* t = *state;
  volume v = head(7);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  s.how = TOUCHES_NOTHING;
  assert_ok(w, swr_set_divisions(w, 4));
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, pull_source, &s));
  assert_int_equal(s.pulls, 1);
  assert_int_equal(statistic(w, SWR_STATISTIC_UNTOUCHED), 1);
  assert_file_count(0);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void lending_null_has_failed(void** state) {
  const test_case* t = *state;
  volume v = head(8);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  s.how = LENDS_NULL;
  assert_int_not_equal(swr_write(w, pull_source, &s), SWR_OK);
  assert_file_count(0);
  swr_writer_destroy(w);
  volume_free(&v);
}

/* Fills the buffer with rubbish, then lends: the last of several calls counts. */
static int32_t fill_then_lend(swr_piece* piece, void* user) {
  const volume* v = user;
  static unsigned char rubbish[48 * 62 * 42];
  memset(swr_piece_buffer(piece), 0xEE, (size_t)swr_piece_bytes(piece));
  swr_piece_lend(piece, rubbish, &v->region);
  return (int32_t)swr_piece_lend(piece, v->bytes, &v->region);
}

static void the_last_of_several_lendings_counts(void** state) {
  const test_case* t = *state;
  volume v = head(9);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_divisions(w, 4));
  assert_ok(w, swr_write(w, fill_then_lend, &v));
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

typedef struct meddler {
  swr_writer* writer;
  const volume* from;
  int calls;
} meddler;

static int32_t meddle(swr_piece* piece, void* user) {
  meddler* m = user;
  source inner = source_of(m->from);
  const double ones[] = {1, 1, 1};
  ++m->calls;
  if (swr_write(m->writer, pull_source, &inner) != SWR_ERROR_STATE) return 77;
  if (swr_begin(m->writer) != SWR_ERROR_STATE) return 78;
  if (swr_put(m->writer, &m->from->region, m->from->bytes, volume_bytes(m->from)) !=
      SWR_ERROR_STATE)
    return 79;
  if (swr_finish(m->writer) != SWR_ERROR_STATE) return 80;
  if (swr_abandon(m->writer) != SWR_ERROR_STATE) return 81;
  if (swr_set_divisions(m->writer, 3) != SWR_ERROR_STATE) return 82;
  if (swr_set_spacing(m->writer, ones, 3) != SWR_ERROR_STATE) return 83;
  if (swr_allocate(m->writer) != SWR_ERROR_STATE) return 84;
  if (inner.pulls != 0) return 85;
  volume_get(m->from, swr_piece_region(piece), swr_piece_buffer(piece));
  return SWR_OK;
}

static void calling_the_writer_from_inside_the_pull_is_refused(void** state) {
  const test_case* t = *state;
  volume v = head(10);
  swr_writer* w = writer_for(t, &v);
  meddler m = {w, &v, 0};
  assert_ok(w, swr_set_divisions(w, 4));
  assert_ok(w, swr_write(w, meddle, &m));
  assert_int_equal(m.calls, 4);
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

static int32_t look_at_the_piece(swr_piece* piece, void* user) {
  const volume* v = user;
  swr_component component = SWR_COMPONENT_UNKNOWN;
  int32_t components = 0;
  if (swr_piece_get_type(piece, &component, &components) != SWR_OK || component != SWR_UINT8 ||
      components != 1)
    return 77;
  if (swr_piece_get_type(piece, NULL, NULL) != SWR_OK) return 78;
  if (swr_piece_count(piece) != 6) return 79;
  if (swr_piece_bytes(piece) != region_pixels(swr_piece_region(piece))) return 80;
  void* buffer = swr_piece_buffer(piece);
  if (buffer != swr_piece_buffer(piece)) return 81; /* the same each time */
  volume_get(v, swr_piece_region(piece), buffer);
  return SWR_OK;
}

static void a_piece_tells_its_type_number_and_bytes(void** state) {
  const test_case* t = *state;
  volume v = head(11);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_divisions(w, 6));
  assert_ok(w, swr_write(w, look_at_the_piece, &v));
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

int main(void) {
  const uint32_t paste = SWR_CAN_STREAM | SWR_CAN_PASTE;
  TEST_EACH(a_source_that_fills_lends_nothing, SWR_CAN_STREAM);
  TEST_EACH(pieces_lent_as_asked_are_counted, SWR_CAN_STREAM);
  TEST_EACH(the_whole_lent_at_once_serves_all_pieces, SWR_CAN_STREAM);
  TEST_EACH_PLAIN(slabs_of_a_lent_plain_image_are_stored_without_a_copy, SWR_CAN_STREAM);
  TEST_EACH(the_whole_lent_for_a_paste_changes_the_region_alone, paste);
  TEST_EACH(memory_that_holds_the_next_piece_too_is_served_from_again, SWR_CAN_STREAM);
  TEST_EACH(the_same_memory_lent_each_time_is_read_each_time, SWR_CAN_STREAM);
  TEST_EACH(lending_less_or_elsewhere_is_refused_with_both_regions, SWR_CAN_STREAM);
  TEST_EACH(a_source_that_touches_nothing_has_failed, SWR_CAN_STREAM);
  TEST_EACH(lending_null_has_failed, SWR_CAN_STREAM);
  TEST_EACH(the_last_of_several_lendings_counts, SWR_CAN_STREAM);
  TEST_EACH(calling_the_writer_from_inside_the_pull_is_refused, SWR_CAN_STREAM);
  TEST_EACH(a_piece_tells_its_type_number_and_bytes, SWR_CAN_STREAM);
  return run_all_tests("lending");
}
