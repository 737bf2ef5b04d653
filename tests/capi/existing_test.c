/* What happens to an existing file: the table of policies, and each reason for a mismatch. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/support.h"

static const int64_t size_3d[] = {7, 6, 5};

static volume small(uint64_t seed) {
  const swr_region region = region_nd(3, NULL, size_3d);
  return volume_pattern(&region, SWR_UINT16, 1, seed);
}

static void write_all(const test_case* t, const volume* v, swr_existing policy,
                      swr_status expected) {
  swr_writer* w = writer_for(t, v);
  source s = source_of(v);
  assert_ok(w, swr_set_existing(w, policy));
  assert_status(w, expected, swr_check(w));
  assert_status(w, expected, swr_write(w, pull_source, &s));
  if (expected != SWR_OK) assert_int_equal(s.pulls, 0);
  swr_writer_destroy(w);
}

static void every_policy_creates_a_file_that_is_not_there(void** state) {
  const test_case* t = *state;
  for (int policy = SWR_EXISTING_DEFAULT; policy <= SWR_EXISTING_EXTEND; ++policy) {
    if (policy == SWR_EXISTING_EXTEND && !(t->kind->flags & SWR_CAN_EXTEND)) continue;
    volume v = small((uint64_t)policy);
    char path[64], stem[32];
    test_case other = *t;
    snprintf(stem, sizeof stem, "policy%d", policy);
    other_path(t, stem, path);
    snprintf(other.path, sizeof other.path, "%s", path);
    write_all(&other, &v, (swr_existing)policy, SWR_OK);
    assert_file_holds(path, &v);
    volume_free(&v);
  }
}

static void fail_refuses_a_file_that_is_there(void** state) {
  const test_case* t = *state;
  volume v = small(1);
  make_file(t, &v);
  snapshot* before = snapshot_take();
  write_all(t, &v, SWR_EXISTING_FAIL, SWR_ERROR_EXISTS);
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&v);
}

static void fail_refuses_a_file_of_another_kind_too(void** state) {
  const test_case* t = *state;
  volume v = small(1);
  save_file(t->path, "not an image", 12);
  snapshot* before = snapshot_take();
  write_all(t, &v, SWR_EXISTING_FAIL, SWR_ERROR_EXISTS);
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&v);
}

static void replace_takes_the_place_of_any_file(void** state) {
  const test_case* t = *state;
  volume v = small(1);
  save_file(t->path, "not an image", 12);
  write_all(t, &v, SWR_EXISTING_REPLACE, SWR_OK);
  assert_file_holds(t->path, &v);
  volume_free(&v);
}

static void replace_by_another_size_and_type_leaves_the_new_image(void** state) {
  const test_case* t = *state;
  volume old = small(1);
  make_file(t, &old);
  const swr_region region = region_2d(0, 0, 3, 2);
  volume v = volume_pattern(&region, SWR_FLOAT32, 1, 2);
  write_all(t, &v, SWR_EXISTING_DEFAULT, SWR_OK);
  assert_file_holds(t->path, &v);
  volume_free(&old);
  volume_free(&v);
}

static void update_of_a_file_that_is_no_image_is_refused(void** state) {
  const test_case* t = *state;
  volume v = small(1);
  save_file(t->path, "not an image", 12);
  snapshot* before = snapshot_take();
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  const swr_status status = swr_write(w, pull_source, &s);
  assert_true(status == SWR_ERROR_CORRUPT || status == SWR_ERROR_FORMAT ||
              status == SWR_ERROR_MISMATCH);
  assert_int_equal(s.pulls, 0);
  assert_unchanged(before);
  swr_writer_destroy(w);
  snapshot_free(before);
  volume_free(&v);
}

static void update_of_a_matching_file_changes_it(void** state) {
  const test_case* t = *state;
  volume old = small(1), v = small(2);
  make_file(t, &old);
  write_all(t, &v, SWR_EXISTING_UPDATE, SWR_OK);
  assert_file_holds(t->path, &v);
  volume_free(&old);
  volume_free(&v);
}

/* --- Mismatches: a file with a geometry of its own, and a writer that differs in one thing --- */

static const double file_spacing[] = {0.5, 0.75, 2.5}, file_origin[] = {-10.5, 20.25, 30};
/* Rotated about the slowest axis by 30 degrees. */
static const double file_direction[] = {
    0.8660254037844387, -0.5, 0, 0.5, 0.8660254037844387, 0, 0, 0, 1};

static void set_geometry(const test_case* t, swr_writer* w) {
  set_held_geometry(t, w, file_spacing, file_origin, file_direction);
}

static void make_with_geometry(const test_case* t, const volume* v) {
  swr_writer* w = writer_for(t, v);
  source s = source_of(v);
  set_geometry(t, w);
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
}

