/* Conversion between pixel types: every pair, in new files and pastes, with each policy; and
 * numbers of components. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sanitized.h"
#include "support/support.h"

enum { width = 8, height = 6, depth = 5 };

static int is_floating(swr_component type) {
  return type == SWR_FLOAT32 || type == SWR_FLOAT64;
}

static int same(long double a, long double b) {
  return a == b || (isnan(a) && isnan(b));
}

/* The pattern, with the difficult values at its beginning. */
static volume hard_values(swr_component type) {
  const swr_region region = region_3d(0, 0, 0, width, height, depth);
  volume v = volume_pattern(&region, type, 1, (uint64_t)type);
  const int32_t bytes = swr_component_bytes(type);
  const double floating[] = {
      0.5,    1.5,     2.5,    -0.5,  -1.5,     -2.5,     254.5,        255.5,        -128.5,
      127.5,  65535.5, -0.0,   NAN,   1e30,     -1e30,    4294967295.5, 2147483647.5, -2147483648.5,
      9.3e18, -9.3e18, 1.9e19, 1e-30, 16777217, INFINITY, -INFINITY,    0.49999997,   3.4e38};
  if (is_floating(type)) {
    for (size_t i = 0; i < sizeof floating / sizeof floating[0]; ++i)
      component_store(v.bytes + (int)i * bytes, type, floating[i]);
    if (type == SWR_FLOAT64) component_store(v.bytes + 40 * 8, type, 1e300);
  } else {
    const uint64_t integers[] = {0,
                                 1,
                                 127,
                                 128,
                                 129,
                                 255,
                                 256,
                                 32767,
                                 32768,
                                 65535,
                                 65536,
                                 UINT64_C(1) << 24,
                                 (UINT64_C(1) << 24) + 1,
                                 (UINT64_C(1) << 53) + 1,
                                 UINT64_C(1) << 63,
                                 (UINT64_C(1) << 63) - 1,
                                 ~UINT64_C(0),
                                 ~UINT64_C(1),
                                 ~UINT64_C(127),
                                 UINT64_C(1) << 31,
                                 (UINT64_C(1) << 31) - 1};
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; ++i)
      memcpy(v.bytes + (int)i * bytes, &integers[i], (size_t)bytes);
  }
  return v;
}

static void assert_converted(const volume* got, const volume* from, const swr_region* region,
                             swr_component to) {
  const int64_t count = region_pixels(region);
  unsigned char *in = malloc((size_t)(count * 8)), *out = malloc((size_t)(count * 8));
  volume_get(from, region, in);
  volume_get(got, region, out);
  for (int64_t i = 0; i < count; ++i) {
    const long double value =
        component_exact(in + i * swr_component_bytes(from->component), from->component);
    const long double is = component_exact(out + i * swr_component_bytes(to), to),
                      expected = clamped(value, to);
    if (same(is, expected)) continue;
    print_error("%s %.20Lg became %s %.20Lg, not %.20Lg\n", swr_component_name(from->component),
                value, swr_component_name(to), is, expected);
    fail();
  }
  free(in);
  free(out);
}

/* Pixels are converted before the format stores them: image/convert_test.cpp has every pair, and
 * here each kind has every type on both sides. */
static int is_tested(const test_case* t, int from, int to) {
  return takes_its_turn(t, from + to, SANITIZED || t->kind->compressed ? 10 : 5);
}

