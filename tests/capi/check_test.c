/* swr_check reports what swr_write would before its first pull: the same status and message, no
 * pull, no change. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/support.h"

static const swr_region* whole(void) {
  static swr_region region;
  region = region_3d(0, 0, 0, 8, 7, 6);
  return &region;
}

static void differ_in_size(swr_writer* w) {
  const swr_region region = region_3d(0, 0, 0, 8, 7, 5);
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
}
static void differ_in_type(swr_writer* w) {
  assert_ok(w, swr_set_pixel_type(w, SWR_FLOAT64, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
}
static void differ_in_spacing(swr_writer* w) {
  const double spacing[] = {1, 1, 7};
  assert_ok(w, swr_set_spacing(w, spacing, 3));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
}
static void exist(swr_writer* w) {
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_FAIL));
}
static void convert_without_a_policy(swr_writer* w) {
  assert_ok(w, swr_set_source_type(w, SWR_FLOAT32));
}
static void fill_with_what_does_not_fit(swr_writer* w) {
  assert_ok(w, swr_set_fill_value(w, 0.5));
}
static void have_no_format(swr_writer* w) {
  assert_ok(w, swr_set_path(w, "image.unknown"));
}
static void have_no_folder(swr_writer* w) {
  assert_ok(w, swr_set_path(w, "no-folder/image.mha"));
}
static void have_components_that_do_not_convert(swr_writer* w) {
  assert_ok(w, swr_set_source_components(w, 4));
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_CLAMP));
}
static void be_fine(swr_writer* w) {
  assert_ok(w, swr_set_divisions(w, 3));
}
static void update(swr_writer* w) {
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
}
static void paste_inside(swr_writer* w) {
  const swr_region box = region_3d(1, 1, 1, 2, 2, 2);
  assert_ok(w, swr_set_paste_region(w, &box));
}

static void check_says_what_write_says(void** state) {
  const test_case* t = *state;
  const struct {
    void (*set)(swr_writer*);
    swr_status expected;
  } rows[] = {
      {be_fine, SWR_OK},
      {update, SWR_OK},
      {paste_inside, SWR_OK},
      {differ_in_size, SWR_ERROR_MISMATCH},
      {differ_in_type, SWR_ERROR_MISMATCH},
      {differ_in_spacing, SWR_ERROR_MISMATCH},
      {exist, SWR_ERROR_EXISTS},
      {convert_without_a_policy, SWR_ERROR_MISMATCH},
      {fill_with_what_does_not_fit, SWR_ERROR_CONVERSION},
      {have_no_format, SWR_ERROR_FORMAT},
      {have_no_folder, SWR_ERROR_NOT_FOUND},
      {have_components_that_do_not_convert, SWR_ERROR_MISMATCH},
  };
  volume v = volume_pattern(whole(), SWR_UINT16, 1, 1);
  make_file(t, &v);
  snapshot* before = snapshot_take();
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
    swr_writer* w = writer_for(t, &v);
    rows[i].set(w);
    const swr_status checked = swr_check(w);
    char message[2048];
    snprintf(message, sizeof message, "%s", swr_writer_message(w));
    assert_unchanged(before);
    source s = source_of(&v);
    if (checked == SWR_OK) { /* what write would do before the first pull: let the pull fail */
      s.fail_at = 0;
      s.fail_with = SWR_CANCELLED;
    }
    const swr_status written = swr_write(w, pull_source, &s);
    if (checked != rows[i].expected) {
      print_error("row %d: %s, not %s: %s\n", (int)i, swr_status_name(checked),
                  swr_status_name(rows[i].expected), message);
      fail();
    }
    if (checked == SWR_OK) {
      assert_string_equal(message, "");
      assert_int_equal(written, SWR_CANCELLED);
      assert_int_equal(s.pulls, 1);
    } else {
      assert_int_equal(written, checked);
      assert_string_equal(swr_writer_message(w), message);
      assert_int_equal(s.pulls, 0);
    }
    assert_unchanged(before);
    swr_writer_destroy(w);
  }
  snapshot_free(before);
  volume_free(&v);
}

