/* Pastes into compressed files of other programs: the forecast of swr_check, the result, and the
 * statistics. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/foreign.h"

/* --- Pastes --- */

typedef struct told {
  swr_method foretold, done;
  int64_t read, written, spliced, rewritten, out;
} told;

static told paste(const test_case* t, const volume* part) {
  told what;
  swr_writer* w = new_writer(t);
  source s = source_of(part);
  describe(w, part);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_set_image_region(w, NULL));
  assert_ok(w, swr_set_paste_region(w, &part->region));
  assert_ok(w, swr_get_method(w, &what.foretold, &what.read, &what.written));
  assert_ok(w, swr_write(w, pull_source, &s));
  int64_t method = -1;
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_METHOD, &method));
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_BLOCKS_SPLICED, &what.spliced));
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_SLOTS_REWRITTEN, &what.rewritten));
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_BYTES_OUT, &what.out));
  what.done = (swr_method)method;
  source_free(&s);
  swr_writer_destroy(w);
  return what;
}

static int is_slotted(const char* path) {
  const char* encoding = NULL;
  int32_t slotted = -1;
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  assert_reader_ok(r, swr_reader_get_encoding(r, &encoding, &slotted));
  assert_string_equal(encoding, "deflate");
  assert_reader_ok(r, swr_reader_verify(r));
  swr_reader_destroy(r);
  return slotted;
}

static swr_region image_region(void) {
  return region_3d(0, 0, 0, 100, 80, 30);
}

static void expect_splice(const test_case* t, const foreign_encoding* how, const swr_region* box) {
  const swr_region region = image_region();
  volume v = scan(&region), blank = volume_new(box, SWR_INT16, 1);
  make_foreign(t, &v, how);
  assert_false(is_slotted(t->path));
  char data[64];
  stream_path(t, data);
  const int64_t bytes = file_bytes(data);
  const told what = paste(t, &blank);
  assert_int_equal(what.foretold, SWR_METHOD_SPLICE);
  assert_in_range(what.read, 1, bytes); /* all of the stream is inflated once */
  assert_in_range(what.read, bytes - 2000, bytes);
  assert_in_range(what.written, 1, bytes);
  assert_int_equal(what.done, SWR_METHOD_SPLICE);
  assert_in_range(what.spliced, 1, 1000);
  assert_int_equal(what.rewritten, 0);
  assert_int_equal(file_bytes(data), bytes);
  assert_false(is_slotted(t->path));
  volume_copy(&v, &blank, box);
  assert_file_holds(t->path, &v);
  volume_free(&v);
  volume_free(&blank);
}

/* In the middle, at the beginning, in the last block. */
static void stream_of_many_blocks_is_spliced(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const swr_region boxes[] = {region_3d(20, 20, 10, 40, 40, 8), region_3d(0, 0, 0, 60, 60, 1),
                              region_3d(0, 0, 29, 100, 80, 1)};
  for (int level = 1; level <= 9; level += 4) {
    const foreign_encoding how = {level, Z_DEFAULT_STRATEGY, 4, ONE_STREAM};
    for (int i = 0; i < 3; ++i) expect_splice(t, &how, &boxes[i]);
  }
}

static void stream_of_stored_blocks_is_spliced(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const foreign_encoding how = {0, Z_DEFAULT_STRATEGY, 8, ONE_STREAM};
  const swr_region box = region_3d(20, 20, 10, 40, 40, 8);
  expect_splice(t, &how, &box);
}

static void stream_of_fixed_codes_is_spliced(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const foreign_encoding how = {6, Z_FIXED, 8, ONE_STREAM};
  const swr_region box = region_3d(20, 20, 10, 40, 40, 8);
  expect_splice(t, &how, &box);
}

