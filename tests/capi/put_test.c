/* Pushing instead of pulling: begin, put, finish, abandon. */
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static volume small(uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, 9, 8, 7);
  return volume_pattern(&region, SWR_UINT16, 1, seed);
}

static swr_status put(swr_writer* w, const volume* v, const swr_region* region) {
  const int64_t bytes = region_pixels(region) * volume_pixel_bytes(v);
  unsigned char* data = malloc((size_t)bytes);
  volume_get(v, region, data);
  const swr_status status = swr_put(w, region, data, bytes);
  memset(data, 0xEE, (size_t)bytes); /* it was copied or stored */
  free(data);
  return status;
}

static void slabs_in_order_make_the_file(void** state) {
  const test_case* t = *state;
  volume v = small(1);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_begin(w));
  for (int z = 0; z < 7; ++z) {
    const swr_region slab = region_3d(0, 0, z, 9, 8, 1);
    assert_ok(w, put(w, &v, &slab));
  }
  assert_false(file_exists(t->path)); /* not before it is finished */
  assert_ok(w, swr_finish(w));
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void boxes_in_any_order_make_the_file(void** state) {
  const test_case* t = *state;
  volume v = small(2);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_begin(w));
  const int order[] = {5, 2, 7, 0, 3, 6, 1, 4};
  for (int i = 0; i < 8; ++i) {
    const int x = order[i] & 1, y = order[i] >> 1 & 1, z = order[i] >> 2;
    const swr_region box =
        region_3d(x ? 4 : 0, y ? 3 : 0, z ? 5 : 0, x ? 5 : 4, y ? 5 : 3, z ? 2 : 5);
    assert_ok(w, put(w, &v, &box));
  }
  assert_ok(w, swr_finish(w));
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void where_regions_overlap_the_last_one_wins(void** state) {
  const test_case* t = *state;
  volume v = small(3), second = small(4), third = small(5), model = small(3);
  const swr_region box = region_3d(2, 2, 2, 4, 4, 4), slab = region_3d(0, 0, 3, 9, 8, 2);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_begin(w));
  assert_ok(w, put(w, &v, &v.region));
  assert_ok(w, put(w, &second, &box));
  assert_ok(w, put(w, &third, &slab));
  assert_ok(w, swr_finish(w));
  volume_copy(&model, &second, &box);
  volume_copy(&model, &third, &slab);
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&second);
  volume_free(&third);
  volume_free(&model);
}

static void holes_are_named_and_the_write_goes_on(void** state) {
  const test_case* t = *state;
  volume v = small(6);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_begin(w));
  const swr_region low = region_3d(0, 0, 0, 9, 8, 2), high = region_3d(0, 0, 5, 9, 8, 2),
                   hole = region_3d(0, 0, 2, 9, 8, 3);
  assert_ok(w, put(w, &v, &high));
  assert_ok(w, put(w, &v, &low));
  assert_status(w, SWR_ERROR_INCOMPLETE, swr_finish(w));
  assert_says(swr_writer_message(w), region_text(&hole));
  assert_false(file_exists(t->path));
  assert_ok(w, put(w, &v, &hole));
  assert_ok(w, swr_finish(w));
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void one_missing_pixel_is_a_hole(void** state) {
  const test_case* t = *state;
  volume v = small(7);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_begin(w));
  const swr_region parts[] = {region_3d(0, 0, 0, 9, 8, 3), region_3d(0, 0, 4, 9, 8, 3),
                              region_3d(0, 0, 3, 9, 4, 1), region_3d(0, 5, 3, 9, 3, 1),
                              region_3d(0, 4, 3, 5, 1, 1), region_3d(6, 4, 3, 3, 1, 1)};
  const swr_region hole = region_3d(5, 4, 3, 1, 1, 1);
  for (int i = 5; i >= 0; --i) assert_ok(w, put(w, &v, &parts[i]));
  assert_status(w, SWR_ERROR_INCOMPLETE, swr_finish(w));
  assert_says(swr_writer_message(w), region_text(&hole));
  assert_ok(w, swr_abandon(w));
  assert_file_count(0);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void holes_hold_the_fill_value_if_it_was_set(void** state) {
  const test_case* t = *state;
  volume v = small(8), model = small(8);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_fill_value(w, 4321));
  assert_ok(w, swr_begin(w));
  const swr_region box = region_3d(3, 3, 3, 3, 2, 2);
  assert_ok(w, put(w, &v, &box));
  assert_ok(w, swr_finish(w));
  volume_fill(&model, 4321);
  volume_copy(&model, &v, &box);
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&model);
}