/* The writer, which differs from the file, is refused with these words in its message; nothing is
 * pulled or changed. */
static void assert_mismatch(swr_writer* w, const volume* v, const char* words) {
  snapshot* before = snapshot_take();
  source s = source_of(v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_status(w, SWR_ERROR_MISMATCH, swr_check(w));
  assert_status(w, SWR_ERROR_MISMATCH, swr_write(w, pull_source, &s));
  assert_says(swr_writer_message(w), words);
  assert_int_equal(s.pulls, 0);
  assert_unchanged(before);
  snapshot_free(before);
  swr_writer_destroy(w);
}

static void the_same_geometry_matches(void** state) {
  const test_case* t = *state;
  volume v = small(1), changed = small(2);
  make_with_geometry(t, &v);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&changed);
  set_geometry(t, w);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_file_holds(t->path, &changed);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&changed);
}

static void a_size_that_differs_is_a_mismatch(void** state) {
  const test_case* t = *state;
  volume v = small(1);
  make_with_geometry(t, &v);
  for (int axis = 0; axis < 3; ++axis) {
    for (int delta = -1; delta <= 1; delta += 2) {
      swr_writer* w = writer_for(t, &v);
      swr_region region = v.region;
      region.size[axis] += delta;
      volume other = volume_new(&region, SWR_UINT16, 1);
      set_geometry(t, w);
      assert_ok(w, swr_set_image_region(w, &region));
      assert_mismatch(w, &other, "size");
      volume_free(&other);
    }
  }
  volume_free(&v);
}

static void a_number_of_dimensions_that_differs_is_a_mismatch(void** state) {
  const test_case* t = *state;
  volume v = small(1);
  make_file(t, &v);
  const int64_t size[] = {7, 6, 5, 2};
  for (int32_t dimensions = 2; dimensions <= 4; dimensions += 2) {
    const swr_region region = region_nd(dimensions, NULL, size);
    volume other = volume_new(&region, SWR_UINT16, 1);
    swr_writer* w = writer_for(t, &other);
    assert_mismatch(w, &other, "dimensions");
    volume_free(&other);
  }
  volume_free(&v);
}

static void a_component_type_that_differs_is_a_mismatch(void** state) {
  const test_case* t = *state;
  volume v = small(1);
  make_with_geometry(t, &v);
  for (int type = SWR_UINT8; type <= SWR_FLOAT64; ++type) {
    if (type == SWR_UINT16) continue;
    swr_writer* w = writer_for(t, &v);
    set_geometry(t, w);
    assert_ok(w, swr_set_pixel_type(w, (swr_component)type, 1, SWR_KIND_SCALAR));
    volume other = volume_new(&v.region, (swr_component)type, 1);
    assert_mismatch(w, &other, swr_component_name((swr_component)type));
    volume_free(&other);
  }
  volume_free(&v);
}

static void a_number_of_components_that_differs_is_a_mismatch(void** state) {
  const test_case* t = *state;
  volume v = small(1);
  make_with_geometry(t, &v);
  volume other = volume_new(&v.region, SWR_UINT16, 3);
  swr_writer* w = writer_for(t, &other);
  set_geometry(t, w);
  assert_mismatch(w, &other, "components");
  volume_free(&other);
  volume_free(&v);
}

static void a_spacing_origin_or_direction_that_differs_is_a_mismatch(void** state) {
  const test_case* t = *state;
  volume v = small(1);
  make_with_geometry(t, &v);
  for (int axis = 0; axis < 3; ++axis) {
    double values[9];
    swr_writer* w = writer_for(t, &v);
    set_geometry(t, w);
    memcpy(values, file_spacing, sizeof file_spacing);
    values[axis] *= 1.0001;
    assert_ok(w, swr_set_spacing(w, values, 3));
    assert_mismatch(w, &v, "spacing");

    w = writer_for(t, &v);
    set_geometry(t, w);
    memcpy(values, file_origin, sizeof file_origin);
    values[axis] += 0.001;
    assert_ok(w, swr_set_origin(w, values, 3));
    assert_mismatch(w, &v, "origin");

    w = writer_for(t, &v);
    set_geometry(t, w);
    memcpy(values, file_direction, sizeof file_direction);
    for (int row = 0; row < 3; ++row) values[3 * row + axis] = -values[3 * row + axis];
    assert_ok(w, swr_set_direction(w, values, 9));
    assert_mismatch(w, &v, "direction");
  }
  volume_free(&v);
}

