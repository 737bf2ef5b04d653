/* A paste changes its region and nothing else, for every kind of source. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sanitized.h"
#include "support/support.h"

static volume head(uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, 48, 62, 42);
  return volume_pattern(&region, SWR_UINT8, 1, seed);
}

/* Pastes `region` of `from` into the file and into the model. */
static void paste(swr_writer* w, source* s, volume* model, const swr_region* region) {
  s->pulls = 0;
  assert_ok(w, swr_set_paste_region(w, region));
  assert_ok(w, swr_write(w, pull_source, s));
  if (region) volume_copy(model, s->from, region);
}

static void one_writer_pastes_box_after_box(void** state) {
  const test_case* t = *state;
  volume v = head(1);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  assert_ok(w, swr_set_divisions(w, 4));
  const struct {
    swr_region region;
    int64_t pulls;
  } steps[] = {
      {region_3d(24, 31, 21, 1, 1, 1), 1}, {region_3d(25, 32, 22, 2, 2, 2), 2},
      {region_3d(0, 0, 0, 1, 1, 42), 4},   {region_3d(0, 0, 0, 1, 62, 1), 4},
      {region_3d(0, 0, 0, 48, 62, 42), 4},
  };
  paste(w, &s, &v, NULL);
  assert_int_equal(s.pulls, 4);
  assert_file_holds(t->path, &v);
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; ++i) {
    paste(w, &s, &v, &steps[i].region);
    assert_int_equal(s.pulls, steps[i].pulls);
    assert_file_holds(t->path, &v);
  }
  const int64_t rows[] = {16, 16, 16, 14};
  paste(w, &s, &v, &steps[3].region);
  for (int i = 0; i < 4; ++i) assert_int_equal(s.asked[i].size[1], rows[i]);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void other_data_changes_the_region_and_nothing_else(void** state) {
  const test_case* t = *state;
  const swr_region boxes[] = {
      region_3d(24, 31, 21, 1, 1, 1),  region_3d(25, 32, 22, 2, 2, 2),
      region_3d(0, 0, 0, 1, 1, 42),    region_3d(0, 0, 0, 1, 62, 1),
      region_3d(0, 0, 0, 48, 1, 1),    region_3d(16, 20, 14, 16, 20, 14),
      region_3d(0, 0, 41, 48, 62, 1),  region_3d(0, 0, 0, 48, 62, 1),
      region_3d(47, 61, 41, 1, 1, 1),  region_3d(0, 61, 0, 48, 1, 42),
      region_3d(0, 0, 10, 48, 62, 20), region_3d(0, 0, 0, 48, 62, 42),
  };
  const delivery ways[] = {FILLS, LENDS_PIECE, LENDS_ALL};
  volume model = head(1);
  make_file(t, &model);
  for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; ++i) {
    volume v = head(100 + i);
    swr_writer* w = writer_for(t, &v);
    source s = source_of(&v);
    s.how = ways[i % 3];
    assert_ok(w, swr_set_divisions(w, (int64_t)(i % 5)));
    assert_ok(w, swr_set_rollback(w, i % 4 != 3));
    paste(w, &s, &model, &boxes[i]);
    assert_file_holds(t->path, &model);
    source_free(&s);
    swr_writer_destroy(w);
    volume_free(&v);
  }
  volume_free(&model);
}

