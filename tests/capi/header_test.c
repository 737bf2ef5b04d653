/* Headers: units, value scale, and headers that a new file starts from. */
#include <stdio.h>
#include <string.h>

#include "checked/checked.h"
#include "support/support.h"

static volume numbers(void) {
  const swr_region region = region_3d(0, 0, 0, 6, 5, 4);
  volume v = volume_new(&region, SWR_INT16, 1);
  for (int i = 0; i < 120; ++i) ((int16_t*)v.bytes)[i] = (int16_t)(10 * i);
  return v;
}

static swr_reader* opened(const char* path) {
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  return r;
}

static void assert_scale(const char* path, double slope, double intercept) {
  swr_reader* r = opened(path);
  double got[2] = {0};
  assert_reader_ok(r, swr_reader_get_value_scale(r, &got[0], &got[1]));
  assert_true(got[0] == slope && got[1] == intercept);
  swr_reader_destroy(r);
}

static void make_scaled(const test_case* t, const volume* v, double slope, double intercept) {
  swr_writer* w = writer_for(t, v);
  source s = source_of(v);
  assert_ok(w, swr_set_value_scale(w, slope, intercept));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  source_free(&s);
}

static void value_scale_comes_back(void** state) {
  const test_case* t = *state;
  volume v = numbers();
  make_scaled(t, &v, 0.5, -1024);
  assert_scale(t->path, 0.5, -1024);
  assert_file_holds(t->path, &v);
  volume_free(&v);
}

/* real = stored in the source, 2 * stored - 100 in the file. */
static void pasted_values_of_another_scale_are_converted_or_refused(void** state) {
  const test_case* t = *state;
  volume v = numbers();
  make_scaled(t, &v, 2, -100);
  const swr_region box = region_3d(1, 1, 1, 3, 2, 2);
  volume part = volume_new(&box, SWR_INT16, 1);
  volume_fill(&part, 300);
  swr_writer* w = new_writer(t);
  assert_ok(w, swr_set_source_scale(w, 1, 0));
  assert_ok(w, swr_set_paste_region(w, &box));
  source s = source_of(&part);
  assert_int_equal(swr_write(w, pull_source, &s), SWR_ERROR_MISMATCH);
  assert_non_null(strstr(swr_writer_message(w), "1 * stored + 0"));
  assert_non_null(strstr(swr_writer_message(w), "2 * stored + -100"));
  assert_int_equal(s.pulls, 0);
  assert_file_holds(t->path, &v);
  checks_off("they do not know of scales");
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
  assert_ok(w, swr_write(w, pull_source, &s));
  volume_fill(&part, 200);
  volume_copy(&v, &part, &box);
  assert_file_holds(t->path, &v);
  assert_scale(t->path, 2, -100);
  checks_on();
  swr_writer_destroy(w);
  source_free(&s);
  volume_free(&part);
  volume_free(&v);
}

/* Writes the volume, and opens what was written. */
static swr_reader* written_and_opened(const test_case* t, swr_writer* w, const volume* v) {
  source s = source_of(v);
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  source_free(&s);
  return opened(t->path);
}

static void a_copy_takes_after_its_reader(void** state) {
  const test_case* t = *state;
  volume v = numbers();
  swr_writer* w = writer_for(t, &v);
  const double spacing[] = {0.5, 0.25, 2}, origin[] = {1, 2, 3};
  assert_ok(w, swr_set_spacing(w, spacing, 3));
  assert_ok(w, swr_set_origin(w, origin, 3));
  assert_ok(w, swr_set_value_scale(w, 2, 1));
  assert_ok(w, swr_set_metadata(w, "Modality", "MR"));
  assert_ok(w, swr_set_metadata(w, "Gone", "soon"));
  char out[64];
  other_path(t, "copy", out);
  swr_reader* r = written_and_opened(t, w, &v);
  w = new_writer_at(t, out);
  assert_ok(w, swr_set_metadata(w, "Gone", NULL));
  assert_ok(w, swr_write(w, swr_reader_pull, r));
  assert_file_holds(out, &v);
  assert_scale(out, 2, 1);
  swr_reader* copy = opened(out);
  double got[3];
  assert_reader_ok(copy, swr_reader_get_spacing(copy, got, 3));
  assert_memory_equal(got, spacing, sizeof spacing);
  assert_reader_ok(copy, swr_reader_get_origin(copy, got, 3));
  assert_memory_equal(got, origin, sizeof origin);
  const char* value = NULL;
  assert_reader_ok(copy, swr_reader_get_metadata(copy, "Modality", &value));
  assert_string_equal(value, "MR");
  assert_reader_ok(copy, swr_reader_get_metadata(copy, "Gone", &value));
  assert_null(value);
  swr_reader_destroy(copy);
  swr_writer_destroy(w);
  /* With keep_header off, everything must be set. */
  w = new_writer_at(t, out);
  assert_ok(w, swr_set_keep_header(w, 0));
  assert_int_equal(swr_write(w, swr_reader_pull, r), SWR_ERROR_ARGUMENT);
  swr_writer_destroy(w);
  swr_reader_destroy(r);
  volume_free(&v);
}

