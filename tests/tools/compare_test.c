/* swr compare: equal or not, and the first, the largest and the number of the differences. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

enum { different = 1 };

/* Exits with 1 and without a message; the document comes back without white space. */
static char* differs(const char* a, const char* b) {
  outcome o = swr_run("compare %s %s --json", a, b);
  assert_int_equal(o.code, different);
  assert_string_equal(o.err, "");
  char* document = json_compact(o.out);
  assert_has(document, "\"same\":false");
  outcome_free(&o);
  return document;
}

static void same(const char* a, const char* b) {
  char* document = swr_json("compare %s %s --json", a, b);
  assert_has(document, "\"same\":true,\"header\":[]");
  assert_has(document, "\"differing\":0,\"first\":null,\"largest\":null");
  free(document);
}

static void expect_difference(const char* a, const char* b, const char* words) {
  char* document = differs(a, b);
  assert_has(document, words);
  free(document);
}

static volume pattern_3d(int64_t x, int64_t y, int64_t z) {
  const swr_region region = region_3d(0, 0, 0, x, y, z);
  return volume_pattern(&region, SWR_INT16, 1, 1);
}

static void copy_of_any_format_is_the_same(void** state) {
  const test_case* t = *state;
  const swr_region region = held_region(t, region_3d(3, -2, 7, 25, 14, 16));
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  swr_writer* w = writer_for(t, &v);
  const double spacing[] = {0.1, 0.75, 2.3}, origin[] = {-1234.567, 20.1, 3},
               direction[] = {0, -0.6, 0.8, 1, 0, 0, 0, 0.8, 0.6};
  set_held_geometry(t, w, spacing, origin, direction);
  source s = source_of(&v);
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  swr_writer_destroy(w);
  same(t->path, t->path);
  const char* const others[] = {"copy.mha", "copy.nrrd", "copy.nii.gz", "copy.nii", "copy.mhd"};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; ++i) {
    swr_copies("copy %s %s --quiet", t->path, others[i]);
    same(t->path, others[i]);
    same(others[i], t->path);
  }
  char* out = swr_output("compare %s copy.nrrd", t->path);
  assert_has(out, "image");
  assert_has(out, " and copy.nrrd: the same\n");
  free(out);
  volume_free(&v);
}

static void one_pixel_that_differs_is_found_wherever_it_is(void** state) {
  const test_case* t = *state;
  volume v = pattern_3d(40, 30, 20);
  make_file(t, &v);
  const int64_t places[][3] = {{0, 0, 0}, {39, 29, 19}, {17, 23, 11}};
  for (size_t i = 0; i < sizeof places / sizeof places[0]; ++i) {
    const int64_t* at = places[i];
    const int64_t pixel = (at[2] * 30 + at[1]) * 40 + at[0];
    volume changed = pattern_3d(40, 30, 20);
    const double old = component_load(v.bytes + 2 * pixel, SWR_INT16);
    const double new = old > 0 ? old - 5 : old + 5;
    component_store(changed.bytes + 2 * pixel, SWR_INT16, new);
    make_file_at("changed.nrrd", &changed);
    char words[256];
    snprintf(words, sizeof words,
             "\"header\":[],\"compared\":\"stored values\",\"reason\":\"\",\"pixels\":24000,"
             "\"differing\":1,\"first\":{\"index\":[%d,%d,%d],\"component\":0,\"a\":%d,\"b\":%d,"
             "\"difference\":5.0}",
             (int)at[0], (int)at[1], (int)at[2], (int)old, (int)new);
    expect_difference(t->path, "changed.nrrd", words);
    volume_free(&changed);
  }
  volume_free(&v);
}

static void first_and_largest_difference_and_their_number_are_told(void** state) {
  (void)state;
  const swr_region region = region_2d(5, 7, 4, 3);
  volume a = volume_new(&region, SWR_UINT8, 3), b = volume_new(&region, SWR_UINT8, 3);
  b.bytes[3 * 2 + 1] = 4;   /* pixel 2,0, two components of it */
  b.bytes[3 * 2 + 2] = 2;   /* the same pixel */
  b.bytes[3 * 9 + 0] = 200; /* pixel 1,2 */
  make_file_at("a.mha", &a);
  make_file_at("b.nrrd", &b);
  expect_difference(
      "a.mha", "b.nrrd",
      "\"pixels\":12,\"differing\":2,"
      "\"first\":{\"index\":[7,7],\"component\":1,\"a\":0,\"b\":4,\"difference\":4.0},"
      "\"largest\":{\"index\":[6,9],\"component\":0,\"a\":0,\"b\":200,"
      "\"difference\":200.0}");
  outcome o = swr_run("compare a.mha b.nrrd");
  assert_int_equal(o.code, different);
  assert_string_equal(o.out,
                      "pixels: 2 of 12 differ; the first at 7,7 in component 1 (0 and 4); the "
                      "largest difference is 200 at 6,9 in component 0 (0 and 200)\n");
  outcome_free(&o);
  o = swr_run("compare a.mha b.nrrd --quiet");
  assert_int_equal(o.code, different);
  assert_string_equal(o.out, "");
  outcome_free(&o);
  volume_free(&a);
  volume_free(&b);
}

