/* Putting the pixels that a mask selects: no other pixel changes. */
#include <stdlib.h>
#include <string.h>

#include "checked/checked.h"
#include "support/support.h"

static volume small(uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, 9, 8, 7);
  return volume_pattern(&region, SWR_INT16, 1, seed);
}

/* Masks of the whole volume: none, all, a box, columns, single pixels, slices, and noise. */
enum { mask_bytes = 9 * 8 * 7, masks = 7 };

static int selects(int kind, int x, int y, int z) {
  const unsigned noise = (unsigned)(x * 7919 + y * 104729 + z * 1299709) * 2654435761u;
  switch (kind) {
    case 0: return 0;
    case 1: return 1;
    case 2: return x >= 2 && x < 7 && y >= 1 && y < 6 && z >= 3 && z < 6;
    case 3: return x == 4 || x == 8;
    case 4: return (x + y + z) % 2;
    case 5: return z == 0 || z == 3 || z == 6;
    default: return noise >> 31 != 0;
  }
}

static void make_mask(int kind, unsigned char* mask) {
  for (int z = 0; z < 7; ++z)
    for (int y = 0; y < 8; ++y)
      for (int x = 0; x < 9; ++x) *mask++ = selects(kind, x, y, z) ? (unsigned char)(x + 1) : 0;
}

static swr_writer* masked_writer(const test_case* t, const volume* v, const unsigned char* mask,
                                 const char* sole) {
  swr_writer* w = writer_for(t, v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_set_option(w, "paste.sole", sole));
  assert_ok(w, swr_begin(w));
  assert_ok(w, swr_put_masked(w, &v->region, v->bytes, volume_bytes(v), mask, mask_bytes));
  return w;
}

/* The slow model: pixel by pixel. */
static void copy_masked(volume* to, const volume* from, const unsigned char* mask) {
  const int64_t bytes = volume_pixel_bytes(to);
  for (int64_t i = 0; i < mask_bytes; ++i)
    if (mask[i]) memcpy(to->bytes + i * bytes, from->bytes + i * bytes, (size_t)bytes);
}

static void only_pixels_of_the_mask_change(void** state) {
  const test_case* t = *state;
  volume model = small(1);
  make_file(t, &model);
  for (int kind = 0; kind < masks; ++kind) {
    volume v = small(2 + (uint64_t)kind);
    unsigned char mask[mask_bytes];
    make_mask(kind, mask);
    swr_writer* w = writer_for(t, &v);
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
    assert_ok(w, swr_begin(w));
    assert_ok(w, swr_put_masked(w, &v.region, v.bytes, volume_bytes(&v), mask, mask_bytes));
    assert_ok(w, swr_finish(w));
    copy_masked(&model, &v, mask);
    assert_file_holds(t->path, &model);
    swr_writer_destroy(w);
    volume_free(&v);
  }
  volume_free(&model);
}

/* The components of a pixel may be apart from each other in the file. */
static void all_components_of_a_selected_pixel_change(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 9, 8, 7);
  if (!variant_holds(t->kind, SWR_INT16, 3, 3)) return;
  volume model = volume_pattern(&region, SWR_INT16, 3, 1),
         v = volume_pattern(&region, SWR_INT16, 3, 2);
  unsigned char mask[mask_bytes];
  make_mask(4, mask);
  make_file(t, &model);
  swr_writer* w = masked_writer(t, &v, mask, NULL);
  assert_ok(w, swr_finish(w));
  copy_masked(&model, &v, mask);
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  volume_free(&model);
  volume_free(&v);
}

/* Two writers at a time select every second pixel each. Neither writes those of the other: not when
 * it puts, and not when it is rolled back. */
static void pixels_between_those_of_a_mask_belong_to_other_writers(void** state) {
  const test_case* t = *state;
  if (has_chunks(t)) return;
  checks_off("another writer pastes");
  volume model = small(1), first = small(2), second = small(3);
  unsigned char mask[mask_bytes], others[mask_bytes];
  make_mask(4, mask);
  for (int i = 0; i < mask_bytes; ++i) others[i] = !mask[i];
  for (int is_finished = 0; is_finished < 2; ++is_finished) {
    make_file(t, &model);
    swr_writer* a = masked_writer(t, &first, mask, NULL);
    swr_writer* b = masked_writer(t, &second, others, NULL);
    assert_ok(b, swr_finish(b));
    assert_ok(a, is_finished ? swr_finish(a) : swr_abandon(a));
    copy_masked(&model, &second, others);
    if (is_finished) copy_masked(&model, &first, mask);
    assert_file_holds(t->path, &model);
    swr_writer_destroy(a);
    swr_writer_destroy(b);
  }
  volume_free(&model);
  volume_free(&first);
  volume_free(&second);
}