static void clamp_of_pairs_creates_and_pastes(void** state) {
  const test_case* t = *state;
  const swr_region box = region_3d(0, 0, 0, width, 5, 4);
  const int pastes =
      (t->kind->flags & (t->kind->compressed ? SWR_CAN_PASTE_COMPRESSED : SWR_CAN_PASTE)) != 0;
  for (int from = SWR_UINT8; from <= SWR_FLOAT64; ++from) {
    volume v = hard_values((swr_component)from);
    for (int to = SWR_UINT8; to <= SWR_FLOAT64; ++to) {
      if (!is_tested(t, from, to)) continue;
      source s = source_of(&v);
      s.how = (from + to) % 3 == 0 ? LENDS_ALL : (from + to) % 3 == 1 ? FILLS : LENDS_PIECE;
      volume old = volume_pattern(&v.region, (swr_component)to, 1, 77);
      swr_writer* w = writer_for(t, &old);
      assert_ok(w, swr_set_source_type(w, (swr_component)from));
      assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_CLAMP));
      assert_ok(w, swr_set_divisions(w, 1 + (from + to) % 4));
      assert_ok(w, swr_write(w, pull_source, &s));
      volume got = read_volume(t->path);
      assert_int_equal(got.component, to);
      assert_converted(&got, &v, &v.region, (swr_component)to);
      volume_free(&got);
      if (pastes) {
        make_file(t, &old);
        assert_ok(w, swr_set_paste_region(w, &box));
        assert_ok(w, swr_write(w, pull_source, &s));
        got = read_volume(t->path);
        assert_converted(&got, &v, &box, (swr_component)to);
        volume_copy(&old, &got, &box);
        assert_volume_equal(&got, &old); /* nothing else changed */
        volume_free(&got);
      }
      source_free(&s);
      swr_writer_destroy(w);
      volume_free(&old);
    }
    volume_free(&v);
  }
}

static void without_a_policy_a_pair_is_a_mismatch_that_names_both(void** state) {
  const test_case* t = *state;
  for (int from = SWR_UINT8; from <= SWR_FLOAT64; ++from) {
    for (int to = SWR_UINT8; to <= SWR_FLOAT64; ++to) {
      volume v = hard_values((swr_component)from), target = hard_values((swr_component)to);
      swr_writer* w = writer_for(t, &target);
      source s = source_of(&v);
      assert_ok(w, swr_set_source_type(w, (swr_component)from));
      if (from == to) {
        assert_ok(w, swr_check(w));
      } else {
        assert_status(w, SWR_ERROR_MISMATCH, swr_check(w));
        assert_status(w, SWR_ERROR_MISMATCH, swr_write(w, pull_source, &s));
        assert_says(swr_writer_message(w), swr_component_name((swr_component)from));
        assert_says(swr_writer_message(w), swr_component_name((swr_component)to));
        assert_int_equal(s.pulls, 0);
        assert_file_count(0);
      }
      swr_writer_destroy(w);
      volume_free(&v);
      volume_free(&target);
    }
  }
}

static void exact_takes_values_that_survive(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, width, height, depth);
  for (int from = SWR_UINT8; from <= SWR_FLOAT64; ++from) {
    volume v = volume_new(&region, (swr_component)from, 1);
    const int32_t bytes = swr_component_bytes(v.component);
    for (int i = 0; i < width * height * depth; ++i)
      component_store(v.bytes + i * bytes, v.component, i % 128);
    for (int to = SWR_UINT8; to <= SWR_FLOAT64; ++to) {
      if (!is_tested(t, from, to)) continue;
      volume target = volume_new(&region, (swr_component)to, 1);
      swr_writer* w = writer_for(t, &target);
      source s = source_of(&v);
      assert_ok(w, swr_set_source_type(w, (swr_component)from));
      assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
      assert_ok(w, swr_set_divisions(w, 3));
      assert_ok(w, swr_write(w, pull_source, &s));
      volume got = read_volume(t->path);
      assert_converted(&got, &v, &region, (swr_component)to);
      volume_free(&got);
      swr_writer_destroy(w);
      volume_free(&target);
    }
    volume_free(&v);
  }
}

