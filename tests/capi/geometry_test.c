/* Spacing, origin, direction, start index, and numbers of dimensions are read back as written. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static void assert_near(double got, double expected, double tolerance) {
  if (fabs(got - expected) <= tolerance) return;
  print_error("%.17g, not %.17g\n", got, expected);
  fail();
}

/* The file has this geometry; some formats hold it as float32. */
static void assert_geometry(const char* path, int32_t n, const double* spacing,
                            const double* origin, const double* direction) {
  swr_reader* r = swr_reader_create();
  double got[SWR_MAX_DIMENSIONS * SWR_MAX_DIMENSIONS];
  assert_reader_ok(r, swr_reader_open(r, path));
  assert_reader_ok(r, swr_reader_get_spacing(r, got, n));
  for (int32_t i = 0; i < n; ++i) assert_near(got[i], spacing[i], 1e-6 * spacing[i]);
  assert_reader_ok(r, swr_reader_get_origin(r, got, n));
  for (int32_t i = 0; i < n; ++i) assert_near(got[i], origin[i], 1e-4);
  assert_reader_ok(r, swr_reader_get_direction(r, got, n * n));
  for (int32_t i = 0; i < n * n; ++i) assert_near(got[i], direction[i], 1e-6);
  swr_reader_destroy(r);
}

static void every_scalar_type_in_2d_and_3d_over_the_same_name(void** state) {
  const test_case* t = *state;
  const double spacing[] = {5, 10, 15}, origin[] = {-5, -10, -15};
  const double identity_2d[] = {1, 0, 0, 1}, identity_3d[] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  for (int type = SWR_UINT8; type <= SWR_FLOAT64; ++type) {
    for (int32_t n = 2; n <= 3; ++n) {
      const int64_t size[] = {4, 8, 16};
      const swr_region region = region_nd(n, NULL, size);
      volume v = volume_pattern(&region, (swr_component)type, 1, (uint64_t)(type + n));
      swr_writer* w = writer_for(t, &v);
      source s = source_of(&v);
      assert_ok(w, swr_set_spacing(w, spacing, n));
      assert_ok(w, swr_set_origin(w, origin, n));
      assert_ok(w, swr_set_divisions(w, 3));
      assert_ok(w, swr_write(w, pull_source, &s));
      assert_file_holds(t->path, &v);
      assert_geometry(t->path, n, spacing, origin, n == 2 ? identity_2d : identity_3d);
      swr_writer_destroy(w);
      volume_free(&v);
    }
  }
}

static void three_dimensions_as_four_and_back(void** state) {
  const test_case* t = *state;
  const int64_t size[] = {12, 11, 10, 1};
  const swr_region four = region_nd(4, NULL, size), three = region_nd(3, NULL, size);
  volume v3 = volume_pattern(&three, SWR_INT16, 1, 1), v4 = volume_new(&four, SWR_INT16, 1);
  memcpy(v4.bytes, v3.bytes, (size_t)volume_bytes(&v3));
  swr_writer* w = writer_for(t, &v4);
  source s = source_of(&v4);
  assert_ok(w, swr_set_divisions(w, 4));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(s.pulls, 4); /* along the slowest axis of more than one */
  assert_file_holds(t->path, &v4);
  const swr_region flat = region_3d(0, 0, 0, 2, 2, 2);
  const swr_status set = swr_set_paste_region(w, &flat);
  const swr_status refused = set == SWR_OK ? swr_write(w, pull_source, &s) : set;
  assert_true(refused == SWR_ERROR_ARGUMENT || refused == SWR_ERROR_REGION ||
              (refused == SWR_ERROR_UNSUPPORTED && !(t->kind->flags & SWR_CAN_PASTE)));
  assert_file_holds(t->path, &v4);
  swr_writer_destroy(w);

  w = writer_for(t, &v3);
  s = source_of(&v3);
  assert_ok(w, swr_set_divisions(w, 4));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(s.pulls, 4);
  assert_file_holds(t->path, &v3);
  swr_writer_destroy(w);
  volume_free(&v3);
  volume_free(&v4);
}

/* Rotations about two axes, so that no entry is zero and the matrix is not symmetric. */
static void rotation(double* d) {
  const double a = 0.5235987755982988, b = 0.17453292519943295;
  const double values[] = {cos(a), -sin(a) * cos(b), sin(a) * sin(b),
                           sin(a), cos(a) * cos(b),  -cos(a) * sin(b),
                           0,      sin(b),           cos(b)};
  memcpy(d, values, sizeof values);
}

