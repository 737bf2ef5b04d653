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

static int is_format(const test_case* t, const char* name) {
  return strcmp(t->kind->format, name) == 0;
}

/* MetaImage has one unit of length; NIfTI has one too, and on the fourth axis one of time. */
static int is_held(const test_case* t, const struct property* p) {
  if (p->set == set_unit && (is_format(t, "MetaImage") || is_format(t, "NIfTI"))) return 0;
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

static const swr_unit lengths[] = {SWR_UNIT_METRE,      SWR_UNIT_CENTIMETRE, SWR_UNIT_MILLIMETRE,
                                   SWR_UNIT_MICROMETRE, SWR_UNIT_NANOMETRE,  SWR_UNIT_INCH,
                                   SWR_UNIT_ANGSTROM};
enum { length_count = sizeof lengths / sizeof lengths[0] };

/* Whether files of the format say that all axes of space are in this unit. */
static int states_length(const test_case* t, swr_unit unit) {
  if (is_format(t, "MetaImage"))
    return unit == SWR_UNIT_MILLIMETRE || unit == SWR_UNIT_MICROMETRE ||
           unit == SWR_UNIT_CENTIMETRE;
  if (is_format(t, "NIfTI"))
    return unit == SWR_UNIT_METRE || unit == SWR_UNIT_MILLIMETRE || unit == SWR_UNIT_MICROMETRE;
  if (is_format(t, "MRC")) return unit == SWR_UNIT_ANGSTROM;
  return (t->kind->flags & SWR_HOLDS_UNITS) != 0;
}

/* Millimetres need no words where there are lengths. */
static int holds_length(const test_case* t, swr_unit unit) {
  const int counts_as_mm = (t->kind->flags & SWR_HOLDS_SPACING) && !is_format(t, "MRC");
  return states_length(t, unit) || (unit == SWR_UNIT_MILLIMETRE && counts_as_mm);
}

static void assert_unit_says(const char* words, swr_unit unit, int axis) {
  char expected[64];
  snprintf(expected, sizeof expected, "the unit %s of axis %d", swr_unit_name(unit), axis);
  assert_says(words, expected);
}

static swr_writer* writer_with_unit(const test_case* t, const volume* v, swr_unit unit) {
  swr_writer* w = writer_for(t, v);
  for (int axis = 0; axis < 3; ++axis) assert_ok(w, swr_set_axis_unit(w, axis, unit));
  if (t->kind->flags & SWR_HOLDS_SPACING) set_spacing(w);
  return w;
}

static void assert_units_of_file(const char* path, swr_unit unit, int has_spacing) {
  swr_reader* r = swr_reader_create();
  double found[3];
  assert_reader_ok(r, swr_reader_open(r, path));
  for (int axis = 0; axis < 3; ++axis) {
    swr_unit stated;
    assert_reader_ok(r, swr_reader_get_axis_unit(r, axis, &stated));
    assert_int_equal(stated, unit);
  }
  assert_reader_ok(r, swr_reader_get_spacing(r, found, 3));
  for (int axis = 0; has_spacing && axis < 3; ++axis)
    assert_float_equal(found[axis], spacing[axis], 1e-6 * spacing[axis]);
  swr_reader_destroy(r);
}

static void each_unit_of_length_comes_back_or_is_refused(void** state) {
  const test_case* t = *state;
  volume v = picture(1);
  for (int i = 0; i < length_count; ++i) {
    swr_writer* w = writer_with_unit(t, &v, lengths[i]);
    source s = source_of(&v);
    if (!holds_length(t, lengths[i])) {
      assert_status(w, SWR_ERROR_UNSUPPORTED, swr_write(w, pull_source, &s));
      assert_int_equal(s.pulls, 0);
      for (int axis = 0; axis < 3; ++axis)
        assert_unit_says(swr_writer_message(w), lengths[i], axis);
      assert_ok(w, swr_set_option(w, "geometry", "drop"));
      all_warnings log = {0};
      assert_ok(w, swr_set_log(w, take_each_warning, &log));
      assert_ok(w, swr_write(w, pull_source, &s));
      assert_int_equal(log.count, 1);
      assert_unit_says(log.text, lengths[i], 2);
    } else {
      assert_ok(w, swr_write(w, pull_source, &s));
      if (states_length(t, lengths[i])) assert_units_of_file(t->path, lengths[i], 1);
    }
    swr_writer_destroy(w);
  }
  volume_free(&v);
}

static void a_unit_of_one_axis_comes_back_or_is_refused(void** state) {
  const test_case* t = *state;
  volume v = picture(1);
  swr_writer* w = writer_with_unit(t, &v, SWR_UNIT_MILLIMETRE);
  if (is_format(t, "MRC") || !(t->kind->flags & SWR_HOLDS_SPACING)) skip();
  assert_ok(w, swr_set_axis_unit(w, 1, SWR_UNIT_MICROMETRE));
  const int is_refused =
      !(t->kind->flags & SWR_HOLDS_UNITS) || is_format(t, "MetaImage") || is_format(t, "NIfTI");
  source s = source_of(&v);
  if (is_refused) {
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_write(w, pull_source, &s));
    assert_unit_says(swr_writer_message(w), SWR_UNIT_MICROMETRE, 1);
  } else {
    swr_unit found;
    assert_ok(w, swr_write(w, pull_source, &s));
    swr_reader* r = swr_reader_create();
    assert_reader_ok(r, swr_reader_open(r, t->path));
    assert_reader_ok(r, swr_reader_get_axis_unit(r, 1, &found));
    assert_int_equal(found, SWR_UNIT_MICROMETRE);
    assert_reader_ok(r, swr_reader_get_axis_unit(r, 2, &found));
    assert_int_equal(found, SWR_UNIT_MILLIMETRE);
    swr_reader_destroy(r);
  }
  swr_writer_destroy(w);
  volume_free(&v);
}