static void exact_stops_at_the_first_loss_and_leaves_the_file(void** state) {
  const test_case* t = *state;
  const swr_region region = held_region(t, region_3d(10, 20, 30, width, height, depth));
  volume old = volume_pattern(&region, SWR_UINT8, 1, 5), v = volume_new(&region, SWR_FLOAT32, 1);
  make_file(t, &old);
  snapshot* before = snapshot_take();
  volume_fill(&v, 9);
  const struct {
    int x, y, z;
    float value;
    const char* text;
  } rows[] = {
      {0, 0, 0, 0.5f, "0.5"}, {7, 5, 4, -1, "-1"}, {3, 2, 1, 256, "256"}, {4, 0, 3, NAN, "nan"}};
  for (int i = 3; i >= 0; --i) {
    const int64_t at = ((int64_t)rows[i].z * height + rows[i].y) * width + rows[i].x;
    memcpy(v.bytes + at * 4, &rows[i].value, 4);
    const swr_region pixel = region_3d(region.index[0] + rows[i].x, region.index[1] + rows[i].y,
                                       region.index[2] + rows[i].z, 1, 1, 1);
    char index[64];
    snprintf(index, sizeof index, "%s", region_text(&pixel));
    *strchr(index, ')') = 0; /* "(13,22,31" */
    for (int policy = SWR_EXISTING_REPLACE; policy <= SWR_EXISTING_UPDATE; policy += 2) {
      if (policy == SWR_EXISTING_UPDATE &&
          !(t->kind->flags & (t->kind->compressed ? SWR_CAN_PASTE_COMPRESSED : SWR_CAN_PASTE)))
        continue;
      swr_writer* w = writer_for(t, &old);
      source s = source_of(&v);
      assert_ok(w, swr_set_existing(w, (swr_existing)policy));
      assert_ok(w, swr_set_source_type(w, SWR_FLOAT32));
      assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
      assert_ok(w, swr_set_divisions(w, 2));
      assert_status(w, SWR_ERROR_CONVERSION, swr_write(w, pull_source, &s));
      assert_says(swr_writer_message(w), index);
      assert_says(swr_writer_message(w), rows[i].text);
      assert_unchanged(before);
      swr_writer_destroy(w);
    }
    volume_fill(&v, 9);
  }
  snapshot_free(before);
  volume_free(&old);
  volume_free(&v);
}

static void a_refused_put_stores_nothing_and_the_write_goes_on(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, width, height, depth);
  volume target = volume_new(&region, SWR_UINT8, 1), v = volume_new(&region, SWR_INT16, 1);
  swr_writer* w = writer_for(t, &target);
  assert_ok(w, swr_set_source_type(w, SWR_INT16));
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
  assert_ok(w, swr_begin(w));
  volume_fill(&v, 5);
  assert_ok(w, swr_put(w, &region, v.bytes, volume_bytes(&v)));
  volume_fill(&v, 6);
  component_store(v.bytes + volume_bytes(&v) - 2, SWR_INT16, 700);
  assert_status(w, SWR_ERROR_CONVERSION, swr_put(w, &region, v.bytes, volume_bytes(&v)));
  assert_ok(w, swr_finish(w));
  volume_fill(&target, 5);
  assert_file_holds(t->path, &target);
  swr_writer_destroy(w);
  volume_free(&target);
  volume_free(&v);
}

static void a_paste_into_another_type_is_converted_to_that_of_the_file(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, width, height, depth),
                   box = region_3d(1, 1, 1, 3, 3, 3);
  volume old = volume_pattern(&region, SWR_UINT8, 1, 1), v = volume_new(&region, SWR_INT16, 1);
  make_file(t, &old);
  volume_fill(&v, 300);
  swr_writer* w = swr_writer_create(); /* the stored type is left to the file */
  source s = source_of(&v);
  assert_ok(w, swr_set_path(w, t->path));
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_set_source_type(w, SWR_INT16));
  assert_status(w, SWR_ERROR_MISMATCH, swr_write(w, pull_source, &s));
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_CLAMP));
  assert_ok(w, swr_write(w, pull_source, &s));
  volume full = volume_new(&region, SWR_UINT8, 1);
  volume_fill(&full, 255);
  volume_copy(&old, &full, &box);
  assert_file_holds(t->path, &old);
  swr_writer_destroy(w);
  volume_free(&old);
  volume_free(&v);
  volume_free(&full);
}

