/* What formats hold besides pixels: what they say that they hold comes back, and the rest is
 * refused while planning, or let go with a warning. */
#include <stdio.h>
#include <string.h>

#include "support/support.h"

static const double spacing[] = {0.5, 0.75, 2}, origin[] = {-10.5, 20.25, 30};
static const double direction[] = {0, 1, 0, -1, 0, 0, 0, 0, 1};

static void set_spacing(swr_writer* w) {
  assert_ok(w, swr_set_spacing(w, spacing, 3));
}
static void set_origin(swr_writer* w) {
  assert_ok(w, swr_set_origin(w, origin, 3));
}
static void set_direction(swr_writer* w) {
  assert_ok(w, swr_set_direction(w, direction, 9));
}
static void set_index(swr_writer* w) {
  const swr_region moved = region_3d(3, 0, -2, 6, 5, 4);
  assert_ok(w, swr_set_image_region(w, &moved));
}
static void set_unit(swr_writer* w) {
  assert_ok(w, swr_set_axis_unit(w, 2, SWR_UNIT_SECOND));
}

static const struct property {
  void (*set)(swr_writer*);
  uint32_t flag;
  const char* words; /* of the message that says that it is not held */
} properties[] = {
    {set_spacing, SWR_HOLDS_SPACING, "the spacing 0.5 0.75 2"},
    {set_origin, SWR_HOLDS_ORIGIN, "the origin -10.5 20.25 30"},
    {set_direction, SWR_HOLDS_DIRECTION, "the direction 0 1 0 -1 0 0 0 0 1"},
    {set_index, SWR_HOLDS_START_INDEX, "the start index 3 0 -2"},
    {set_unit, SWR_HOLDS_UNITS, "the unit s of axis 2"},
};
enum { property_count = sizeof properties / sizeof properties[0] };

static int is_held(const test_case* t, const struct property* p) {
  return (t->kind->flags & p->flag) != 0;
}

static volume picture(uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, 6, 5, 4);
  return volume_pattern(&region, SWR_INT16, 1, seed);
}

/* All warnings of a write. */
typedef struct all_warnings {
  int count;
  char text[2048];
} all_warnings;

static void take_each_warning(swr_log_level level, const char* message, void* user) {
  all_warnings* w = user;
  if (level != SWR_LOG_WARNING) return;
  ++w->count;
  snprintf(w->text + strlen(w->text), sizeof w->text - strlen(w->text), "%s\n", message);
}

static void what_is_not_held_is_refused_and_named(void** state) {
  const test_case* t = *state;
  volume v = picture(1);
  snapshot* before = snapshot_take();
  for (int i = 0; i < property_count; ++i) {
    swr_writer* w = writer_for(t, &v);
    properties[i].set(w);
    if (is_held(t, &properties[i])) {
      assert_ok(w, swr_check(w));
    } else {
      assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
      assert_says(swr_writer_message(w), properties[i].words);
      assert_says(swr_writer_message(w), t->kind->format);
      assert_says(swr_writer_message(w), "geometry");
    }
    swr_writer_destroy(w);
  }
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&v);
}

static void geometry_that_is_dropped_is_warned_of_and_the_pixels_are_written(void** state) {
  const test_case* t = *state;
  for (int i = 0; i < property_count; ++i) {
    if (is_held(t, &properties[i])) continue;
    volume v = picture(1);
    swr_writer* w = writer_for(t, &v);
    properties[i].set(w);
    all_warnings log = {0};
    assert_ok(w, swr_set_log(w, take_each_warning, &log));
    assert_ok(w, swr_set_option(w, "geometry", "drop"));
    assert_ok(w, swr_set_option(w, "strict", "on")); /* what is dropped was asked for */
    volume moved = v;
    if (properties[i].set == set_index) moved.region = region_3d(3, 0, -2, 6, 5, 4);
    source s = source_of(&moved);
    assert_ok(w, swr_write(w, pull_source, &s));
    assert_int_equal(log.count, 1);
    assert_says(log.text, properties[i].words);
    assert_file_holds(t->path, &v);

    /* The writer that dropped it finds its own file again. */
    volume changed = picture(2);
    moved.bytes = changed.bytes;
    s = source_of(&moved);
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
    assert_ok(w, swr_write(w, pull_source, &s));
    assert_file_holds(t->path, &changed);
    assert_ok(w, swr_set_option(w, "geometry", NULL));
    /* Units are not compared with those of a file. */
    if (properties[i].set != set_unit) assert_int_not_equal(swr_check(w), SWR_OK);
    swr_writer_destroy(w);
    volume_free(&changed);
    volume_free(&v);
  }
}

static void a_box_of_an_image_whose_start_index_is_dropped_is_pasted(void** state) {
  const test_case* t = *state;
  if (t->kind->flags & SWR_HOLDS_START_INDEX) return;
  const swr_region at = region_3d(10, -20, 30, 6, 5, 4), box = region_3d(12, -19, 31, 2, 3, 2);
  volume v = volume_pattern(&at, SWR_INT16, 1, 1), part = volume_pattern(&box, SWR_INT16, 1, 2);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  assert_ok(w, swr_set_option(w, "geometry", "drop"));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_ok(w, swr_set_paste_region(w, &box));
  s = source_of(&part);
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_region_equal(&s.asked[0], &box);
  volume_copy(&v, &part, &box);
  memset(v.region.index, 0, sizeof v.region.index);
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&part);
  volume_free(&v);
}

static void a_value_scale_that_is_not_held_is_refused(void** state) {
  const test_case* t = *state;
  volume v = picture(1);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_value_scale(w, 0.5, -1024));
  assert_ok(w, swr_set_option(w, "geometry", "drop"));
  if (t->kind->flags & SWR_HOLDS_VALUE_SCALE) {
    assert_ok(w, swr_check(w));
  } else {
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
    assert_says(swr_writer_message(w), "0.5 * stored + -1024");
  }
  swr_writer_destroy(w);
  volume_free(&v);
}

static void metadata_that_is_not_held_is_refused_if_it_was_set_here(void** state) {
  const test_case* t = *state;
  volume v = picture(1);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_metadata(w, "Scanner", "no. 7"));
  if (t->kind->flags & SWR_HOLDS_METADATA) {
    assert_ok(w, swr_check(w));
  } else {
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
    assert_says(swr_writer_message(w), "Scanner");
  }
  swr_writer_destroy(w);
  volume_free(&v);
}

static void other_values_of_the_option_are_refused(void** state) {
  (void)state;
  swr_writer* w = swr_writer_create();
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_option(w, "geometry", "some"));
  assert_says(swr_writer_message(w), "drop or exact");
  assert_ok(w, swr_set_option(w, "geometry", "exact"));
  swr_writer_destroy(w);
}

int main(void) {
  TEST_EACH(what_is_not_held_is_refused_and_named, SWR_CAN_STREAM);
  TEST_EACH(geometry_that_is_dropped_is_warned_of_and_the_pixels_are_written,
            SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST_EACH(a_box_of_an_image_whose_start_index_is_dropped_is_pasted,
            SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST_EACH(a_value_scale_that_is_not_held_is_refused, SWR_CAN_STREAM);
  TEST_EACH(metadata_that_is_not_held_is_refused_if_it_was_set_here, SWR_CAN_STREAM);
  TEST(other_values_of_the_option_are_refused);
  return run_all_tests("held");
}