static void a_copy_can_leave_metadata_and_keep_the_rest(void** state) {
  const test_case* t = *state;
  volume v = numbers();
  swr_writer* w = writer_for(t, &v);
  const double origin[] = {1, 2, 3};
  assert_ok(w, swr_set_origin(w, origin, 3));
  assert_ok(w, swr_set_value_scale(w, 2, 1));
  assert_ok(w, swr_set_metadata(w, "Modality", "MR"));
  char out[64];
  other_path(t, "copy", out);
  swr_reader* r = written_and_opened(t, w, &v);
  w = new_writer_at(t, out);
  assert_int_equal(swr_set_option(w, "metadata", "some"), SWR_ERROR_ARGUMENT);
  assert_ok(w, swr_set_option(w, "metadata", "drop"));
  assert_ok(w, swr_set_metadata(w, "Own", "entry"));
  assert_ok(w, swr_write(w, swr_reader_pull, r));
  swr_writer_destroy(w);
  assert_file_holds(out, &v);
  assert_scale(out, 2, 1);
  swr_reader* copy = opened(out);
  double got[3];
  assert_reader_ok(copy, swr_reader_get_origin(copy, got, 3));
  assert_memory_equal(got, origin, sizeof origin);
  const char* value = NULL;
  assert_reader_ok(copy, swr_reader_get_metadata(copy, "Modality", &value));
  assert_null(value);
  assert_reader_ok(copy, swr_reader_get_metadata(copy, "Own", &value));
  assert_string_equal(value, "entry");
  swr_reader_destroy(copy);
  swr_reader_destroy(r);
  volume_free(&v);
}

static void a_reader_of_fewer_axes_is_a_source(void** state) {
  const test_case* t = *state;
  volume v = numbers();
  make_file(t, &v);
  char out[64];
  other_path(t, "series", out);
  swr_region whole = {.dimensions = 4, .size = {6, 5, 4, 3}}, box = whole;
  box.index[3] = 2;
  box.size[3] = 1;
  swr_writer* w = new_writer_at(t, out);
  assert_ok(w, swr_set_image_region(w, &whole));
  assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_allocate(w));
  swr_writer_destroy(w);
  w = new_writer_at(t, out);
  swr_reader* r = opened(t->path);
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_set_divisions(w, 3));
  assert_ok(w, swr_write(w, swr_reader_pull, r));
  swr_reader* series = opened(out);
  int16_t got[120];
  assert_reader_ok(series, swr_reader_read(series, &box, got, sizeof got));
  assert_memory_equal(got, v.bytes, sizeof got);
  box.index[3] = 1;
  assert_reader_ok(series, swr_reader_read(series, &box, got, sizeof got));
  for (int i = 0; i < 120; ++i) assert_int_equal(got[i], 0);
  swr_reader_destroy(series);
  swr_reader_destroy(r);
  swr_writer_destroy(w);
  volume_free(&v);
}

