/* Pixels of several components, in formats with interleaved components and in formats with
 * planes. */
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static const struct {
  swr_component component;
  int32_t components;
  swr_kind kind;
} types[] = {{SWR_UINT8, 3, SWR_KIND_RGB},       {SWR_UINT8, 4, SWR_KIND_RGBA},
             {SWR_FLOAT32, 2, SWR_KIND_COMPLEX}, {SWR_FLOAT64, 2, SWR_KIND_COMPLEX},
             {SWR_UINT16, 2, SWR_KIND_VECTOR},   {SWR_FLOAT32, 3, SWR_KIND_VECTOR},
             {SWR_INT16, 6, SWR_KIND_VECTOR},    {SWR_UINT8, 5, SWR_KIND_VECTOR},
             {SWR_FLOAT64, 9, SWR_KIND_VECTOR}};
enum { type_count = sizeof types / sizeof types[0] };

static swr_writer* writer_of(const test_case* t, const swr_region* region, int type) {
  swr_writer* w = new_writer(t);
  assert_ok(w, swr_set_image_region(w, region));
  assert_ok(w,
            swr_set_pixel_type(w, types[type].component, types[type].components, types[type].kind));
  return w;
}

static void streams_in_divisions(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 13, 11, 9);
  for (int type = 0; type < type_count; ++type) {
    volume v =
        volume_pattern(&region, types[type].component, types[type].components, (uint64_t)type);
    for (int64_t divisions = 1; divisions <= 9; divisions += 4) {
      swr_writer* w = writer_of(t, &region, type);
      source s = source_of(&v);
      s.how = divisions == 1 ? FILLS : divisions == 5 ? LENDS_ALL : LENDS_PIECE;
      assert_ok(w, swr_set_divisions(w, divisions));
      assert_ok(w, swr_write(w, pull_source, &s));
      assert_file_holds(t->path, &v);
      source_free(&s);
      swr_writer_destroy(w);
    }
    volume_free(&v);
  }
}

static void streams_in_two_dimensions(void** state) {
  const test_case* t = *state;
  const swr_region region = region_2d(0, 0, 17, 13);
  for (int type = 0; type < type_count; ++type) {
    volume v =
        volume_pattern(&region, types[type].component, types[type].components, (uint64_t)type);
    swr_writer* w = writer_of(t, &region, type);
    source s = source_of(&v);
    assert_ok(w, swr_set_divisions(w, 4));
    assert_ok(w, swr_write(w, pull_source, &s));
    assert_file_holds(t->path, &v);
    swr_writer_destroy(w);
    volume_free(&v);
  }
}

static void pastes_change_the_region_alone(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 13, 11, 9);
  const swr_region boxes[] = {region_3d(5, 4, 3, 1, 1, 1), region_3d(2, 3, 1, 7, 5, 6),
                              region_3d(0, 0, 4, 13, 11, 2), region_3d(12, 0, 0, 1, 11, 9)};
  for (int type = 0; type < type_count; ++type) {
    volume model = volume_pattern(&region, types[type].component, types[type].components, 1);
    swr_writer* w = writer_of(t, &region, type);
    source s = source_of(&model);
    assert_ok(w, swr_write(w, pull_source, &s));
    for (int i = 0; i < 4; ++i) {
      volume v =
          volume_pattern(&region, types[type].component, types[type].components, (uint64_t)(2 + i));
      s = source_of(&v);
      s.how = i % 2 ? LENDS_ALL : FILLS;
      assert_ok(w, swr_set_paste_region(w, &boxes[i]));
      assert_ok(w, swr_set_divisions(w, i));
      assert_ok(w, swr_write(w, pull_source, &s));
      volume_copy(&model, &v, &boxes[i]);
      assert_file_holds(t->path, &model);
      volume_free(&v);
    }
    swr_writer_destroy(w);
    volume_free(&model);
  }
}