static void a_stored_type_that_differs_is_converted_if_a_policy_says_so(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, width, height, depth),
                   box = region_3d(1, 1, 1, 3, 3, 3);
  volume old = volume_pattern(&region, SWR_UINT8, 1, 1), v = volume_new(&region, SWR_INT16, 1);
  make_file(t, &old);
  volume_fill(&v, -4);
  swr_writer* w = writer_for(t, &v); /* describes int16; the file holds uint8 */
  source s = source_of(&v);
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_status(w, SWR_ERROR_MISMATCH, swr_write(w, pull_source, &s));
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_CLAMP));
  assert_ok(w, swr_write(w, pull_source, &s));
  volume zeros = volume_new(&region, SWR_UINT8, 1);
  volume_copy(&old, &zeros, &box);
  assert_file_holds(t->path, &old);
  swr_writer_destroy(w);
  volume_free(&old);
  volume_free(&v);
  volume_free(&zeros);
}

/* --- Numbers of components --- */

static void expect_components(const test_case* t, int32_t from, int32_t to, swr_kind kind,
                              int pastes) {
  const swr_region region = region_3d(0, 0, 0, width, height, depth),
                   box = region_3d(2, 1, 1, 4, 4, 3);
  volume v = volume_pattern(&region, SWR_UINT8, from, 3),
         model = volume_new(&region, SWR_UINT8, to),
         old = volume_pattern(&region, SWR_UINT8, to, 4);
  for (int64_t i = 0; i < region_pixels(&region); ++i) {
    for (int c = 0; c < to; ++c)
      model.bytes[i * to + c] = c == 3 ? 255 : v.bytes[i * from + (from == 1 ? 0 : c)];
  }
  swr_writer* w = new_writer(t);
  source s = source_of(&v);
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, to, kind));
  assert_ok(w, swr_set_source_components(w, from));
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
  assert_ok(w, swr_set_divisions(w, 3));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_file_holds(t->path, &model);
  if (pastes) {
    make_file(t, &old);
    assert_ok(w, swr_set_paste_region(w, &box));
    assert_ok(w, swr_write(w, pull_source, &s));
    volume_copy(&old, &model, &box);
    assert_file_holds(t->path, &old);
  }
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&model);
  volume_free(&old);
}

static void components_convert_where_the_meaning_is_plain(void** state) {
  const test_case* t = *state;
  const int pastes =
      (t->kind->flags & (t->kind->compressed ? SWR_CAN_PASTE_COMPRESSED : SWR_CAN_PASTE)) != 0;
  expect_components(t, 1, 3, SWR_KIND_RGB, pastes);
  expect_components(t, 1, 4, SWR_KIND_RGBA, pastes);
  expect_components(t, 3, 4, SWR_KIND_RGBA, pastes);
  expect_components(t, 4, 3, SWR_KIND_RGB, pastes);
}

static void components_of_no_plain_meaning_are_a_mismatch(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, width, height, depth);
  const int32_t pairs[][2] = {{3, 1}, {4, 1}, {2, 3}, {1, 2}, {5, 4}};
  for (int i = 0; i < 5; ++i) {
    volume v = volume_new(&region, SWR_UINT8, pairs[i][1]);
    swr_writer* w = writer_for(t, &v);
    const swr_status set = swr_set_source_components(w, pairs[i][0]);
    assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_CLAMP));
    if (set == SWR_OK) assert_status(w, SWR_ERROR_MISMATCH, swr_check(w));
    swr_writer_destroy(w);
    volume_free(&v);
  }
}

static void type_and_components_convert_together(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, width, height, depth);
  volume v = volume_new(&region, SWR_FLOAT32, 1), model = volume_new(&region, SWR_UINT8, 4);
  for (int64_t i = 0; i < region_pixels(&region); ++i) {
    component_store(v.bytes + 4 * i, SWR_FLOAT32, (double)i + 0.5);
    for (int c = 0; c < 4; ++c)
      component_store(model.bytes + 4 * i + c, SWR_UINT8,
                      c == 3 || i >= 255 ? 255 : (double)(i + (i & 1)));
  }
  swr_writer* w = writer_for(t, &model);
  source s = source_of(&v);
  assert_ok(w, swr_set_source_type(w, SWR_FLOAT32));
  assert_ok(w, swr_set_source_components(w, 1));
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_CLAMP));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_file_holds(t->path, &model);
  int64_t bytes = 0;
  assert_ok(w, swr_set_divisions(w, 1));
  assert_ok(w, swr_get_piece_bytes(w, &bytes));
  assert_int_equal(bytes, 4 * region_pixels(&region)); /* in the source's type */
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&model);
}