/* Without a box, the plane's position along the missing axis is unknown. */
static void a_plane_says_which_box_of_its_volume_it_is(void** state) {
  const test_case* t = *state;
  volume v = numbers();
  make_file(t, &v);
  const swr_region plane = region_2d(0, 0, 6, 5);
  const swr_region box = region_3d(0, 0, 2, 6, 5, 1), thick = region_3d(0, 0, 2, 6, 5, 2),
                   outside = region_3d(0, 0, 4, 6, 5, 1), none = region_3d(0, 0, 0, 6, 5, 0);
  volume part = volume_new(&plane, SWR_INT16, 1);
  swr_reader* r = opened(t->path);
  assert_reader_ok(r, swr_reader_read(r, &box, part.bytes, volume_bytes(&part)));
  char out[64];
  other_path(t, "plane", out);
  swr_writer* w = new_writer_at(t, out);
  assert_ok(w, swr_set_header_from(w, r));
  swr_reader_destroy(r);
  assert_ok(w, swr_set_image_region(w, &plane));
  assert_status(w, SWR_ERROR_REGION, swr_set_header_region(w, &none));
  const swr_region* const wrong[] = {&thick, &outside, &plane};
  for (int i = 0; i < 3; ++i) {
    assert_ok(w, swr_set_header_region(w, wrong[i]));
    assert_status(w, SWR_ERROR_REGION, swr_check(w));
    assert_says(swr_writer_message(w), "the header region is");
  }
  const swr_region* const right[] = {NULL, &box};
  for (int i = 0; i < 2; ++i) {
    assert_ok(w, swr_set_header_region(w, right[i]));
    source s = source_of(&part);
    assert_ok(w, swr_write(w, pull_source, &s));
    source_free(&s);
    assert_file_holds(out, &part);
  }
  swr_writer_destroy(w);
  volume_free(&part);
  volume_free(&v);
}

static void units_are_those_of_the_file(void** state) {
  (void)state;
  static const char* const paths[] = {"image.mha", "image.nrrd", "image.nii"};
  for (int i = 0; i < 3; ++i) {
    volume v = numbers();
    swr_writer* w = swr_writer_create();
    const double spacing[] = {0.0005, 0.0005, 0.002};
    assert_ok(w, swr_set_path(w, paths[i]));
    describe(w, &v);
    assert_ok(w, swr_set_spacing(w, spacing, 3));
    for (int axis = 0; axis < 3; ++axis)
      assert_ok(w, swr_set_axis_unit(w, axis, SWR_UNIT_MICROMETRE));
    source s = source_of(&v);
    assert_ok(w, swr_write(w, pull_source, &s));
    swr_reader* r = opened(paths[i]);
    swr_unit unit = SWR_UNIT_NONE;
    assert_reader_ok(r, swr_reader_get_axis_unit(r, 2, &unit));
    assert_int_equal(unit, SWR_UNIT_MICROMETRE);
    double got[3];
    assert_reader_ok(r, swr_reader_get_spacing(r, got, 3));
    assert_true(got[2] > 0.00199999 && got[2] < 0.00200001);
    swr_reader_destroy(r);
    swr_writer_destroy(w);
    source_free(&s);
    volume_free(&v);
  }
  assert_int_equal(swr_unit_from_name("microns"), SWR_UNIT_MICROMETRE);
  assert_string_equal(swr_unit_name(SWR_UNIT_MICROMETRE), "um");
}

int main(void) {
  TEST_EACH(value_scale_comes_back, SWR_CAN_STREAM | SWR_HOLDS_VALUE_SCALE);
  TEST_EACH(pasted_values_of_another_scale_are_converted_or_refused,
            SWR_CAN_PASTE | SWR_HOLDS_VALUE_SCALE);
  TEST_EACH(a_copy_takes_after_its_reader,
            SWR_CAN_STREAM | HOLDS_GEOMETRY | SWR_HOLDS_VALUE_SCALE | SWR_HOLDS_METADATA);
  TEST_EACH(a_copy_can_leave_metadata_and_keep_the_rest,
            SWR_CAN_STREAM | HOLDS_GEOMETRY | SWR_HOLDS_VALUE_SCALE | SWR_HOLDS_METADATA);
  TEST_EACH(a_reader_of_fewer_axes_is_a_source, SWR_CAN_PASTE);
  TEST_EACH(a_plane_says_which_box_of_its_volume_it_is, SWR_CAN_STREAM | HOLDS_GEOMETRY);
  TEST(units_are_those_of_the_file);
  return run_all_tests("headers");
}
