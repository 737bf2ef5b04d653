/* Growing a file: in place along the slowest axis, by rewriting along any other; also at the low
 * side, and slice by slice. */
#define _XOPEN_SOURCE 700
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "checked/checked.h"
#include "sanitized.h"
#include "support/support.h"

static swr_writer* extender(const test_case* t, const swr_region* image, swr_component type) {
  swr_writer* w = new_writer(t);
  assert_ok(w, swr_set_image_region(w, image));
  assert_ok(w, swr_set_pixel_type(w, type, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  return w;
}

/* The expected content: the old pixels, the fill value, then the pasted region. */
static volume grown(const volume* old, const swr_region* image, double fill, const volume* pasted,
                    const swr_region* box) {
  volume v = volume_new(image, old->component, old->components);
  volume_fill(&v, fill);
  volume_copy(&v, old, &old->region);
  if (pasted) volume_copy(&v, pasted, box);
  return v;
}

/* `in_place`: 0 if it is rewritten, 1 in place, 2 too but with bytes that are not counted, -1 if
 * either. */
static void grow(const test_case* t, const swr_region* from, const swr_region* to,
                 const swr_region* box, int in_place) {
  volume old = volume_pattern(from, SWR_UINT16, 1, 1), v = volume_pattern(to, SWR_UINT16, 1, 2);
  make_file(t, &old);
  snapshot* before = snapshot_take();
  swr_writer* w = extender(t, to, SWR_UINT16);
  source s = source_of(&v);
  assert_ok(w, swr_set_paste_region(w, box));
  assert_ok(w, swr_set_fill_value(w, 4711));
  assert_ok(w, swr_set_divisions(w, 3));
  assert_ok(w, swr_check(w));
  swr_method method;
  int64_t written;
  assert_ok(w, swr_get_method(w, &method, NULL, &written));
  if (in_place >= 0) assert_int_equal(method, in_place ? SWR_METHOD_IN_PLACE : SWR_METHOD_REWRITE);
  /* Besides the box: the old pixels that it covers go to the journal, and the rest of what is
   * new becomes the fill value. */
  const int64_t covered = box->size[0] * box->size[1] *
                          (from->size[2] > box->index[2] ? from->size[2] - box->index[2] : 0);
  const int64_t fresh = 9 * 8 * (to->size[2] - from->size[2]) -
                        (box->size[0] * box->size[1] * box->size[2] - covered);
  if (in_place == 1 && !has_chunks(t)) assert_int_equal(written, 2 * (covered + fresh));
  if (in_place == 1 && has_chunks(t)) assert_true(written >= 2 * fresh);
  assert_unchanged(before);
  assert_ok(w, swr_write(w, pull_source, &s));
  volume model = grown(&old, to, 4711, &v, box);
  assert_file_holds(t->path, &model);
  assert_file_count(snapshot_count(before));
  snapshot_free(before);
  swr_writer_destroy(w);
  volume_free(&old);
  volume_free(&v);
  volume_free(&model);
}

static void along_the_slowest_axis_it_grows_in_place(void** state) {
  const test_case* t = *state;
  const swr_region from = region_3d(0, 0, 0, 9, 8, 5), to = region_3d(0, 0, 0, 9, 8, 9),
                   box = region_3d(0, 0, 5, 9, 8, 4);
  grow(t, &from, &to, &box, t->kind->compressed ? -1 : 1);
}

static void new_pixels_outside_the_paste_region_hold_the_fill_value(void** state) {
  const test_case* t = *state;
  const swr_region from = region_3d(0, 0, 0, 9, 8, 5), to = region_3d(0, 0, 0, 9, 8, 12),
                   box = region_3d(2, 3, 7, 4, 4, 2);
  grow(t, &from, &to, &box, t->kind->compressed ? -1 : 1);
}

static void a_region_across_the_old_end_is_pasted_on_both_sides(void** state) {
  const test_case* t = *state;
  const swr_region from = region_3d(0, 0, 0, 9, 8, 5), to = region_3d(0, 0, 0, 9, 8, 8),
                   box = region_3d(1, 1, 3, 7, 6, 4);
  grow(t, &from, &to, &box, t->kind->compressed ? -1 : 1);
}

/* Chunks in files of their own stay where they are. */
static void along_another_axis_it_is_rewritten(void** state) {
  const test_case* t = *state;
  const int in_place = is_a_folder(t) ? 2 : 0;
  const swr_region from = region_3d(0, 0, 0, 9, 8, 5), wider = region_3d(0, 0, 0, 11, 8, 5),
                   taller = region_3d(0, 0, 0, 9, 13, 7);
  const swr_region right = region_3d(9, 0, 0, 2, 8, 5), corner = region_3d(3, 6, 4, 5, 7, 3);
  grow(t, &from, &wider, &right, in_place);
  clear_folder();
  grow(t, &from, &taller, &corner, in_place);
}

static void at_the_low_side_it_is_rewritten_and_no_pixel_moves_in_space(void** state) {
  const test_case* t = *state;
  const swr_region from = region_3d(10, 20, 30, 9, 8, 5), to = region_3d(8, 19, 26, 11, 10, 9),
                   box = region_3d(8, 19, 26, 11, 10, 3);
  const double spacing[] = {0.5, 0.75, 2}, origin[] = {-10.5, 20.25, 30};
  volume old = volume_pattern(&from, SWR_UINT16, 1, 1), v = volume_pattern(&to, SWR_UINT16, 1, 2);
  swr_writer* w = writer_for(t, &old);
  source s = source_of(&old);
  assert_ok(w, swr_set_spacing(w, spacing, 3));
  assert_ok(w, swr_set_origin(w, origin, 3));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);

  w = extender(t, &to, SWR_UINT16);
  s = source_of(&v);
  swr_method method;
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_get_method(w, &method, NULL, NULL));
  assert_int_equal(method, SWR_METHOD_REWRITE);
  assert_ok(w, swr_write(w, pull_source, &s));
  volume model = grown(&old, &to, 0, &v, &box);
  assert_file_holds(t->path, &model);
  swr_reader* r = swr_reader_create();
  double got[3];
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_reader_ok(r,
                   swr_reader_get_origin(r, got, 3)); /* of the pixel with index zero: the same */
  for (int i = 0; i < 3; ++i) assert_true(fabs(got[i] - origin[i]) < 1e-4);
  assert_reader_ok(r, swr_reader_get_spacing(r, got, 3));
  for (int i = 0; i < 3; ++i) assert_true(fabs(got[i] - spacing[i]) < 1e-6);
  swr_reader_destroy(r);
  swr_writer_destroy(w);
  volume_free(&old);
  volume_free(&v);
  volume_free(&model);
}

