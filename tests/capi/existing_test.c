/* What happens to an existing file: the table of policies, and each reason for a mismatch. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "checked/checked.h"
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
  write_all(t, &v, SWR_EXISTING_REPLACE, is_a_folder(t) ? SWR_ERROR_EXISTS : SWR_OK);
  if (!is_a_folder(t)) assert_file_holds(t->path, &v);
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
  test_case nrrd = {.path = "image.nrrd"};
  volume v = small(1), changed = small(2);
  make_file(&nrrd, &v);
  assert_int_equal(rename("image.nrrd", "image.mha"), 0);
  test_case mha = {.path = "image.mha"};
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

/* --- Two writers that find no file --- */

static const swr_region whole_4 = {3, 0, {0, 0, 0}, {7, 6, 4}};

/* Writes one slice, with the image as tall as that needs. */
static swr_writer* slice_writer(const test_case* t, int64_t z, swr_existing policy, int waits) {
  const swr_region slice = region_3d(0, 0, z, 7, 6, 1);
  const swr_region image =
      policy == SWR_EXISTING_EXTEND ? region_3d(0, 0, 0, 7, 6, z + 1) : whole_4;
  swr_writer* w = new_writer(t);
  assert_ok(w, swr_set_image_region(w, &image));
  assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_paste_region(w, &slice));
  assert_ok(w, swr_set_existing(w, policy));
  if (waits) assert_ok(w, swr_set_option(w, "lock", "wait"));
  return w;
}

static volume slice_of(int64_t z) {
  const swr_region slice = region_3d(0, 0, z, 7, 6, 1);
  return volume_pattern(&slice, SWR_INT16, 1, (uint64_t)z);
}

static void put_slice(swr_writer* w, int64_t z) {
  volume slice = slice_of(z);
  assert_ok(w, swr_put(w, &slice.region, slice.bytes, volume_bytes(&slice)));
  volume_free(&slice);
}

static void assert_slices(const char* path, int64_t count, int64_t one, int64_t other) {
  const swr_region image = region_3d(0, 0, 0, 7, 6, count);
  volume v = volume_new(&image, SWR_INT16, 1);
  const int64_t slices[] = {one, other};
  for (int i = 0; i < 2; ++i) {
    volume slice = slice_of(slices[i]);
    volume_copy(&v, &slice, &slice.region);
    volume_free(&slice);
  }
  assert_file_holds(path, &v);
  volume_free(&v);
}

/* Whether a writer of an absent image makes files that cannot become changes of another one's. */
static int owns_files(const test_case* t) {
  return strstr(t->path, ".chunks") || strstr(t->path, ".boxes");
}

static void second_of_two(const test_case* t, swr_existing policy, int64_t first, int64_t second,
                          int waits) {
  clear_folder();
  const int64_t made = policy == SWR_EXISTING_EXTEND ? first + 1 : 4;
  swr_writer* other = slice_writer(t, second, policy, waits);
  swr_writer* w = slice_writer(t, first, policy, waits);
  assert_ok(other, swr_begin(other));
  put_slice(other, second);
  assert_ok(w, swr_begin(w));
  put_slice(w, first);
  assert_ok(w, swr_finish(w));
  assert_slices(t->path, made, first, first);
  snapshot* before = snapshot_take();
  if (waits && !owns_files(t)) {
    assert_ok(other, swr_finish(other));
    assert_slices(t->path, 4, first, second);
    /* The other one's folder had a name. */
    assert_file_count(is_a_folder(t) ? 1 : snapshot_count(before));
  } else {
    assert_status(other, SWR_ERROR_EXISTS, swr_finish(other));
    assert_says(swr_writer_message(other), "meanwhile");
    assert_slices(t->path, made, first, first);
    if (!is_a_folder(t)) assert_unchanged(before); /* the other one's folder had a name */
  }
  snapshot_free(before);
  swr_writer_destroy(w);
  swr_writer_destroy(other);
}

static void second_writer_of_an_absent_file_is_told_that_it_exists(void** state) {
  checks_off("two writes are under way");
  second_of_two(*state, SWR_EXISTING_UPDATE, 1, 3, 0);
}

static void second_writer_of_an_absent_file_that_waits_changes_the_first_ones(void** state) {
  checks_off("two writes are under way");
  second_of_two(*state, SWR_EXISTING_UPDATE, 1, 3, 1);
}