static void stream_of_one_block_is_spliced(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const swr_region region = region_3d(0, 0, 0, 60, 50, 1), box = region_3d(20, 20, 0, 30, 20, 1);
  volume v = scan(&region), blank = volume_new(&box, SWR_INT16, 1);
  const foreign_encoding how = {6, Z_DEFAULT_STRATEGY, 9, ONE_STREAM};
  make_foreign(t, &v, &how);
  const told what = paste(t, &blank);
  assert_int_equal(what.foretold, SWR_METHOD_SPLICE);
  assert_int_equal(what.done, SWR_METHOD_SPLICE);
  assert_int_equal(what.spliced, 1);
  volume_copy(&v, &blank, &box);
  assert_file_holds(t->path, &v);
  volume_free(&v);
  volume_free(&blank);
}

/* Each inflates the whole stream, so the second makes it slotted; all later ones are cheap. */
static void second_paste_makes_the_stream_slotted(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const swr_region region = image_region(),
                   boxes[] = {region_3d(20, 20, 10, 40, 40, 2), region_3d(30, 10, 20, 40, 40, 2),
                              region_3d(10, 30, 5, 40, 40, 2)};
  const swr_method methods[] = {SWR_METHOD_SPLICE, SWR_METHOD_REWRITE, SWR_METHOD_IN_PLACE};
  const foreign_encoding how = {6, Z_DEFAULT_STRATEGY, 8, ONE_STREAM};
  volume v = scan(&region);
  make_foreign(t, &v, &how);
  for (int i = 0; i < 3; ++i) {
    volume blank = volume_new(&boxes[i], SWR_INT16, 1);
    assert_int_equal(paste(t, &blank).done, methods[i]);
    volume_copy(&v, &blank, &boxes[i]);
    assert_file_holds(t->path, &v);
    assert_int_equal(is_slotted(t->path), i > 0);
    volume_free(&blank);
  }
  volume_free(&v);
}

/* To splice most of a large stream takes longer than to write it again. */
static void paste_of_much_is_a_rewrite(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const swr_region region = region_3d(0, 0, 0, 256, 256, 40),
                   box = region_3d(0, 0, 0, 256, 256, 36);
  const foreign_encoding how = {1, Z_DEFAULT_STRATEGY, 8, ONE_STREAM};
  volume v = volume_new(&region, SWR_INT16, 1), part = volume_new(&box, SWR_INT16, 1);
  memset(part.bytes, 1, (size_t)volume_bytes(&part));
  make_foreign(t, &v, &how);
  const told what = paste(t, &part);
  assert_int_equal(what.foretold, SWR_METHOD_REWRITE);
  assert_int_equal(what.done, SWR_METHOD_REWRITE);
  volume_copy(&v, &part, &box);
  assert_file_holds(t->path, &v);
  assert_true(is_slotted(t->path));
  volume_free(&v);
  volume_free(&part);
}

static void expect_rewrite(const test_case* t, const foreign_encoding* how, const volume* part) {
  const swr_region region = image_region();
  volume v = scan(&region);
  make_foreign(t, &v, how);
  snapshot* before = snapshot_take();
  const int files = snapshot_count(before);
  snapshot_free(before);
  assert_file_holds(t->path, &v);
  const told what = paste(t, part);
  assert_int_equal(what.foretold, SWR_METHOD_SPLICE);
  assert_int_equal(what.done, SWR_METHOD_REWRITE);
  assert_int_equal(what.spliced, 0);
  char data[64];
  stream_path(t, data);
  assert_in_range(what.out, file_bytes(data), 2 * file_bytes(data));
  volume_copy(&v, part, &part->region);
  assert_file_holds(t->path, &v);
  assert_true(is_slotted(t->path));
  assert_file_count(files);
  volume_free(&v);
}

static void what_does_not_fit_is_written_anew_as_a_slotted_stream(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const swr_region box = region_3d(0, 0, 3, 100, 80, 20);
  volume noise = volume_new(&box, SWR_INT16, 1);
  uint32_t random = 99;
  for (int64_t i = 0; i < volume_bytes(&noise); ++i)
    noise.bytes[i] = (unsigned char)((random = random * 1664525u + 1013904223u) >> 24);
  const foreign_encoding how = {9, Z_DEFAULT_STRATEGY, 8, ONE_STREAM};
  expect_rewrite(t, &how, &noise);
  volume_free(&noise);
}