static void an_oblique_direction_comes_back(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 4, 3, 2);
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  const double spacing[] = {0.7, 0.8, 2.5}, origin[] = {-10.5, 20.25, 30};
  double direction[9];
  rotation(direction);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  assert_ok(w, swr_set_spacing(w, spacing, 3));
  assert_ok(w, swr_set_origin(w, origin, 3));
  assert_ok(w, swr_set_direction(w, direction, 9));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_file_holds(t->path, &v);
  assert_geometry(t->path, 3, spacing, origin, direction);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void a_mirrored_direction_comes_back(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 4, 3, 2);
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  const double spacing[] = {1, 2, 3}, origin[] = {1, 2, 3},
               direction[] = {-1, 0, 0, 0, 0, 1, 0, 1, 0};
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  assert_ok(w, swr_set_spacing(w, spacing, 3));
  assert_ok(w, swr_set_origin(w, origin, 3));
  assert_ok(w, swr_set_direction(w, direction, 9));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_geometry(t->path, 3, spacing, origin, direction);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void a_start_index_comes_back_with_the_origin_where_it_was(void** state) {
  const test_case* t = *state;
  const int64_t starts[][3] = {{10, 20, 30}, {-4, 0, 100}, {0, 0, 1}, {1000000, -1000000, 5}};
  const double spacing[] = {0.5, 0.75, 2}, origin[] = {-10.5, 20.25, 30};
  double direction[9];
  rotation(direction);
  for (int i = 0; i < 4; ++i) {
    const swr_region region = region_3d(starts[i][0], starts[i][1], starts[i][2], 4, 3, 2);
    volume v = volume_pattern(&region, SWR_INT16, 1, (uint64_t)i);
    swr_writer* w = writer_for(t, &v);
    source s = source_of(&v);
    assert_ok(w, swr_set_spacing(w, spacing, 3));
    assert_ok(w, swr_set_origin(w, origin, 3));
    assert_ok(w, swr_set_direction(w, direction, 9));
    assert_ok(w, swr_set_divisions(w, 2));
    assert_ok(w, swr_write(w, pull_source, &s));
    assert_int_equal(s.asked[0].index[2], starts[i][2]);
    assert_file_holds(t->path, &v);
    if (i < 3)
      assert_geometry(t->path, 3, spacing, origin,
                      direction); /* the last is past what float32 resolves */
    swr_writer_destroy(w);
    volume_free(&v);
  }
}

static void a_paste_region_is_in_the_index_space_of_the_image(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(100, -50, 7, 9, 8, 7), box = region_3d(103, -49, 10, 4, 5, 3),
                   below = region_3d(0, 0, 0, 4, 5, 3);
  volume model = volume_pattern(&region, SWR_UINT8, 1, 1),
         v = volume_pattern(&region, SWR_UINT8, 1, 2);
  make_file(t, &model);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_region_equal(&s.asked[0], &box);
  volume_copy(&model, &v, &box);
  assert_file_holds(t->path, &model);
  const swr_status set = swr_set_paste_region(w, &below);
  assert_int_equal(set == SWR_OK ? swr_check(w) : set, SWR_ERROR_REGION);
  swr_writer_destroy(w);
  volume_free(&model);
  volume_free(&v);
}

static void a_start_index_that_differs_is_a_mismatch(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(1, 2, 3, 4, 4, 4), moved = region_3d(0, 2, 3, 4, 4, 4);
  volume v = volume_pattern(&region, SWR_UINT8, 1, 1);
  make_file(t, &v);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_check(w));
  assert_ok(w, swr_set_image_region(w, &moved));
  assert_status(w, SWR_ERROR_MISMATCH, swr_check(w));
  swr_writer_destroy(w);
  volume_free(&v);
}

static void geometry_of_another_number_of_dimensions_is_refused(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 4, 4, 4);
  const double two[] = {1, 1}, four[] = {1, 0, 0, 1};
  volume v = volume_new(&region, SWR_UINT8, 1);
  for (int i = 0; i < 3; ++i) {
    swr_writer* w = writer_for(t, &v);
    const swr_status set = i == 0   ? swr_set_spacing(w, two, 2)
                           : i == 1 ? swr_set_origin(w, two, 2)
                                    : swr_set_direction(w, four, 4);
    const swr_status refused = set == SWR_OK ? swr_check(w) : set;
    assert_int_equal(refused, SWR_ERROR_ARGUMENT);
    swr_writer_destroy(w);
  }
  volume_free(&v);
}

static void unset_geometry_is_one_zero_and_the_identity(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 4, 3, 2);
  const double ones[] = {1, 1, 1}, zeros[] = {0, 0, 0}, identity[] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  volume v = volume_pattern(&region, SWR_UINT8, 1, 1);
  make_file(t, &v);
  assert_geometry(t->path, 3, ones, zeros, identity);
  volume_free(&v);
}

int main(void) {
  TEST_EACH(every_scalar_type_in_2d_and_3d_over_the_same_name,
            SWR_CAN_STREAM | SWR_HOLDS_SPACING | SWR_HOLDS_ORIGIN);
  TEST_EACH(three_dimensions_as_four_and_back, SWR_CAN_STREAM);
  TEST_EACH(an_oblique_direction_comes_back, SWR_CAN_STREAM | HOLDS_GEOMETRY);
  TEST_EACH(a_mirrored_direction_comes_back, SWR_CAN_STREAM | HOLDS_GEOMETRY);
  TEST_EACH(a_start_index_comes_back_with_the_origin_where_it_was,
            SWR_CAN_STREAM | HOLDS_GEOMETRY | SWR_HOLDS_START_INDEX);
  TEST_EACH(a_paste_region_is_in_the_index_space_of_the_image,
            SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_HOLDS_START_INDEX);
  TEST_EACH(a_start_index_that_differs_is_a_mismatch,
            SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_HOLDS_START_INDEX);
  TEST_EACH(geometry_of_another_number_of_dimensions_is_refused, SWR_CAN_STREAM);
  TEST_EACH(unset_geometry_is_one_zero_and_the_identity, SWR_CAN_STREAM);
  return run_all_tests("geometry");
}