/* A file without metadata, open; of Angstrom, say, or SWR_UNIT_NONE. */
static swr_reader* model_of(const volume* v, swr_unit unit, int has_spacing) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, "model.nrrd"));
  describe(w, v);
  for (int axis = 0; axis < 3 && unit != SWR_UNIT_NONE; ++axis)
    assert_ok(w, swr_set_axis_unit(w, axis, unit));
  if (has_spacing) set_spacing(w);
  source s = source_of(v);
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  swr_reader* model = swr_reader_create();
  assert_reader_ok(model, swr_reader_open(model, "model.nrrd"));
  return model;
}

/* The units are those of a model; an ordinary conversion does not fail because of them. */
static void a_unit_of_another_file_comes_back_or_is_left_out_with_a_warning(void** state) {
  const test_case* t = *state;
  if (!(t->kind->flags & SWR_HOLDS_SPACING)) skip();
  volume v = picture(1);
  for (int i = 0; i < length_count; ++i) {
    swr_reader* model = model_of(&v, lengths[i], 1);
    swr_writer* w = writer_for(t, &v);
    assert_ok(w, swr_set_header_from(w, model));
    all_warnings log = {0};
    assert_ok(w, swr_set_log(w, take_each_warning, &log));
    source s = source_of(&v);
    assert_ok(w, swr_write(w, pull_source, &s));
    if (holds_length(t, lengths[i])) {
      assert_null(strstr(log.text, "the unit"));
      if (states_length(t, lengths[i])) assert_units_of_file(t->path, lengths[i], 1);
    } else {
      assert_unit_says(log.text, lengths[i], 0);
      const int changes = lengths[i] == SWR_UNIT_ANGSTROM || is_format(t, "MRC");
      assert_int_equal(strstr(log.text, "are not converted") != NULL, changes);
      assert_ok(w, swr_set_option(w, "strict", "on"));
      assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
      assert_unit_says(swr_writer_message(w), lengths[i], 0);
    }
    swr_writer_destroy(w);
    swr_reader_destroy(model);
  }
  volume_free(&v);
}

typedef struct numbers_without_a_unit {
  int of_model, of_writer, warns; /* where MRC is written */
} numbers_without_a_unit;

/* Numbers of a model without units count as Angstrom in MRC, with a warning. Those that the
 * application sets are what it says they are, and a pixel of size 1 at 0 says nothing. */
static void lengths_without_a_unit_become_angstrom_with_a_warning(void** state) {
  const test_case* t = *state;
  const numbers_without_a_unit cases[] = {{1, 0, 1}, {1, 1, 0}, {0, 1, 0}, {0, 0, 0}};
  if (!(t->kind->flags & SWR_HOLDS_SPACING)) skip();
  volume v = picture(1);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    swr_reader* model = model_of(&v, SWR_UNIT_NONE, cases[i].of_model);
    swr_writer* w = writer_for(t, &v);
    assert_ok(w, swr_set_header_from(w, model));
    if (cases[i].of_writer) set_spacing(w);
    all_warnings log = {0};
    assert_ok(w, swr_set_log(w, take_each_warning, &log));
    source s = source_of(&v);
    assert_ok(w, swr_write(w, pull_source, &s));
    const int warned = strstr(log.text, "numbers without a unit are not converted") != NULL;
    assert_int_equal(warned, cases[i].warns && is_format(t, "MRC"));
    swr_writer_destroy(w);
    swr_reader_destroy(model);
  }
  volume_free(&v);
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
  TEST_EACH(each_unit_of_length_comes_back_or_is_refused, SWR_CAN_STREAM);
  TEST_EACH(a_unit_of_one_axis_comes_back_or_is_refused, SWR_CAN_STREAM);
  TEST_EACH(a_unit_of_another_file_comes_back_or_is_left_out_with_a_warning, SWR_CAN_STREAM);
  TEST_EACH(lengths_without_a_unit_become_angstrom_with_a_warning, SWR_CAN_STREAM);
  TEST_EACH(a_box_of_an_image_whose_start_index_is_dropped_is_pasted,
            SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST_EACH(a_value_scale_that_is_not_held_is_refused, SWR_CAN_STREAM);
  TEST_EACH(metadata_that_is_not_held_is_refused_if_it_was_set_here, SWR_CAN_STREAM);
  TEST(other_values_of_the_option_are_refused);
  return run_all_tests("held");
}