static void members_and_trailing_bytes_are_written_anew(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const swr_region box = region_3d(20, 20, 10, 40, 40, 8);
  volume blank = volume_new(&box, SWR_INT16, 1);
  const foreign_encoding members = {6, Z_DEFAULT_STRATEGY, 8, TWO_MEMBERS},
                         trailing = {6, Z_DEFAULT_STRATEGY, 8, TRAILING_BYTES};
  if (makes_gzip(t)) expect_rewrite(t, &members, &blank);
  expect_rewrite(t, &trailing, &blank);
  volume_free(&blank);
}

static void preset_dictionary_is_refused_before_the_first_pull(void** state) {
  const test_case* t = *state;
  if (!has_slots(t) || makes_gzip(t)) return; /* gzip has none */
  const swr_region region = image_region(), box = region_3d(20, 20, 10, 40, 40, 8);
  volume v = scan(&region), blank = volume_new(&box, SWR_INT16, 1);
  const foreign_encoding how = {6, Z_DEFAULT_STRATEGY, 8, DICTIONARY};
  make_foreign(t, &v, &how);
  snapshot* before = snapshot_take();
  swr_writer* w = new_writer(t);
  source s = source_of(&blank);
  describe(w, &v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
  assert_says(swr_writer_message(w), "dictionary");
  assert_status(w, SWR_ERROR_UNSUPPORTED, swr_write(w, pull_source, &s));
  assert_int_equal(s.pulls, 0);
  swr_writer_destroy(w);
  swr_reader* r = swr_reader_create();
  swr_status status = swr_reader_open(r, t->path);
  if (status == SWR_OK) status = swr_reader_read(r, &region, v.bytes, volume_bytes(&v));
  assert_reader_status(r, SWR_ERROR_UNSUPPORTED, status);
  swr_reader_destroy(r);
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&v);
  volume_free(&blank);
}

/* A slotted file, for comparison: changed in place, and only a part of it is read. */
static void slotted_stream_is_changed_in_place(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const swr_region region = region_3d(0, 0, 0, 200, 160, 40),
                   box = region_3d(20, 20, 10, 40, 40, 8);
  volume v = scan(&region), blank = volume_new(&box, SWR_INT16, 1);
  make_file(t, &v);
  char data[64];
  stream_path(t, data);
  const int64_t bytes = file_bytes(data);
  const told what = paste(t, &blank);
  assert_int_equal(what.foretold, SWR_METHOD_IN_PLACE);
  assert_int_equal(what.done, SWR_METHOD_IN_PLACE);
  assert_in_range(what.read, 1, bytes / 2);
  assert_in_range(what.written, 1, bytes / 2);
  assert_in_range(what.rewritten, 1, 4);
  assert_int_equal(what.spliced, 0);
  assert_int_equal(file_bytes(data), bytes);
  volume_copy(&v, &blank, &box);
  assert_file_holds(t->path, &v);
  volume_free(&v);
  volume_free(&blank);
}

static void write_at_level(const test_case* t, const volume* v, int level) {
  swr_writer* w = writer_for(t, v);
  source s = source_of(v);
  assert_ok(w, swr_set_compression(w, "deflate", level));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
}

/* Unless another is set, new slots are made with the level of the others: the same pixels give
 * the same bytes. */
static void slotted_stream_keeps_its_level(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const swr_region region = region_3d(0, 0, 0, 200, 160, 40),
                   box = region_3d(20, 20, 10, 40, 40, 8);
  volume v = scan(&region), part = volume_new(&box, SWR_INT16, 1);
  volume_copy(&part, &v, &box);
  for (int level = 1; level <= 9; level += 4) {
    write_at_level(t, &v, level);
    snapshot* before = snapshot_take();
    swr_writer* w = swr_writer_create();
    source s = source_of(&part);
    assert_ok(w, swr_set_path(w, t->path));
    assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
    assert_ok(w, swr_set_paste_region(w, &box));
    assert_ok(w, swr_write(w, pull_source, &s));
    int64_t rewritten = 0;
    assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_SLOTS_REWRITTEN, &rewritten));
    assert_true(rewritten > 0);
    assert_unchanged(before);
    snapshot_free(before);
    swr_writer_destroy(w);
  }
  volume_free(&v);
  volume_free(&part);
}