static void paste_leaves_no_litter_and_the_header_as_it_was(void** state) {
  const test_case* t = *state;
  volume v = head(1);
  make_file(t, &v);
  snapshot* before = snapshot_take();
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  const swr_region box = region_3d(3, 4, 5, 20, 20, 20);
  paste(w, &s, &v, &box); /* the same pixels: an uncompressed file is the same byte for byte */
  if (t->kind->compressed) {
    assert_file_count(snapshot_count(before));
    assert_file_holds(t->path, &v);
  } else {
    assert_unchanged(before);
  }
  snapshot_free(before);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void a_region_outside_is_refused_and_nothing_touched(void** state) {
  const test_case* t = *state;
  volume v = head(1);
  make_file(t, &v);
  snapshot* before = snapshot_take();
  const swr_region outside[] = {region_3d(-1, 0, 0, 4, 4, 4), region_3d(25, 32, 22, 48, 62, 43),
                                region_3d(0, 0, 42, 1, 1, 1), region_3d(0, 0, 0, 48, 62, 43)};
  for (size_t i = 0; i < sizeof outside / sizeof outside[0]; ++i) {
    swr_writer* w = writer_for(t, &v);
    source s = source_of(&v);
    const swr_status set = swr_set_paste_region(w, &outside[i]);
    if (set == SWR_OK) {
      assert_status(w, SWR_ERROR_REGION, swr_check(w));
      assert_status(w, SWR_ERROR_REGION, swr_write(w, pull_source, &s));
    } else {
      assert_int_equal(set, SWR_ERROR_REGION);
    }
    assert_int_equal(s.pulls, 0);
    assert_unchanged(before);
    swr_writer_destroy(w);
  }
  snapshot_free(before);
  volume_free(&v);
}

static void lent_memory_that_is_larger_is_cropped(void** state) {
  const test_case* t = *state;
  volume model = head(1);
  make_file(t, &model);
  const swr_region held = region_3d(0, 0, 0, 24, 31, 21), box = region_3d(0, 0, 0, 16, 20, 14);
  volume lent = volume_pattern(&held, SWR_UINT8, 1, 2);
  swr_writer* w = writer_for(t, &model);
  source s = source_of(&lent);
  s.how = LENDS_ALL;
  assert_ok(w, swr_set_divisions(w, 4));
  paste(w, &s, &model, &box);
  assert_int_equal(s.pulls, 1);
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  volume_free(&lent);
  volume_free(&model);
}

static void ten_pastes_make_a_file(void** state) {
  const test_case* t = *state;
  volume v = head(1);
  for (int64_t z = 0; z < 42; z += 4) {
    swr_writer* w = writer_for(t, &v);
    source s = source_of(&v);
    const swr_region slab = region_3d(0, 0, z, 48, 62, z + 4 > 42 ? 42 - z : 4);
    assert_ok(w, swr_set_paste_region(w, &slab));
    assert_ok(w, swr_write(w, pull_source, &s));
    swr_writer_destroy(w);
  }
  assert_file_holds(t->path, &v);
  volume_free(&v);
}

static void paste_without_a_file_makes_one_of_full_size(void** state) {
  const test_case* t = *state;
  volume v = head(1), model = head(2);
  const swr_region box = region_3d(16, 20, 14, 16, 20, 14);
  for (int fill = 0; fill <= 200; fill += 200) {
    clear_folder();
    swr_writer* w = writer_for(t, &v);
    source s = source_of(&v);
    if (fill) assert_ok(w, swr_set_fill_value(w, fill));
    assert_ok(w, swr_set_existing(w, fill ? SWR_EXISTING_REPLACE : SWR_EXISTING_DEFAULT));
    assert_ok(w, swr_set_divisions(w, 10));
    volume_fill(&model, fill);
    paste(w, &s, &model, &box);
    assert_file_holds(t->path, &model);
    swr_writer_destroy(w);
  }
  volume_free(&v);
  volume_free(&model);
}

static void a_source_that_holds_only_the_region_will_do(void** state) {
  const test_case* t = *state;
  volume model = head(1);
  make_file(t, &model);
  const swr_region box = region_3d(16, 20, 14, 16, 20, 14);
  volume part = volume_pattern(&box, SWR_UINT8, 1, 2);
  swr_writer* w = writer_for(t, &model);
  const delivery ways[] = {FILLS, LENDS_PIECE, LENDS_ALL};
  for (int i = 0; i < 3; ++i) {
    source s = source_of(&part);
    s.how = ways[i];
    assert_ok(w, swr_set_divisions(w, 3));
    paste(w, &s, &model, &box);
    assert_file_holds(t->path, &model);
    source_free(&s);
  }
  swr_writer_destroy(w);
  volume_free(&part);
  volume_free(&model);
}

static void a_flat_region_in_ten_is_split_by_rows(void** state) {
  const test_case* t = *state;
  volume model = head(1), v = head(2);
  make_file(t, &model);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  const swr_region flat = region_3d(16, 20, 1, 16, 20, 1);
  assert_ok(w, swr_set_divisions(w, 10));
  paste(w, &s, &model, &flat);
  assert_int_equal(s.pulls, 10);
  for (int i = 0; i < 10; ++i) {
    const swr_region two_rows = region_3d(16, 20 + 2 * i, 1, 16, 2, 1);
    assert_region_equal(&s.asked[i], &two_rows);
  }
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  volume_free(&model);
  volume_free(&v);
}

static void what_is_left_unset_is_taken_from_the_file(void** state) {
  const test_case* t = *state;
  volume model = head(1), v = head(2);
  make_file(t, &model);
  swr_writer* w = swr_writer_create();
  source s = source_of(&v);
  const swr_region box = region_3d(1, 2, 3, 4, 5, 6);
  assert_ok(w, swr_set_path(w, t->path));
  paste(w, &s, &model, &box);
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  volume_free(&model);
  volume_free(&v);
}

static void every_component_type_is_pasted(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 9, 8, 7), box = region_3d(2, 3, 1, 5, 4, 4);
  for (int type = SWR_UINT8; type <= SWR_FLOAT64; ++type) {
    volume model = volume_pattern(&region, (swr_component)type, 1, 1),
           v = volume_pattern(&region, (swr_component)type, 1, 2);
    swr_writer* w = writer_for(t, &v);
    source s = source_of(&model);
    assert_ok(w, swr_write(w, pull_source, &s));
    s.from = &v;
    paste(w, &s, &model, &box);
    assert_file_holds(t->path, &model);
    swr_writer_destroy(w);
    volume_free(&model);
    volume_free(&v);
  }
}