static void below_the_slowest_axis_it_is_rewritten(void** state) {
  const test_case* t = *state;
  const swr_region from = region_3d(0, 0, 0, 9, 8, 5), to = region_3d(0, 0, -3, 9, 8, 8),
                   box = region_3d(0, 0, -3, 9, 8, 3);
  grow(t, &from, &to, &box, 0);
}

static void an_image_that_has_the_size_already_is_updated(void** state) {
  const test_case* t = *state;
  const swr_region same = region_3d(0, 0, 0, 9, 8, 5), box = region_3d(1, 2, 3, 4, 4, 2);
  grow(t, &same, &same, &box, t->kind->compressed ? -1 : 1);
}

static void without_a_paste_region_the_whole_image_is_pulled(void** state) {
  const test_case* t = *state;
  const swr_region from = region_3d(0, 0, 0, 9, 8, 5), to = region_3d(0, 0, 0, 9, 8, 7);
  volume old = volume_pattern(&from, SWR_UINT16, 1, 1), v = volume_pattern(&to, SWR_UINT16, 1, 2);
  make_file(t, &old);
  swr_writer* w = extender(t, &to, SWR_UINT16);
  source s = source_of(&v);
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&old);
  volume_free(&v);
}

/* "Grows to hold the image region too": the old pixels stay. */
static void an_image_that_does_not_hold_the_file_grows_it_by_the_rest(void** state) {
  const test_case* t = *state;
  const swr_region from = region_3d(0, 0, 0, 9, 8, 5);
  const struct {
    swr_region image, result;
  } rows[] = {
      {region_3d(0, 0, 0, 9, 8, 4), region_3d(0, 0, 0, 9, 8, 5)},
      {region_3d(0, 0, 0, 8, 8, 9), region_3d(0, 0, 0, 9, 8, 9)},
      {region_3d(0, 0, 1, 9, 8, 9), region_3d(0, 0, 0, 9, 8, 10)},
      {region_3d(1, 0, 0, 9, 8, 5), region_3d(0, 0, 0, 10, 8, 5)},
      {region_3d(-2, 3, 7, 1, 1, 1), region_3d(-2, 0, 0, 11, 8, 8)},
  };
  for (int i = 0; i < 5; ++i) {
    if (rows[i].result.index[0] < 0 && !(t->kind->flags & SWR_HOLDS_START_INDEX)) continue;
    volume old = volume_pattern(&from, SWR_UINT16, 1, 1),
           v = volume_pattern(&rows[i].image, SWR_UINT16, 1, 2);
    make_file(t, &old);
    swr_writer* w = extender(t, &rows[i].image, SWR_UINT16);
    source s = source_of(&v);
    assert_ok(w, swr_write(w, pull_source, &s));
    volume model = grown(&old, &rows[i].result, 0, &v, &rows[i].image);
    assert_file_holds(t->path, &model);
    swr_writer_destroy(w);
    volume_free(&old);
    volume_free(&v);
    volume_free(&model);
  }
}