/* So does one that has to be rewritten: it is the file that the whole image gives at that level. */
static void slotted_stream_that_is_rewritten_keeps_its_level(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const swr_region whole = region_3d(0, 0, 0, 90, 80, 20), left = region_3d(0, 0, 0, 70, 80, 20),
                   right = region_3d(70, 0, 0, 20, 80, 20);
  volume v = scan(&whole), old = volume_new(&left, SWR_INT16, 1);
  volume_copy(&old, &v, &left);
  write_at_level(t, &old, 1);
  swr_writer* w = swr_writer_create();
  source s = source_of(&v);
  swr_method method;
  assert_ok(w, swr_set_path(w, t->path));
  assert_ok(w, swr_set_image_region(w, &whole));
  assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  assert_ok(w, swr_set_paste_region(w, &right));
  assert_ok(w, swr_get_method(w, &method, NULL, NULL));
  assert_int_equal(method, SWR_METHOD_REWRITE);
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  snapshot* grown = snapshot_take();
  write_at_level(t, &v, 1);
  assert_unchanged(grown);
  snapshot_free(grown);
  volume_free(&old);
  volume_free(&v);
}

/* Frames are appended to a stream of another program, and to one that other bytes follow, which is
 * noticed only when the frames are there. */
static void frames_are_appended_to_streams_that_cannot_grow(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  const swr_region whole = region_3d(0, 0, 0, 200, 160, 9), some = region_3d(0, 0, 0, 200, 160, 4);
  const foreign_encoding how = {6, Z_DEFAULT_STRATEGY, 8, ONE_STREAM};
  const int64_t frame = 200 * 160 * 2;
  volume v = scan(&whole), old = volume_new(&some, SWR_INT16, 1);
  volume_copy(&old, &v, &some);
  for (int by_swr = 0; by_swr < 2; ++by_swr) {
    clear_folder();
    if (by_swr) {
      char data[64];
      write_at_level(t, &old, 6);
      stream_path(t, data);
      FILE* file = fopen(data, "ab");
      assert_non_null(file);
      assert_int_equal(fwrite("more", 1, 4, file), 4);
      assert_int_equal(fclose(file), 0);
    } else {
      make_foreign(t, &old, &how);
    }
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, t->path));
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
    assert_ok(w, swr_append(w, (const char*)v.bytes + 4 * frame, 2 * frame));
    assert_ok(w, swr_flush(w));
    for (int i = 6; i < 9; ++i)
      assert_ok(w, swr_append(w, (const char*)v.bytes + i * frame, frame));
    assert_ok(w, swr_finish(w));
    assert_file_holds(t->path, &v);
    swr_writer_destroy(w);
  }
  volume_free(&old);
  volume_free(&v);
}

int main(void) {
  const uint32_t needs = SWR_CAN_STREAM | SWR_CAN_PASTE;
  TEST_EACH(stream_of_many_blocks_is_spliced, needs);
  TEST_EACH(stream_of_stored_blocks_is_spliced, needs);
  TEST_EACH(stream_of_fixed_codes_is_spliced, needs);
  TEST_EACH(stream_of_one_block_is_spliced, needs);
  TEST_EACH(second_paste_makes_the_stream_slotted, needs);
  TEST_EACH(paste_of_much_is_a_rewrite, needs);
  TEST_EACH(what_does_not_fit_is_written_anew_as_a_slotted_stream, needs);
  TEST_EACH(members_and_trailing_bytes_are_written_anew, needs);
  TEST_EACH(preset_dictionary_is_refused_before_the_first_pull, needs);
  TEST_EACH(slotted_stream_is_changed_in_place, needs);
  TEST_EACH(slotted_stream_keeps_its_level, needs);
  TEST_EACH(slotted_stream_that_is_rewritten_keeps_its_level, needs | SWR_CAN_EXTEND);
  TEST_EACH(frames_are_appended_to_streams_that_cannot_grow, needs | SWR_CAN_EXTEND);
  return run_all_tests("foreign streams");
}