static void nothing_put_with_a_fill_value_makes_a_file_of_it(void** state) {
  const test_case* t = *state;
  volume model = small(9);
  swr_writer* w = writer_for(t, &model);
  assert_ok(w, swr_set_fill_value(w, 7));
  assert_ok(w, swr_begin(w));
  assert_ok(w, swr_finish(w));
  volume_fill(&model, 7);
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  volume_free(&model);
}

static void an_existing_file_may_have_holes(void** state) {
  const test_case* t = *state;
  volume model = small(10), v = small(11);
  make_file(t, &model);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_begin(w));
  const swr_region boxes[] = {region_3d(5, 5, 5, 4, 3, 2), region_3d(0, 0, 0, 9, 1, 1),
                              region_3d(4, 4, 4, 3, 3, 3)};
  for (int i = 0; i < 3; ++i) {
    assert_ok(w, put(w, &v, &boxes[i]));
    volume_copy(&model, &v, &boxes[i]);
  }
  assert_ok(w, swr_finish(w));
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  volume_free(&model);
  volume_free(&v);
}

static void a_region_outside_or_of_other_bytes_stores_nothing_and_the_write_goes_on(void** state) {
  const test_case* t = *state;
  volume v = small(12);
  swr_writer* w = writer_for(t, &v);
  unsigned char data[9 * 8 * 7 * 2] = {0};
  assert_ok(w, swr_begin(w));
  const swr_region outside = region_3d(0, 0, 6, 9, 8, 2), flat = region_2d(0, 0, 2, 2),
                   negative = region_3d(-1, 0, 0, 1, 1, 1);
  assert_status(w, SWR_ERROR_REGION, swr_put(w, &outside, data, 9 * 8 * 2 * 2));
  assert_status(w, SWR_ERROR_REGION, swr_put(w, &negative, data, 2));
  const swr_status other = swr_put(w, &flat, data, 8);
  assert_true(other == SWR_ERROR_REGION || other == SWR_ERROR_ARGUMENT);
  assert_status(w, SWR_ERROR_ARGUMENT, swr_put(w, &v.region, data, sizeof data - 1));
  assert_status(w, SWR_ERROR_ARGUMENT, swr_put(w, &v.region, data, -1));
  assert_status(w, SWR_ERROR_ARGUMENT, swr_put(w, &v.region, NULL, sizeof data));
  assert_status(w, SWR_ERROR_ARGUMENT, swr_put(w, NULL, data, sizeof data));
  assert_ok(w, put(w, &v, &v.region));
  assert_ok(w, swr_finish(w));
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void abandon_leaves_everything_as_it_was(void** state) {
  const test_case* t = *state;
  volume old = small(13), v = small(14);
  make_file(t, &old);
  snapshot* before = snapshot_take();
  for (int policy = SWR_EXISTING_REPLACE; policy <= SWR_EXISTING_UPDATE; policy += 2) {
    if (policy == SWR_EXISTING_UPDATE &&
        !(t->kind->flags & (t->kind->compressed ? SWR_CAN_PASTE_COMPRESSED : SWR_CAN_PASTE)))
      continue;
    swr_writer* w = writer_for(t, &v);
    assert_ok(w, swr_set_existing(w, (swr_existing)policy));
    assert_ok(w, swr_begin(w));
    const swr_region box = region_3d(0, 0, 0, 9, 8, 3);
    assert_ok(w, put(w, &v, &box));
    assert_ok(w, swr_abandon(w));
    assert_unchanged(before);
    assert_status(w, SWR_ERROR_STATE, swr_put(w, &box, v.bytes, 9 * 8 * 3 * 2));
    assert_status(w, SWR_ERROR_STATE, swr_finish(w));
    swr_writer_destroy(w);
  }
  snapshot_free(before);
  volume_free(&old);
  volume_free(&v);
}

static void destroy_in_the_middle_leaves_everything_as_it_was(void** state) {
  const test_case* t = *state;
  volume old = small(15), v = small(16);
  make_file(t, &old);
  snapshot* before = snapshot_take();
  for (int policy = SWR_EXISTING_REPLACE; policy <= SWR_EXISTING_UPDATE; policy += 2) {
    if (policy == SWR_EXISTING_UPDATE &&
        !(t->kind->flags & (t->kind->compressed ? SWR_CAN_PASTE_COMPRESSED : SWR_CAN_PASTE)))
      continue;
    swr_writer* w = writer_for(t, &v);
    assert_ok(w, swr_set_existing(w, (swr_existing)policy));
    assert_ok(w, swr_begin(w));
    const swr_region box = region_3d(1, 0, 0, 8, 8, 3);
    assert_ok(w, put(w, &v, &box));
    swr_writer_destroy(w);
    assert_unchanged(before);
  }
  snapshot_free(before);
  volume_free(&old);
  volume_free(&v);
}

static void settings_cannot_change_during_a_write(void** state) {
  const test_case* t = *state;
  volume v = small(17);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_begin(w));
  const double ones[] = {1, 1, 1};
  assert_status(w, SWR_ERROR_STATE, swr_set_path(w, "other.mha"));
  assert_status(w, SWR_ERROR_STATE, swr_set_image_region(w, &v.region));
  assert_status(w, SWR_ERROR_STATE, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
  assert_status(w, SWR_ERROR_STATE, swr_set_spacing(w, ones, 3));
  assert_status(w, SWR_ERROR_STATE, swr_set_divisions(w, 3));
  assert_status(w, SWR_ERROR_STATE, swr_set_paste_region(w, NULL));
  assert_status(w, SWR_ERROR_STATE, swr_set_fill_value(w, 1));
  assert_status(w, SWR_ERROR_STATE, swr_begin(w));
  assert_status(w, SWR_ERROR_STATE, swr_allocate(w));
  source s = source_of(&v);
  assert_status(w, SWR_ERROR_STATE, swr_write(w, pull_source, &s));
  assert_ok(w, put(w, &v, &v.region));
  assert_ok(w, swr_finish(w));
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void put_finish_and_abandon_without_begin_are_refused(void** state) {
  const test_case* t = *state;
  volume v = small(18);
  swr_writer* w = writer_for(t, &v);
  assert_status(w, SWR_ERROR_STATE, put(w, &v, &v.region));
  assert_status(w, SWR_ERROR_STATE, swr_finish(w));
  assert_status(w, SWR_ERROR_STATE, swr_abandon(w));
  assert_file_count(0);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void one_writer_begins_again_and_again(void** state) {
  const test_case* t = *state;
  swr_writer* w = NULL;
  for (uint64_t round = 0; round < 4; ++round) {
    volume v = small(20 + round);
    if (!w) w = writer_for(t, &v);
    assert_ok(w, swr_begin(w));
    assert_ok(w, put(w, &v, &v.region));
    if (round == 1) {
      assert_ok(w, swr_abandon(w));
    } else {
      assert_ok(w, swr_finish(w));
      assert_file_holds(t->path, &v);
    }
    volume_free(&v);
  }
  swr_writer_destroy(w);
}

static void paste_region_bounds_what_is_put(void** state) {
  const test_case* t = *state;
  volume model = small(30), v = small(31);
  make_file(t, &model);
  swr_writer* w = writer_for(t, &v);
  const swr_region box = region_3d(2, 2, 2, 4, 4, 4), half = region_3d(2, 2, 2, 4, 4, 2),
                   other = region_3d(2, 2, 1, 4, 4, 2);
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_begin(w));
  assert_status(w, SWR_ERROR_REGION, put(w, &v, &other));
  assert_ok(w, put(w, &v, &half));
  assert_ok(w, swr_finish(w)); /* the other half stays as it was */
  volume_copy(&model, &v, &half);
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  volume_free(&model);
  volume_free(&v);
}

int main(void) {
  const uint32_t update = SWR_CAN_STREAM | SWR_CAN_PASTE;
  TEST_EACH(slabs_in_order_make_the_file, SWR_CAN_STREAM);
  TEST_EACH(boxes_in_any_order_make_the_file, SWR_CAN_STREAM);
  TEST_EACH(where_regions_overlap_the_last_one_wins, SWR_CAN_STREAM);
  TEST_EACH(holes_are_named_and_the_write_goes_on, SWR_CAN_STREAM);
  TEST_EACH(one_missing_pixel_is_a_hole, SWR_CAN_STREAM);
  TEST_EACH(holes_hold_the_fill_value_if_it_was_set, SWR_CAN_STREAM);
  TEST_EACH(nothing_put_with_a_fill_value_makes_a_file_of_it, SWR_CAN_STREAM);
  TEST_EACH(an_existing_file_may_have_holes, update);
  TEST_EACH(a_region_outside_or_of_other_bytes_stores_nothing_and_the_write_goes_on,
            SWR_CAN_STREAM);
  TEST_EACH(abandon_leaves_everything_as_it_was, SWR_CAN_STREAM);
  TEST_EACH(destroy_in_the_middle_leaves_everything_as_it_was, SWR_CAN_STREAM);
  TEST_EACH(settings_cannot_change_during_a_write, SWR_CAN_STREAM);
  TEST_EACH(put_finish_and_abandon_without_begin_are_refused, SWR_CAN_STREAM);
  TEST_EACH(one_writer_begins_again_and_again, SWR_CAN_STREAM);
  TEST_EACH(paste_region_bounds_what_is_put, update);
  return run_all_tests("put");
}