static void regions_are_put_in_any_order(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 8, 7, 6);
  for (int type = 0; type < type_count; ++type) {
    volume v = volume_pattern(&region, types[type].component, types[type].components, 3);
    swr_writer* w = writer_of(t, &region, type);
    assert_ok(w, swr_begin(w));
    for (int i = 0; i < 6; ++i) {
      const swr_region slab = region_3d(0, 0, (i * 5 + 2) % 6, 8, 7, 1);
      unsigned char data[8 * 7 * 8 * 9];
      volume_get(&v, &slab, data);
      assert_ok(w, swr_put(w, &slab, data, 8 * 7 * volume_pixel_bytes(&v)));
    }
    assert_ok(w, swr_finish(w));
    assert_file_holds(t->path, &v);
    swr_writer_destroy(w);
    volume_free(&v);
  }
}

static void fill_values_reach_every_component(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 8, 7, 6), box = region_3d(1, 2, 3, 2, 2, 2);
  for (int type = 0; type < type_count; ++type) {
    volume v = volume_pattern(&region, types[type].component, types[type].components, 3),
           model = volume_new(&region, types[type].component, types[type].components);
    volume_fill(&model, 77);
    volume_copy(&model, &v, &box);
    swr_writer* w = writer_of(t, &region, type);
    source s = source_of(&v);
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_REPLACE));
    assert_ok(w, swr_set_fill_value(w, 77));
    assert_ok(w, swr_set_paste_region(w, &box));
    assert_ok(w, swr_write(w, pull_source, &s));
    assert_file_holds(t->path, &model);
    swr_writer_destroy(w);
    volume_free(&v);
    volume_free(&model);
  }
}

static void files_grow(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 8, 7, 6), larger = region_3d(0, 0, 0, 8, 7, 9),
                   box = region_3d(0, 0, 6, 8, 7, 3);
  for (int type = 0; type < type_count; ++type) {
    volume v = volume_pattern(&region, types[type].component, types[type].components, 3),
           model = volume_pattern(&larger, types[type].component, types[type].components, 4);
    swr_writer* w = writer_of(t, &region, type);
    source s = source_of(&v);
    assert_ok(w, swr_write(w, pull_source, &s));
    swr_writer_destroy(w);
    w = writer_of(t, &larger, type);
    s = source_of(&model);
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
    assert_ok(w, swr_set_paste_region(w, &box));
    assert_ok(w, swr_write(w, pull_source, &s));
    volume_copy(&model, &v, &region);
    assert_file_holds(t->path, &model);
    swr_writer_destroy(w);
    volume_free(&v);
    volume_free(&model);
  }
}

static void colours_and_complex_numbers_come_back_as_such(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 4, 3, 2);
  for (int type = 0; type < type_count; ++type) {
    volume v = volume_pattern(&region, types[type].component, types[type].components, 5);
    swr_writer* w = writer_of(t, &region, type);
    source s = source_of(&v);
    assert_ok(w, swr_write(w, pull_source, &s));
    swr_reader* r = swr_reader_create();
    swr_kind kind = SWR_KIND_SCALAR;
    assert_reader_ok(r, swr_reader_open(r, t->path));
    assert_reader_ok(r, swr_reader_get_pixel_type(r, NULL, NULL, &kind));
    assert_int_not_equal(kind, SWR_KIND_SCALAR);
    swr_reader_destroy(r);
    /* Whichever kind the format stores, the writer's own description matches its file. */
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
    if (t->kind->flags & SWR_CAN_PASTE) assert_ok(w, swr_check(w));
    swr_writer_destroy(w);
    volume_free(&v);
  }
}

int main(void) {
  TEST_EACH(streams_in_divisions, SWR_CAN_STREAM);
  TEST_EACH(streams_in_two_dimensions, SWR_CAN_STREAM);
  TEST_EACH(pastes_change_the_region_alone, SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST_EACH(regions_are_put_in_any_order, SWR_CAN_STREAM);
  TEST_EACH(fill_values_reach_every_component, SWR_CAN_STREAM);
  TEST_EACH(files_grow, SWR_CAN_STREAM | SWR_CAN_EXTEND);
  TEST_EACH(colours_and_complex_numbers_come_back_as_such, SWR_CAN_STREAM);
  return run_all_tests("several components");
}