static void what_differs_besides_the_size_is_a_mismatch(void** state) {
  const test_case* t = *state;
  const swr_region from = region_3d(0, 0, 0, 9, 8, 5), to = region_3d(0, 0, 0, 9, 8, 7);
  const double spacing[] = {1, 1, 2}, origin[] = {1, 0, 0},
               direction[] = {0, 1, 0, -1, 0, 0, 0, 0, 1};
  volume old = volume_pattern(&from, SWR_UINT16, 1, 1);
  make_file(t, &old);
  for (int i = 0; i < 4; ++i) {
    swr_writer* w = extender(t, &to, i == 0 ? SWR_INT16 : SWR_UINT16);
    if (i == 1) assert_ok(w, swr_set_spacing(w, spacing, 3));
    if (i == 2) assert_ok(w, swr_set_origin(w, origin, 3));
    if (i == 3) assert_ok(w, swr_set_direction(w, direction, 9));
    assert_status(w, SWR_ERROR_MISMATCH, swr_check(w));
    swr_writer_destroy(w);
  }
  volume_free(&old);
}

static void a_growth_that_fails_leaves_the_old_file(void** state) {
  const test_case* t = *state;
  const swr_region from = region_3d(0, 0, 0, 9, 8, 5);
  const swr_region to[] = {region_3d(0, 0, 0, 9, 8, 11), region_3d(0, 0, 0, 12, 8, 5),
                           region_3d(0, 0, -2, 9, 8, 7)};
  volume old = volume_pattern(&from, SWR_UINT16, 1, 1);
  make_file(t, &old);
  snapshot* before = snapshot_take();
  for (int i = 0; i < 3; ++i) {
    if (to[i].index[2] < 0 && !(t->kind->flags & SWR_HOLDS_START_INDEX)) continue;
    int64_t pieces = 5;
    for (int64_t piece = 0; piece < pieces; ++piece) {
      volume v = volume_pattern(&to[i], SWR_UINT16, 1, 2);
      swr_writer* w = extender(t, &to[i], SWR_UINT16);
      source s = source_of(&v);
      s.fail_at = piece;
      s.fail_with = piece % 2 ? SWR_CANCELLED : SWR_ERROR_SOURCE;
      assert_ok(w, swr_set_divisions(w, 5));
      assert_ok(w, swr_get_piece_count(w, &pieces));
      assert_int_not_equal(swr_write(w, pull_source, &s), SWR_OK);
      assert_unchanged(before);
      swr_writer_destroy(w);
      volume_free(&v);
    }
  }
  snapshot_free(before);
  volume_free(&old);
}

static void growing_by_putting_regions_in_any_order(void** state) {
  const test_case* t = *state;
  const swr_region from = region_3d(0, 0, 0, 9, 8, 5), to = region_3d(0, 0, 0, 9, 8, 9);
  volume old = volume_pattern(&from, SWR_UINT16, 1, 1);
  make_file(t, &old);
  swr_writer* w = extender(t, &to, SWR_UINT16);
  assert_ok(w, swr_set_fill_value(w, 3));
  assert_ok(w, swr_begin(w));
  const swr_region boxes[] = {region_3d(0, 0, 8, 9, 8, 1), region_3d(4, 4, 4, 3, 3, 3)};
  volume model = grown(&old, &to, 3, NULL, NULL);
  for (int i = 0; i < 2; ++i) {
    volume part = volume_pattern(&boxes[i], SWR_UINT16, 1, 50u + (unsigned)i);
    assert_ok(w, swr_put(w, &boxes[i], part.bytes, volume_bytes(&part)));
    volume_copy(&model, &part, &boxes[i]);
    volume_free(&part);
  }
  assert_ok(w, swr_finish(w));
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  volume_free(&old);
  volume_free(&model);
}