static void sole_writer_stores_the_same_and_is_rolled_back(void** state) {
  const test_case* t = *state;
  volume model = small(1), v = small(2);
  make_file(t, &model);
  snapshot* before = snapshot_take();
  for (int kind = 3; kind < masks; ++kind) {
    unsigned char mask[mask_bytes];
    make_mask(kind, mask);
    swr_writer* w = masked_writer(t, &v, mask, "on");
    assert_ok(w, swr_abandon(w));
    swr_writer_destroy(w);
    assert_unchanged(before);
  }
  snapshot_free(before);
  unsigned char mask[mask_bytes];
  make_mask(4, mask);
  swr_writer* w = masked_writer(t, &v, mask, "on");
  assert_ok(w, swr_finish(w));
  copy_masked(&model, &v, mask);
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  volume_free(&model);
  volume_free(&v);
}

static void empty_mask_leaves_every_byte(void** state) {
  const test_case* t = *state;
  volume old = small(1), v = small(2);
  const unsigned char mask[mask_bytes] = {0};
  make_file(t, &old);
  snapshot* before = snapshot_take();
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_begin(w));
  assert_ok(w, swr_put_masked(w, &v.region, v.bytes, volume_bytes(&v), mask, mask_bytes));
  assert_ok(w, swr_finish(w));
  swr_writer_destroy(w);
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&old);
  volume_free(&v);
}

static void pixels_beside_the_mask_of_a_new_file_are_holes(void** state) {
  const test_case* t = *state;
  volume v = small(1), model = small(1);
  unsigned char mask[mask_bytes];
  make_mask(4, mask);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_begin(w));
  assert_ok(w, swr_put_masked(w, &v.region, v.bytes, volume_bytes(&v), mask, mask_bytes));
  assert_status(w, SWR_ERROR_INCOMPLETE, swr_finish(w));
  assert_ok(w, swr_abandon(w));
  assert_ok(w, swr_set_fill_value(w, 321));
  assert_ok(w, swr_begin(w));
  assert_ok(w, swr_put_masked(w, &v.region, v.bytes, volume_bytes(&v), mask, mask_bytes));
  assert_ok(w, swr_finish(w));
  volume_fill(&model, 321);
  copy_masked(&model, &v, mask);
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&model);
}

static void value_beside_the_mask_need_not_survive_the_conversion(void** state) {
  const test_case* t = *state;
  volume model = small(1);
  make_file(t, &model);
  const swr_region box = region_3d(3, 2, 1, 4, 1, 1);
  const float values[] = {70000.25f, 5, 6, 1e30f};
  unsigned char mask[] = {1, 1, 1, 0};
  swr_writer* w = writer_for(t, &model);
  assert_ok(w, swr_set_source_type(w, SWR_FLOAT32));
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_begin(w));
  assert_status(w, SWR_ERROR_CONVERSION, swr_put_masked(w, &box, values, sizeof values, mask, 4));
  assert_says(swr_writer_message(w), "(3,2,1)");
  const float after_another[] = {1e30f, 5, 70000.25f, 6};
  const unsigned char from_second[] = {0, 0, 1, 1};
  assert_status(w, SWR_ERROR_CONVERSION,
                swr_put_masked(w, &box, after_another, sizeof after_another, from_second, 4));
  assert_says(swr_writer_message(w), "(5,2,1)");
  mask[0] = 0;
  assert_ok(w, swr_put_masked(w, &box, values, sizeof values, mask, 4));
  assert_ok(w, swr_finish(w));
  const swr_region changed = region_3d(4, 2, 1, 2, 1, 1);
  const int16_t stored[] = {5, 6};
  volume_set(&model, &changed, stored);
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  volume_free(&model);
}