static void store_float(volume* v, int pixel, double value) {
  component_store(v->bytes + 4 * pixel, SWR_FLOAT32, value);
}

static void nan_equals_nan_and_nothing_else(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 4, 1);
  volume a = volume_new(&region, SWR_FLOAT32, 1), b = volume_new(&region, SWR_FLOAT32, 1);
  store_float(&a, 1, NAN);
  store_float(&b, 1, NAN);
  b.bytes[4] ^= 1; /* another NaN */
  store_float(&a, 2, 0.);
  store_float(&b, 2, -0.);
  store_float(&a, 3, INFINITY);
  store_float(&b, 3, INFINITY);
  make_file_at("a.mha", &a);
  make_file_at("b.mha", &b);
  same("a.mha", "b.mha");
  store_float(&b, 1, 7);
  make_file_at("b.mha", &b);
  expect_difference("a.mha", "b.mha",
                    "\"differing\":1,\"first\":{\"index\":[1,0],\"component\":0,\"a\":null,"
                    "\"b\":7.0,\"difference\":null}");
  volume_free(&a);
  volume_free(&b);
}

static void integers_of_64_bits_are_compared_exactly(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 2, 1);
  volume a = volume_new(&region, SWR_UINT64, 1), b = volume_new(&region, SWR_UINT64, 1);
  const uint64_t most = UINT64_MAX, less = UINT64_MAX - 1;
  memcpy(a.bytes, &most, sizeof most);
  memcpy(b.bytes, &less, sizeof less);
  make_file_at("a.mha", &a);
  make_file_at("b.mha", &b);
  expect_difference("a.mha", "b.mha",
                    "\"a\":18446744073709551615,\"b\":18446744073709551614,\"difference\":1.0");
  volume_free(&a);
  volume_free(&b);
}

static void another_component_type_with_the_same_values_differs_in_the_header_alone(void** state) {
  (void)state;
  swr_ok("make a.mha --size 9,8,7 --type uint8 --pattern noise");
  swr_ok("copy a.mha b.nii --type float32 --convert exact");
  expect_difference(
      "a.mha", "b.nii",
      "\"header\":[{\"field\":\"component\",\"a\":\"uint8\",\"b\":\"float32\"}],"
      "\"compared\":\"stored values\",\"reason\":\"\",\"pixels\":504,\"differing\":0");
}

static void every_field_of_the_header_is_compared(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 4, 3), moved = region_2d(2, 0, 4, 3);
  const double one[] = {1, 1}, two[] = {1, 2}, place[] = {0, 0.5}, turned[] = {0, -1, 1, 0};
  volume v = volume_pattern(&region, SWR_INT16, 1, 1), other = v;
  other.region = moved;
  make_file_at("a.mha", &v);
  struct {
    const volume* v;
    const double *spacing, *origin, *direction;
    const char *key, *words;
  } changes[] = {
      {&other, one, NULL, NULL, NULL, "[{\"field\":\"index\",\"a\":[0,0],\"b\":[2,0]}]"},
      {&v, two, NULL, NULL, NULL, "[{\"field\":\"spacing\",\"a\":[1.0,1.0],\"b\":[1.0,2.0]}]"},
      {&v, one, place, NULL, NULL, "[{\"field\":\"origin\",\"a\":[0.0,0.0],\"b\":[0.0,0.5]}]"},
      {&v, one, NULL, turned, NULL,
       "[{\"field\":\"direction\",\"a\":[[1.0,0.0],[0.0,1.0]],\"b\":[[0.0,-1.0],[1.0,0.0]]}]"},
      {&v, one, NULL, NULL, "Patient",
       "[{\"field\":\"metadata\",\"key\":\"Patient\",\"a\":null,\"b\":\"Jane\"}]"},
  };
  const test_case t = {.path = "unused"};
  for (size_t i = 0; i < sizeof changes / sizeof changes[0]; ++i) {
    swr_writer* w = new_writer_at(&t, "b.nrrd");
    describe(w, changes[i].v);
    assert_ok(w, swr_set_spacing(w, changes[i].spacing, 2));
    if (changes[i].origin) assert_ok(w, swr_set_origin(w, changes[i].origin, 2));
    if (changes[i].direction) assert_ok(w, swr_set_direction(w, changes[i].direction, 4));
    if (changes[i].key) assert_ok(w, swr_set_metadata(w, changes[i].key, "Jane"));
    source s = source_of(changes[i].v);
    assert_ok(w, swr_write(w, pull_source, &s));
    source_free(&s);
    swr_writer_destroy(w);
    char words[256];
    snprintf(words, sizeof words, "\"header\":%s,\"compared\":\"stored values\"", changes[i].words);
    expect_difference("a.mha", "b.nrrd", words);
  }
  /* The last one, in words. */
  outcome o = swr_run("compare b.nrrd a.mha");
  assert_int_equal(o.code, different);
  assert_string_equal(o.out, "metadata Patient: Jane in b.nrrd, none in a.mha\n");
  outcome_free(&o);
  volume_free(&v);
}