/* An acquisition of unknown length: every slice is a separate write, and the file is correct after
 * each. The file has `first` slices before, and `slices` in the end. */
static void append_slices(const test_case* t, int first, int slices, int64_t most_bytes_each) {
  enum { side = 64 };
  const swr_region start = region_3d(0, 0, 0, side, side, first);
  volume old = volume_pattern(&start, SWR_UINT16, 1, 0);
  make_file(t, &old);
  int64_t most_bytes = 0;
  for (int z = first; z < slices; ++z) {
    if (z >= 100) checks_off("the whole file after each slice; the end is looked at here");
    const swr_region image = region_3d(0, 0, 0, side, side, z + 1),
                     box = region_3d(0, 0, z, side, side, 1);
    volume next = volume_pattern(&box, SWR_UINT16, 1, 0);
    swr_writer* w = extender(t, &image, SWR_UINT16);
    source s = source_of(&next);
    s.how = LENDS_ALL;
    assert_ok(w, swr_set_paste_region(w, &box));
    assert_ok(w, swr_write(w, pull_source, &s));
    int64_t bytes = 0;
    assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_BYTES_OUT, &bytes));
    if (bytes > most_bytes) most_bytes = bytes;
    swr_writer_destroy(w);
    swr_reader* r = swr_reader_create();
    swr_region region;
    volume got = volume_new(&box, SWR_UINT16, 1);
    assert_reader_ok(r, swr_reader_open(r, t->path));
    assert_reader_ok(r, swr_reader_get_image_region(r, &region));
    assert_region_equal(&region, &image);
    assert_reader_ok(r, swr_reader_read(r, &box, got.bytes, volume_bytes(&got)));
    assert_volume_equal(&got, &next);
    swr_reader_destroy(r);
    volume_free(&got);
    volume_free(&next);
  }
  const swr_region whole = region_3d(0, 0, 0, side, side, slices);
  volume all = volume_pattern(&whole, SWR_UINT16, 1, 0);
  assert_file_holds(t->path, &all);
  print_message("%s: %d slices appended, at most %lld bytes each\n", t->name, slices - first,
                (long long)most_bytes);
  /* Whatever the size of the file. */
  assert_true(most_bytes < most_bytes_each);
  volume_free(&old);
  volume_free(&all);
}

/* From one slice on: what each leaves in the file may add up. */
static void slices_are_appended_one_by_one(void** state) {
  const test_case* t = *state;
  const int slices = SANITIZED ? 25 : has_chunks(t) ? 60 : 250;
  /* A slice has a layer of chunks written again, and moved. */
  append_slices(t, 1, slices, has_chunks(t) ? 1 << 17 : 1 << 16);
}

/* Across a thousand: the headers of text get longer, and tables of slices have grown often. */
static void slices_are_appended_to_a_long_file(void** state) {
  const test_case* t = *state;
  if (has_chunks(t)) return; /* they would be many files */
  append_slices(t, 990, SANITIZED ? 1003 : 1020, 1 << 16);
}

static void slices_are_appended_to_a_compressed_file(void** state) {
  const test_case* t = *state;
  if (t->kind->compressed) append_slices(t, 1, SANITIZED ? 25 : 60, 2 << 20);
}