static void second_writer_of_an_absent_file_that_waits_extends_the_first_ones(void** state) {
  checks_off("two writes are under way");
  second_of_two(*state, SWR_EXISTING_EXTEND, 1, 3, 1);
  second_of_two(*state, SWR_EXISTING_EXTEND, 3, 1, 1);
}

typedef struct interrupted {
  swr_writer* other;
  int pulls;
} interrupted;

static int32_t pull_while_another_writes(swr_piece* piece, void* user) {
  interrupted* i = user;
  if (i->pulls++ == 0) {
    volume slice = slice_of(1);
    assert_ok(i->other, swr_write(i->other, pull_volume, &slice));
    volume_free(&slice);
  }
  volume slice = slice_of(3);
  const int32_t status = pull_volume(piece, &slice);
  volume_free(&slice);
  return status;
}

static void source_of_the_second_writer_is_asked_for_its_pixels_once(void** state) {
  const test_case* t = *state;
  checks_off("two writes are under way");
  swr_writer* w = slice_writer(t, 3, SWR_EXISTING_EXTEND, 1);
  interrupted i = {slice_writer(t, 1, SWR_EXISTING_EXTEND, 1), 0};
  if (owns_files(t)) {
    assert_status(w, SWR_ERROR_EXISTS, swr_write(w, pull_while_another_writes, &i));
    assert_slices(t->path, 2, 1, 1);
  } else {
    assert_ok(w, swr_write(w, pull_while_another_writes, &i));
    assert_slices(t->path, 4, 1, 3);
  }
  assert_int_equal(i.pulls, 1);
  swr_writer_destroy(w);
  swr_writer_destroy(i.other);
}

/* Only what was put: the first one's pixels are not overwritten by fill values. */
static void second_writer_with_a_fill_value_changes_what_was_put(void** state) {
  const test_case* t = *state;
  if (owns_files(t)) return;
  checks_off("two writes are under way");
  swr_writer* other = slice_writer(t, 3, SWR_EXISTING_UPDATE, 1);
  swr_writer* w = slice_writer(t, 1, SWR_EXISTING_UPDATE, 1);
  assert_ok(other, swr_set_paste_region(other, NULL));
  assert_ok(other, swr_set_fill_value(other, 7));
  assert_ok(other, swr_begin(other));
  put_slice(other, 3);
  assert_ok(w, swr_begin(w));
  put_slice(w, 1);
  assert_ok(w, swr_finish(w));
  assert_ok(other, swr_finish(other));
  assert_slices(t->path, 4, 1, 3);
  swr_writer_destroy(w);
  swr_writer_destroy(other);
}

static void second_writer_does_not_change_an_image_of_another_type(void** state) {
  const test_case* t = *state;
  checks_off("two writes are under way");
  volume v = volume_pattern(&whole_4, SWR_FLOAT32, 1, 1);
  swr_writer* other = slice_writer(t, 3, SWR_EXISTING_UPDATE, 1);
  assert_ok(other, swr_set_conversion(other, SWR_CONVERSION_CLAMP));
  assert_ok(other, swr_begin(other));
  put_slice(other, 3);
  make_file(t, &v);
  snapshot* before = snapshot_take();
  assert_status(other, SWR_ERROR_EXISTS, swr_finish(other));
  if (!owns_files(t)) assert_says(swr_writer_message(other), "float32");
  assert_file_holds(t->path, &v);
  if (!is_a_folder(t)) assert_unchanged(before); /* the other one's folder had a name */
  swr_writer_destroy(other);
  snapshot_free(before);
  volume_free(&v);
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
  TEST_EACH(second_writer_of_an_absent_file_is_told_that_it_exists, update);
  TEST_EACH(second_writer_of_an_absent_file_that_waits_changes_the_first_ones, update);
  TEST_EACH(second_writer_of_an_absent_file_that_waits_extends_the_first_ones,
            update | SWR_CAN_EXTEND);
  TEST_EACH(source_of_the_second_writer_is_asked_for_its_pixels_once, update | SWR_CAN_EXTEND);
  TEST_EACH(second_writer_with_a_fill_value_changes_what_was_put, update);
  TEST_EACH(second_writer_does_not_change_an_image_of_another_type, update);
  return run_all_tests("existing");
}