static void make_in_unit(const char* path, swr_unit unit) {
  const swr_region region = region_2d(0, 0, 4, 3);
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  const test_case t = {.path = "unused"};
  swr_writer* w = new_writer_at(&t, path);
  describe(w, &v);
  for (int axis = 0; axis < 2; ++axis) assert_ok(w, swr_set_axis_unit(w, axis, unit));
  source s = source_of(&v);
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void units_are_compared_and_lengths_without_one_are_in_millimetres(void** state) {
  (void)state;
  make_in_unit("none.mha", SWR_UNIT_NONE);
  make_in_unit("mm.nrrd", SWR_UNIT_MILLIMETRE);
  make_in_unit("um.nrrd", SWR_UNIT_MICROMETRE);
  same("none.mha", "mm.nrrd");
  expect_difference("none.mha", "um.nrrd",
                    "\"header\":[{\"field\":\"units\",\"a\":[\"\",\"\"],\"b\":[\"um\",\"um\"]}]");
  expect_difference("um.nrrd", "mm.nrrd", "\"field\":\"units\"");
}

static void images_of_other_sizes_are_told_apart_without_their_pixels(void** state) {
  (void)state;
  swr_ok("make a.mha --size 4,3,2");
  swr_ok("make b.mha --size 4,3,3");
  swr_ok("make c.mha --size 4,3");
  expect_difference("a.mha", "b.mha",
                    "\"header\":[{\"field\":\"size\",\"a\":[4,3,2],\"b\":[4,3,3]}],"
                    "\"compared\":\"none\",\"reason\":\"the sizes are 4 x 3 x 2 and 4 x 3 x 3\"");
  expect_difference("a.mha", "c.mha", "{\"field\":\"dimensions\",\"a\":3,\"b\":2}");
}

/* A NIfTI-1 file of the ramp 0 to 23 whose header has another value scale. */
static void make_scaled(const char* path, float slope, float intercept, int stored_step) {
  swr_ok("make %s --size 4,3,2 --type int16", path);
  int64_t bytes = 0;
  unsigned char* file = load_file(path, &bytes);
  memcpy(file + 112, &slope, 4);
  memcpy(file + 116, &intercept, 4);
  for (int i = 0; i < 24; ++i)
    component_store(file + bytes - 48 + 2 * i, SWR_INT16, stored_step * i);
  save_file(path, file, bytes);
  free(file);
}

static void files_of_different_value_scales_are_compared_by_their_real_values(void** state) {
  (void)state;
  make_scaled("a.nii", 0.1f, -1024, 2);
  make_scaled("b.nii", 0.2f, -1024, 1);
  make_scaled("c.nii", 0.2f, -1023, 1);
  expect_difference("a.nii", "b.nii", "{\"field\":\"slope\"");
  expect_difference("a.nii", "b.nii",
                    "\"compared\":\"real values\",\"reason\":\"\",\"pixels\":24,\"differing\":0");
  expect_difference("a.nii", "c.nii", "\"differing\":24,\"first\":{\"index\":[0,0,0]");
}

static void memory_stays_within_the_limit(void** state) {
  (void)state;
  swr_ok("make a.mha --size 128,128,128 --type uint16 --pattern noise -q");
  swr_ok("copy a.mha b.nii.gz --memory 2M -q");
  swr_ok("compare a.mha b.nii.gz --memory 2M --threads 1 -q");
  swr_ok("redact b.nii.gz --region 127,127,127:1,1,1 -q");
  outcome o = swr_run("compare a.mha b.nii.gz --memory 2M --json");
  assert_int_equal(o.code, different);
  char* document = json_compact(o.out);
  assert_has(document, "\"differing\":1,\"first\":{\"index\":[127,127,127]");
  free(document);
  outcome_free(&o);
}

static void file_that_cannot_be_read_is_an_error_and_no_difference(void** state) {
  (void)state;
  swr_ok("make a.mha --size 4,3,2");
  save_file("letter.txt", "Dear Sir or Madam", 17);
  swr_fails(SWR_ERROR_FORMAT, "letter.txt", "compare a.mha letter.txt --json");
  swr_fails(SWR_ERROR_NOT_FOUND, "gone.mha", "compare gone.mha a.mha");
}

int main(void) {
  TEST_EACH(copy_of_any_format_is_the_same, SWR_CAN_STREAM);
  TEST_EACH(one_pixel_that_differs_is_found_wherever_it_is, SWR_CAN_STREAM);
  TEST(first_and_largest_difference_and_their_number_are_told);
  TEST(nan_equals_nan_and_nothing_else);
  TEST(integers_of_64_bits_are_compared_exactly);
  TEST(another_component_type_with_the_same_values_differs_in_the_header_alone);
  TEST(every_field_of_the_header_is_compared);
  TEST(units_are_compared_and_lengths_without_one_are_in_millimetres);
  TEST(images_of_other_sizes_are_told_apart_without_their_pixels);
  TEST(files_of_different_value_scales_are_compared_by_their_real_values);
  TEST(memory_stays_within_the_limit);
  TEST(file_that_cannot_be_read_is_an_error_and_no_difference);
  return run_all_tests("swr compare");
}