/* Values that files hold exactly, so that only the tolerance matters. */
static void geometry_matches_to_a_millionth_of_the_spacing(void** state) {
  const test_case* t = *state;
  volume v = small(1);
  make_file(t, &v); /* spacing 1, origin 0, identity */
  const struct {
    double spacing, origin, shear;
    swr_status expected;
  } rows[] = {
      {1 + 5e-7, 0, 0, SWR_OK},
      {1 + 1e-5, 0, 0, SWR_ERROR_MISMATCH},
      {1, 5e-7, 0, SWR_OK},
      {1, 1e-5, 0, SWR_ERROR_MISMATCH},
      {1, 0, 5e-7, SWR_OK},
      {1, 0, 1e-5, SWR_ERROR_MISMATCH},
      {1 - 5e-7, -5e-7, -5e-7, SWR_OK},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
    swr_writer* w = writer_for(t, &v);
    const double spacing[] = {1, rows[i].spacing, 1}, origin[] = {0, 0, rows[i].origin};
    const double direction[] = {1, rows[i].shear, 0, 0, 1, 0, 0, 0, 1};
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
    assert_ok(w, swr_set_spacing(w, spacing, 3));
    assert_ok(w, swr_set_origin(w, origin, 3));
    assert_ok(w, swr_set_direction(w, direction, 9));
    assert_status(w, rows[i].expected, swr_check(w));
    swr_writer_destroy(w);
  }
  volume_free(&v);
}

static void geometry_left_unset_is_that_of_the_file(void** state) {
  const test_case* t = *state;
  volume v = small(1), changed = small(2);
  make_with_geometry(t, &v);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&changed);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_file_holds(t->path, &changed);
  swr_reader* r = swr_reader_create();
  double spacing[3], origin[3];
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_reader_ok(r, swr_reader_get_spacing(r, spacing, 3));
  assert_reader_ok(r, swr_reader_get_origin(r, origin, 3));
  for (int axis = 0; axis < 3; ++axis) {
    assert_true(fabs(spacing[axis] - file_spacing[axis]) < 1e-6);
    assert_true(fabs(origin[axis] - file_origin[axis]) < 1e-5);
  }
  swr_reader_destroy(r);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&changed);
}

static void a_format_that_differs_is_a_mismatch(void** state) {
  const test_case* t = *state;
  volume v = small(1);
  make_file(t, &v);
  for (int32_t number = 0; number < swr_format_count(); ++number) {
    if (strcmp(swr_format_name(number), t->kind->format) == 0) continue;
    swr_writer* w = writer_for(t, &v);
    assert_ok(w, swr_set_format(w, swr_format_name(number)));
    assert_mismatch(w, &v, t->kind->format);
  }
  volume_free(&v);
}

static void a_file_that_only_reads_as_another_format_is_updated_by_its_content(void** state) {
  (void)state;
  test_case nrrd = {NULL, "image.nrrd", "", "", NULL};
  volume v = small(1), changed = small(2);
  make_file(&nrrd, &v);
  assert_int_equal(rename("image.nrrd", "image.mha"), 0);
  test_case mha = {NULL, "image.mha", "", "", NULL};
  swr_writer* w = writer_for(&mha, &v);
  source s = source_of(&changed);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_file_holds("image.mha", &changed);
  char head[8];
  load_bytes("image.mha", 0, head, 4);
  assert_memory_equal(head, "NRRD", 4);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&changed);
}

int main(void) {
  const uint32_t update = SWR_CAN_STREAM | SWR_CAN_PASTE;
  TEST_EACH(every_policy_creates_a_file_that_is_not_there, SWR_CAN_STREAM);
  TEST_EACH(fail_refuses_a_file_that_is_there, SWR_CAN_STREAM);
  TEST_EACH(fail_refuses_a_file_of_another_kind_too, SWR_CAN_STREAM);
  TEST_EACH(replace_takes_the_place_of_any_file, SWR_CAN_STREAM);
  TEST_EACH(replace_by_another_size_and_type_leaves_the_new_image, SWR_CAN_STREAM);
  TEST_EACH(update_of_a_file_that_is_no_image_is_refused, update);
  TEST_EACH(update_of_a_matching_file_changes_it, update);
  TEST_EACH(the_same_geometry_matches, update);
  TEST_EACH(a_size_that_differs_is_a_mismatch, update);
  TEST_EACH(a_number_of_dimensions_that_differs_is_a_mismatch, update);
  TEST_EACH(a_component_type_that_differs_is_a_mismatch, update);
  TEST_EACH(a_number_of_components_that_differs_is_a_mismatch, update);
  TEST_EACH(a_spacing_origin_or_direction_that_differs_is_a_mismatch, update | HOLDS_GEOMETRY);
  TEST_EACH(geometry_matches_to_a_millionth_of_the_spacing, update | HOLDS_GEOMETRY);
  TEST_EACH(geometry_left_unset_is_that_of_the_file, update | SWR_HOLDS_SPACING | SWR_HOLDS_ORIGIN);
  TEST_EACH(a_format_that_differs_is_a_mismatch, update);
  TEST(a_file_that_only_reads_as_another_format_is_updated_by_its_content);
  return run_all_tests("existing");
}