static void many_random_boxes_leave_what_a_model_says(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 70, 51, 37);
  volume model = volume_pattern(&region, SWR_UINT16, 1, 1);
  make_file(t, &model);
  unsigned random = 12345;
  swr_writer* w = writer_for(t, &model);
  /* The options below repeat after six rounds. */
  for (int round = 0; round < (SANITIZED ? 12 : 40); ++round) {
    swr_region box = region;
    for (int axis = 0; axis < 3; ++axis) {
      random = random * 1103515245u + 12345u;
      box.index[axis] = (random >> 8) % region.size[axis];
      random = random * 1103515245u + 12345u;
      box.size[axis] = 1 + (random >> 8) % (region.size[axis] - box.index[axis]);
    }
    volume v = volume_pattern(&box, SWR_UINT16, 1, 1000u + (unsigned)round);
    source s = source_of(&v);
    s.how = round % 2 ? LENDS_ALL : FILLS;
    assert_ok(w, swr_set_divisions(w, round % 6 - 1));
    assert_ok(w, swr_set_option(w, "paste.sole", round % 3 == 0 ? "on" : "off"));
    paste(w, &s, &model, &box);
    volume_free(&v);
  }
  assert_file_holds(t->path, &model);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_reader_ok(r, swr_reader_verify(r));
  swr_reader_destroy(r);
  swr_writer_destroy(w);
  volume_free(&model);
}

static void the_method_of_a_paste_into_a_plain_file_is_in_place(void** state) {
  const test_case* t = *state;
  volume v = head(1);
  make_file(t, &v);
  swr_writer* w = writer_for(t, &v);
  const swr_region box = region_3d(1, 1, 1, 3, 3, 3);
  swr_method method;
  int64_t read = -1, written = -1;
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_get_method(w, &method, &read, &written));
  assert_int_equal(method, SWR_METHOD_IN_PLACE);
  assert_true(written >= 0 && written < 48 * 62 * 42);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void paste_onto_a_differing_path_name_makes_its_own_file(void** state) {
  const test_case* t = *state;
  volume v = head(1);
  make_file(t, &v);
  snapshot* before = snapshot_take();
  char second[64];
  other_path(t, "second", second);
  swr_writer* w = new_writer_at(t, second);
  describe(w, &v);
  source s = source_of(&v);
  const swr_region box = region_3d(1, 1, 1, 3, 3, 3);
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_file_count(2 * snapshot_count(before));
  assert_file_holds(t->path, &v);
  snapshot_free(before);
  swr_writer_destroy(w);
  volume_free(&v);
}

int main(void) {
  const uint32_t needs = SWR_CAN_STREAM | SWR_CAN_PASTE;
  TEST_EACH(one_writer_pastes_box_after_box, needs);
  TEST_EACH(other_data_changes_the_region_and_nothing_else, needs);
  TEST_EACH(paste_leaves_no_litter_and_the_header_as_it_was, needs);
  TEST_EACH(a_region_outside_is_refused_and_nothing_touched, needs);
  TEST_EACH(lent_memory_that_is_larger_is_cropped, needs);
  TEST_EACH(ten_pastes_make_a_file, needs);
  TEST_EACH(paste_without_a_file_makes_one_of_full_size, needs);
  TEST_EACH(a_source_that_holds_only_the_region_will_do, needs);
  TEST_EACH(a_flat_region_in_ten_is_split_by_rows, needs);
  TEST_EACH(what_is_left_unset_is_taken_from_the_file, needs);
  TEST_EACH(every_component_type_is_pasted, needs);
  TEST_EACH(many_random_boxes_leave_what_a_model_says, needs);
  TEST_EACH_PLAIN(the_method_of_a_paste_into_a_plain_file_is_in_place, needs);
  TEST_EACH(paste_onto_a_differing_path_name_makes_its_own_file, needs);
  return run_all_tests("pasting");
}