/* The source delivers the first half of the pixels; the fill value follows. */
static void pixels_that_stop_half_way_are_converted_before_the_fill_value(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 67, 31, 40), front = region_3d(0, 0, 0, 67, 31, 23);
  volume v = volume_pattern(&region, SWR_UINT8, 1, 5), model = volume_new(&region, SWR_INT16, 1);
  unsigned char* data = malloc((size_t)(67 * 31 * 23));
  assert_non_null(data);
  volume_get(&v, &front, data);
  volume_fill(&model, -7);
  for (int64_t i = 0; i < region_pixels(&front); ++i)
    component_store(model.bytes + 2 * i, SWR_INT16, data[i]);
  swr_writer* w = writer_for(t, &model);
  assert_ok(w, swr_set_source_type(w, SWR_UINT8));
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_CLAMP));
  assert_ok(w, swr_set_fill_value(w, -7));
  assert_ok(w, swr_begin(w));
  assert_ok(w, swr_put(w, &front, data, region_pixels(&front)));
  assert_ok(w, swr_finish(w));
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  free(data);
  volume_free(&v);
  volume_free(&model);
}

static void a_fill_value_must_be_one_that_the_stored_type_holds(void** state) {
  const test_case* t = *state;
  const struct {
    swr_component type;
    double value;
    swr_status expected;
  } rows[] = {{SWR_UINT8, 255, SWR_OK},
              {SWR_UINT8, 256, SWR_ERROR_CONVERSION},
              {SWR_UINT8, -1, SWR_ERROR_CONVERSION},
              {SWR_INT16, 0.5, SWR_ERROR_CONVERSION},
              {SWR_INT16, NAN, SWR_ERROR_CONVERSION},
              {SWR_INT8, -128, SWR_OK},
              {SWR_FLOAT32, NAN, SWR_OK},
              {SWR_FLOAT32, 0.1, SWR_OK},
              {SWR_FLOAT32, 1e300, SWR_ERROR_CONVERSION},
              {SWR_UINT64, 18446744073709551616.0, SWR_ERROR_CONVERSION},
              {SWR_INT64, -9223372036854775808.0, SWR_OK}};
  const swr_region region = region_3d(0, 0, 0, width, height, depth),
                   box = region_3d(0, 0, 0, 1, 1, 1);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
    volume v = volume_new(&region, rows[i].type, 1);
    swr_writer* w = writer_for(t, &v);
    assert_ok(w, swr_set_paste_region(w, &box));
    assert_ok(w, swr_set_fill_value(w, rows[i].value));
    assert_status(w, rows[i].expected, swr_check(w));
    swr_writer_destroy(w);
    volume_free(&v);
  }
}

int main(void) {
  TEST_EACH(clamp_of_pairs_creates_and_pastes, SWR_CAN_STREAM);
  TEST_EACH_PLAIN(without_a_policy_a_pair_is_a_mismatch_that_names_both, SWR_CAN_STREAM);
  TEST_EACH(exact_takes_values_that_survive, SWR_CAN_STREAM);
  TEST_EACH(exact_stops_at_the_first_loss_and_leaves_the_file, SWR_CAN_STREAM);
  TEST_EACH(a_refused_put_stores_nothing_and_the_write_goes_on, SWR_CAN_STREAM);
  TEST_EACH(a_paste_into_another_type_is_converted_to_that_of_the_file,
            SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST_EACH(a_stored_type_that_differs_is_converted_if_a_policy_says_so,
            SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST_EACH(components_convert_where_the_meaning_is_plain, SWR_CAN_STREAM);
  TEST_EACH(components_of_no_plain_meaning_are_a_mismatch, SWR_CAN_STREAM);
  TEST_EACH(type_and_components_convert_together, SWR_CAN_STREAM);
  TEST_EACH(pixels_that_stop_half_way_are_converted_before_the_fill_value, SWR_CAN_STREAM);
  TEST_EACH(a_fill_value_must_be_one_that_the_stored_type_holds, SWR_CAN_STREAM | SWR_CAN_PASTE);
  return run_all_tests("conversion");
}