/* Of a mask of single pixels, after other pixels of the same write, and converted. */
static void masked_pixels_lie_over_what_was_put_before(void** state) {
  const test_case* t = *state;
  volume model = small(1), v = small(2), over = small(3);
  make_file(t, &model);
  unsigned char mask[mask_bytes];
  make_mask(4, mask);
  float* values = calloc(mask_bytes, sizeof *values);
  assert_non_null(values);
  for (int i = 0; i < mask_bytes; ++i)
    values[i] = mask[i] ? (float)component_load(over.bytes + 2 * i, SWR_INT16) : 1e30f;
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_set_source_type(w, SWR_FLOAT32));
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
  for (int round = 0; round < 2; ++round) { /* the first one without pixels beneath */
    const swr_region slab = region_3d(0, 0, 2, 9, 8, 3);
    assert_ok(w, swr_begin(w));
    if (round == 1) {
      float below[9 * 8 * 3];
      for (int i = 0; i < 9 * 8 * 3; ++i)
        below[i] = (float)component_load(v.bytes + 2 * (9 * 8 * 2 + i), SWR_INT16);
      assert_ok(w, swr_put(w, &slab, below, sizeof below));
      volume_copy(&model, &v, &slab);
    }
    assert_ok(w, swr_put_masked(w, &v.region, values, mask_bytes * 4, mask, mask_bytes));
    assert_ok(w, swr_finish(w));
    copy_masked(&model, &over, mask);
    assert_file_holds(t->path, &model);
  }
  free(values);
  swr_writer_destroy(w);
  volume_free(&model);
  volume_free(&v);
  volume_free(&over);
}

static void mask_of_another_size_stores_nothing_and_the_write_goes_on(void** state) {
  const test_case* t = *state;
  volume v = small(1);
  unsigned char mask[mask_bytes];
  make_mask(1, mask);
  const int64_t bytes = volume_bytes(&v);
  swr_writer* w = writer_for(t, &v);
  assert_status(w, SWR_ERROR_STATE, swr_put_masked(w, &v.region, v.bytes, bytes, mask, mask_bytes));
  assert_ok(w, swr_begin(w));
  assert_status(w, SWR_ERROR_ARGUMENT,
                swr_put_masked(w, &v.region, v.bytes, bytes, mask, mask_bytes - 1));
  assert_says(swr_writer_message(w), "mask");
  assert_status(w, SWR_ERROR_ARGUMENT,
                swr_put_masked(w, &v.region, v.bytes, bytes, NULL, mask_bytes));
  assert_status(w, SWR_ERROR_ARGUMENT, swr_put_masked(w, &v.region, NULL, bytes, mask, mask_bytes));
  assert_status(w, SWR_ERROR_ARGUMENT, swr_put_masked(w, NULL, v.bytes, bytes, mask, mask_bytes));
  const swr_region outside = region_3d(0, 0, 6, 9, 8, 2);
  assert_status(w, SWR_ERROR_REGION,
                swr_put_masked(w, &outside, v.bytes, 9 * 8 * 2 * 2, mask, 9 * 8 * 2));
  assert_ok(w, swr_put_masked(w, &v.region, v.bytes, bytes, mask, mask_bytes));
  assert_ok(w, swr_finish(w));
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

int main(void) {
  const uint32_t update = SWR_CAN_STREAM | SWR_CAN_PASTE;
  TEST_EACH(only_pixels_of_the_mask_change, update);
  TEST_EACH(all_components_of_a_selected_pixel_change, update);
  TEST_EACH_PLAIN(pixels_between_those_of_a_mask_belong_to_other_writers,
                  update | SWR_CAN_CONCURRENT);
  TEST_EACH_PLAIN(sole_writer_stores_the_same_and_is_rolled_back, update);
  TEST_EACH(empty_mask_leaves_every_byte, update);
  TEST_EACH(pixels_beside_the_mask_of_a_new_file_are_holes, SWR_CAN_STREAM);
  TEST_EACH(value_beside_the_mask_need_not_survive_the_conversion, update);
  TEST_EACH(masked_pixels_lie_over_what_was_put_before, update);
  TEST_EACH(mask_of_another_size_stores_nothing_and_the_write_goes_on, SWR_CAN_STREAM);
  return run_all_tests("masked put");
}