static void metadata_and_geometry_stay_when_a_file_grows(void** state) {
  const test_case* t = *state;
  const swr_region from = region_3d(0, 0, 0, 9, 8, 5);
  const swr_region to[] = {region_3d(0, 0, 0, 9, 8, 7), region_3d(0, 0, 0, 10, 8, 7)};
  const double spacing[] = {0.5, 0.75, 2}, origin[] = {-10.5, 20.25, 30};
  volume old = volume_pattern(&from, SWR_UINT16, 1, 1);
  swr_writer* w = writer_for(t, &old);
  source s = source_of(&old);
  assert_ok(w, swr_set_spacing(w, spacing, 3));
  assert_ok(w, swr_set_origin(w, origin, 3));
  assert_ok(w, swr_set_metadata(w, "Scanner", "no. 7"));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  for (int i = 0; i < 2; ++i) {
    volume v = volume_pattern(&to[i], SWR_UINT16, 1, 2);
    w = extender(t, &to[i], SWR_UINT16);
    s = source_of(&v);
    assert_ok(w, swr_write(w, pull_source, &s));
    swr_writer_destroy(w);
    swr_reader* r = swr_reader_create();
    double got[3];
    const char* value = NULL;
    assert_reader_ok(r, swr_reader_open(r, t->path));
    assert_reader_ok(r, swr_reader_get_metadata(r, "Scanner", &value));
    assert_non_null(value);
    assert_string_equal(value, "no. 7");
    assert_reader_ok(r, swr_reader_get_spacing(r, got, 3));
    for (int axis = 0; axis < 3; ++axis) assert_true(fabs(got[axis] - spacing[axis]) < 1e-6);
    assert_reader_ok(r, swr_reader_get_origin(r, got, 3));
    for (int axis = 0; axis < 3; ++axis) assert_true(fabs(got[axis] - origin[axis]) < 1e-4);
    swr_reader_destroy(r);
    volume_free(&v);
  }
  volume_free(&old);
}

#ifndef _WIN32 /* where nobody tells the blocks of a file */

/* What the file had on the disk before a write. */
typedef struct place {
  const test_case* t;
  blkcnt_t blocks;
  source from;
} place;

static blkcnt_t blocks_of(const char* path) {
  struct stat facts;
  assert_int_equal(stat(path, &facts), 0);
  return facts.st_blocks;
}

static int32_t pull_and_look(swr_piece* piece, void* user) {
  place* p = user;
  assert_true(blocks_of(p->t->path) >= p->blocks);
  return pull_source(piece, &p->from);
}

/* Blocks that are free, even for a moment, may be taken by others: then the disk may have none for
 * the old bytes of a rollback. */
static void no_block_of_the_old_file_is_freed_while_it_grows(void** state) {
  const test_case* t = *state;
  const swr_region from = region_3d(0, 0, 0, 40, 30, 70), to = region_3d(0, 0, 0, 40, 30, 71);
  volume old = volume_pattern(&from, SWR_INT16, 1, 1), v = volume_pattern(&to, SWR_INT16, 1, 2);
  make_file(t, &old);
  place p = {t, blocks_of(t->path), source_of(&v)};
  swr_writer* w = extender(t, &to, SWR_INT16);
  assert_ok(w, swr_write(w, pull_and_look, &p));
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&old);
  volume_free(&v);
}

#endif

int main(void) {
  const uint32_t needs = SWR_CAN_STREAM | SWR_CAN_EXTEND;
  TEST_EACH(along_the_slowest_axis_it_grows_in_place, needs);
  TEST_EACH(new_pixels_outside_the_paste_region_hold_the_fill_value, needs);
  TEST_EACH(a_region_across_the_old_end_is_pasted_on_both_sides, needs);
  TEST_EACH(along_another_axis_it_is_rewritten, needs);
  TEST_EACH(at_the_low_side_it_is_rewritten_and_no_pixel_moves_in_space,
            needs | SWR_HOLDS_START_INDEX | SWR_HOLDS_SPACING | SWR_HOLDS_ORIGIN);
  TEST_EACH(below_the_slowest_axis_it_is_rewritten, needs | SWR_HOLDS_START_INDEX);
  TEST_EACH(an_image_that_has_the_size_already_is_updated, needs);
  TEST_EACH(without_a_paste_region_the_whole_image_is_pulled, needs);
  TEST_EACH(an_image_that_does_not_hold_the_file_grows_it_by_the_rest, needs);
  TEST_EACH(what_differs_besides_the_size_is_a_mismatch, needs);
  TEST_EACH(a_growth_that_fails_leaves_the_old_file, needs);
  TEST_EACH(growing_by_putting_regions_in_any_order, needs);
  TEST_EACH(metadata_and_geometry_stay_when_a_file_grows,
            needs | SWR_HOLDS_SPACING | SWR_HOLDS_ORIGIN | SWR_HOLDS_METADATA);
  TEST_EACH(slices_are_appended_to_a_compressed_file, needs);
#ifndef _WIN32
  TEST_EACH_PLAIN(no_block_of_the_old_file_is_freed_while_it_grows, needs);
#endif
  TEST_EACH_PLAIN(slices_are_appended_one_by_one, needs);
  TEST_EACH_PLAIN(slices_are_appended_to_a_long_file, needs);
  return run_all_tests("extend");
}