static void check_of_a_new_file_leaves_nothing_behind(void** state) {
  const test_case* t = *state;
  volume v = volume_pattern(whole(), SWR_UINT16, 1, 1);
  swr_writer* w = writer_for(t, &v);
  swr_method method;
  int64_t n = 0;
  swr_region region;
  assert_ok(w, swr_check(w));
  assert_ok(w, swr_get_method(w, &method, NULL, NULL));
  assert_int_equal(method, SWR_METHOD_CREATE);
  assert_ok(w, swr_get_actual_divisions(w, 3, &n));
  assert_int_equal(n, 3);
  assert_ok(w, swr_get_split_region(w, 2, 3, &region));
  assert_ok(w, swr_get_piece_count(w, &n));
  assert_ok(w, swr_get_memory_need(w, &n));
  assert_true(n > 0);
  assert_ok(w, swr_get_piece_bytes(w, &n));
  assert_int_equal(n, volume_bytes(&v));
  assert_file_count(0);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void check_comes_before_any_number_of_writes(void** state) {
  const test_case* t = *state;
  volume v = volume_pattern(whole(), SWR_UINT16, 1, 1);
  swr_writer* w = writer_for(t, &v);
  for (int i = 0; i < 3; ++i) {
    source s = source_of(&v);
    assert_ok(w, swr_check(w));
    assert_ok(w, swr_write(w, pull_source, &s));
    assert_file_holds(t->path, &v);
  }
  swr_writer_destroy(w);
  volume_free(&v);
}

/* What a format cannot do is refused before the file changes. */
static void what_a_format_cannot_do_is_refused_untouched(void** state) {
  (void)state;
  for (int32_t i = 0; i < swr_format_count(); ++i) {
    const char* name = swr_format_name(i);
    uint32_t flags = 0;
    int32_t least = 0, most = 0;
    assert_int_equal(swr_format_capabilities(name, &flags), SWR_OK);
    assert_int_equal(swr_format_dimensions(name, &least, &most), SWR_OK);
    int64_t size[SWR_MAX_DIMENSIONS];
    for (int axis = 0; axis < SWR_MAX_DIMENSIONS; ++axis) size[axis] = 1;
    if (most < SWR_MAX_DIMENSIONS) {
      const swr_region region = region_nd(most + 1, NULL, size);
      swr_writer* w = swr_writer_create();
      assert_ok(w, swr_set_path(w, "image"));
      assert_ok(w, swr_set_format(w, name));
      assert_ok(w, swr_set_image_region(w, &region));
      assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
      assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
      swr_writer_destroy(w);
    }
    if (!(flags & SWR_CAN_COMPRESS)) {
      swr_writer* w = swr_writer_create();
      assert_ok(w, swr_set_path(w, "image"));
      assert_ok(w, swr_set_format(w, name));
      assert_ok(w, swr_set_image_region(w, whole()));
      assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
      assert_ok(w, swr_set_compression(w, "deflate", 3));
      assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
      swr_writer_destroy(w);
    }
  }
  assert_file_count(0);
}

/* The header leaves no room for the last pixels within the largest file. */
static void pixels_after_the_largest_position_are_refused(void** state) {
  (void)state;
  const char* const paths[] = {"image.mha", "image.nrrd", "image.nii"};
  const swr_region longest = {1, 0, {0}, {INT64_MAX}};
  for (int i = 0; i < 3; ++i) {
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, paths[i]));
    assert_ok(w, swr_set_image_region(w, &longest));
    assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_begin(w));
    swr_writer_destroy(w);
  }
}

/* Check and write treat a name alike, whatever it refers to. */
static void names_where_no_file_can_be_made_are_refused_untouched(void** state) {
  (void)state;
  const struct {
    const char* path;
    swr_status expected;
  } rows[] = {{"folder.mha", SWR_ERROR_UNSUPPORTED},
              {"folder-link.mhd", SWR_ERROR_UNSUPPORTED},
              {"nowhere.nrrd", SWR_ERROR_NOT_FOUND},
              {".nii", SWR_ERROR_FORMAT},
              {".mha", SWR_ERROR_FORMAT}};
  assert_int_equal(mkdir("folder.mha", 0755), 0);
  assert_int_equal(symlink("folder.mha", "folder-link.mhd"), 0);
  assert_int_equal(symlink("no-folder/image.nrrd", "nowhere.nrrd"), 0);
  volume v = volume_pattern(whole(), SWR_UINT16, 1, 1);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
    source s = source_of(&v);
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, rows[i].path));
    describe(w, &v);
    assert_status(w, rows[i].expected, swr_check(w));
    assert_non_null(strstr(swr_writer_message(w), ": "));
    assert_status(w, rows[i].expected, swr_write(w, pull_source, &s));
    assert_int_equal(s.pulls, 0);
    swr_writer_destroy(w);
  }
  assert_int_equal(rmdir("folder.mha"), 0); /* it is empty, and the links are links */
  assert_true(unlink("folder-link.mhd") == 0 && unlink("nowhere.nrrd") == 0);
  assert_file_count(0);
  volume_free(&v);
}

static void new_file_comes_where_a_link_leads(void** state) {
  (void)state;
  volume v = volume_pattern(whole(), SWR_UINT16, 1, 1);
  assert_int_equal(mkdir("sub", 0755), 0);
  assert_int_equal(symlink("sub/image.nrrd", "link.nrrd"), 0);
  source s = source_of(&v);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, "link.nrrd"));
  describe(w, &v);
  assert_ok(w, swr_check(w));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_file_holds("sub/image.nrrd", &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

int main(void) {
  TEST_EACH(check_says_what_write_says, SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST_EACH(check_of_a_new_file_leaves_nothing_behind, SWR_CAN_STREAM);
  TEST_EACH(check_comes_before_any_number_of_writes, SWR_CAN_STREAM);
  TEST(what_a_format_cannot_do_is_refused_untouched);
  TEST(pixels_after_the_largest_position_are_refused);
  TEST(names_where_no_file_can_be_made_are_refused_untouched);
  TEST(new_file_comes_where_a_link_leads);
  return run_all_tests("check");
}
