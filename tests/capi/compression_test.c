/* The name, the setting and the existing file decide whether pixels are compressed. Either a write
 * is refused before the first pull, or its file can be opened and holds the pixels. */
#include <stdio.h>
#include <string.h>

#include "support/support.h"

static const int64_t size_3d[] = {9, 8, 7};

static volume pattern(uint64_t seed) {
  const swr_region region = region_nd(3, NULL, size_3d);
  return volume_pattern(&region, SWR_INT16, 1, seed);
}

static const char* encoding_of(const char* path) {
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  assert_reader_ok(r, swr_reader_verify(r));
  const char* encoding = NULL;
  int32_t slotted = 0;
  assert_reader_ok(r, swr_reader_get_encoding(r, &encoding, &slotted));
  const int is_deflate = strcmp(encoding, "deflate") == 0;
  swr_reader_destroy(r);
  return is_deflate ? "deflate" : "none";
}

static int always_compressed(const variant* kind) {
  return kind->compressed && !kind->set_compression;
}
/* Of formats that have suffixes for compressed files, all others but that of headers without
 * pixels. */
static int never_compressed(const variant* kind) {
  if (!(kind->flags & SWR_CAN_COMPRESS)) return 1;
  return strstr(swr_format_suffixes(kind->format), ".gz") && !always_compressed(kind) &&
         strcmp(kind->suffix, ".hdr") != 0;
}

static void expect_compression(const test_case* t, const volume* v, const char* expected) {
  assert_file_holds(t->path, v);
  assert_string_equal(encoding_of(t->path), expected);
}

static void a_name_and_a_setting_agree_or_the_write_is_refused(void** state) {
  const char* const settings[] = {"none", "deflate"};
  for (int i = 0; i < 2; ++i) {
    test_case other = *(const test_case*)*state;
    other_path(*state, settings[i], other.path);
    const test_case* t = &other;
    volume v = pattern((uint64_t)i);
    snapshot* before = snapshot_take();
    swr_writer* w = writer_for(t, &v);
    source s = source_of(&v);
    assert_ok(w, swr_set_compression(w, settings[i], 6));
    const int refused = i == 0 ? always_compressed(t->kind) : never_compressed(t->kind);
    const swr_status expected = refused ? SWR_ERROR_UNSUPPORTED : SWR_OK;
    assert_status(w, expected, swr_check(w));
    assert_status(w, expected, swr_write(w, pull_source, &s));
    swr_writer_destroy(w);
    if (refused) {
      assert_int_equal(s.pulls, 0);
      assert_unchanged(before);
    } else {
      expect_compression(t, &v, settings[i]);
    }
    snapshot_free(before);
    volume_free(&v);
  }
}

/* A paste, a growth at the end and one at the low side, each with either setting. */
static void an_update_with_a_setting_takes_it_or_is_refused(void** state) {
  const test_case* t = *state;
  const swr_region box = region_3d(2, 1, 3, 4, 5, 2), longer = region_3d(0, 0, 0, 9, 8, 9),
                   lower = region_3d(0, -2, 0, 9, 10, 7);
  const swr_region* const grown[] = {NULL, &longer, &lower};
  const char* const settings[] = {"none", "deflate"};
  for (int number = 0; number < 6; ++number) {
    const swr_region* const to = grown[number / 2];
    const char* const setting = settings[number % 2];
    if (to == &lower && !(t->kind->flags & SWR_HOLDS_START_INDEX)) continue;
    volume v = pattern(1), more = volume_pattern(to ? to : &v.region, SWR_INT16, 1, 2);
    const test_case fresh = *t;
    make_file(&fresh, &v);
    const int was_compressed = strcmp(encoding_of(t->path), "deflate") == 0;
    snapshot* before = snapshot_take();
    swr_writer* w = swr_writer_create();
    source s = source_of(&more);
    assert_ok(w, swr_set_path(w, t->path));
    assert_ok(w, swr_set_compression(w, setting, 6));
    assert_ok(w, swr_set_existing(w, to ? SWR_EXISTING_EXTEND : SWR_EXISTING_UPDATE));
    if (to) {
      assert_ok(w, swr_set_image_region(w, to));
    } else {
      assert_ok(w, swr_set_paste_region(w, &box));
      volume_copy(&v, &more, &box);
    }
    const int changes = was_compressed != number % 2;
    const int refused =
        changes && (number % 2 ? never_compressed(t->kind) : always_compressed(t->kind));
    const swr_status expected = refused ? SWR_ERROR_UNSUPPORTED : SWR_OK;
    assert_status(w, expected, swr_check(w));
    assert_status(w, expected, swr_write(w, pull_source, &s));
    swr_writer_destroy(w);
    if (refused) {
      assert_int_equal(s.pulls, 0);
      assert_unchanged(before);
    } else {
      expect_compression(t, to ? &more : &v, setting);
    }
    snapshot_free(before);
    volume_free(&v);
    volume_free(&more);
  }
}

/* A file keeps its compression, even if its name means another one for new files. */
static void an_update_without_a_setting_keeps_what_the_file_has(void** state) {
  const test_case* t = *state;
  volume v = pattern(1), grown;
  make_file(t, &v);
  const char* const before = encoding_of(t->path);
  const swr_region region = region_3d(-1, 0, 0, 10, 8, 7);
  grown = volume_pattern(&region, SWR_INT16, 1, 3);
  swr_writer* w = swr_writer_create();
  source s = source_of(&grown);
  assert_ok(w, swr_set_path(w, t->path));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  expect_compression(t, &grown, before);
  volume_free(&v);
  volume_free(&grown);
}

static void a_file_whose_name_promises_compression_keeps_its_raw_pixels(void** state) {
  (void)state;
  test_case t = {.path = "image.nii"};
  volume v = pattern(1);
  make_file(&t, &v);
  assert_int_equal(rename("image.nii", "image.nii.gz"), 0);
  const swr_region region = region_3d(-1, 0, 0, 10, 8, 7);
  volume grown = volume_pattern(&region, SWR_INT16, 1, 3);
  swr_writer* w = swr_writer_create();
  source s = source_of(&grown);
  assert_ok(w, swr_set_path(w, "image.nii.gz"));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  snprintf(t.path, sizeof t.path, "image.nii.gz");
  expect_compression(&t, &grown, "none");
  volume_free(&v);
  volume_free(&grown);
}

int main(void) {
  TEST_EACH(a_name_and_a_setting_agree_or_the_write_is_refused, SWR_CAN_STREAM);
  TEST_EACH(an_update_with_a_setting_takes_it_or_is_refused, SWR_CAN_STREAM | SWR_CAN_EXTEND);
  TEST_EACH(an_update_without_a_setting_keeps_what_the_file_has,
            SWR_CAN_STREAM | SWR_CAN_EXTEND | SWR_HOLDS_START_INDEX);
  TEST(a_file_whose_name_promises_compression_keeps_its_raw_pixels);
  return run_all_tests("compression");
}
