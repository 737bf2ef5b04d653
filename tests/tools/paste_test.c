/* swr paste, swr extend and swr redact: what they change, and that nothing else changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

/* Every format holds int16. Boxes in it are given relative to its first pixel: not every format
 * holds a start index. */
static volume head(const test_case* t) {
  const swr_region region = held_region(t, region_3d(2, 3, 4, 20, 18, 16));
  return volume_pattern(&region, SWR_INT16, 1, 1);
}

static volume box_at(const swr_region* region, swr_component component, uint64_t seed) {
  return volume_pattern(region, component, 1, seed);
}

static void start_index_says_where_the_box_belongs(void** state) {
  const test_case* t = *state;
  volume v = head(t);
  const swr_region region = box_in(&v, 3, 3, 3, 8, 4, 5);
  volume box = box_at(&region, SWR_INT16, 2);
  make_file(t, &v);
  make_file_at("box.nrrd", &box);
  char *document = swr_json("paste box.nrrd %s --divisions 2 --json", t->path), words[128];
  snprintf(words, sizeof words, "\"region\":{\"index\":[%s],\"size\":[8,4,5]}",
           index_argument(&region));
  assert_has(document, words);
  assert_has(document, "\"command\":\"paste\"");
  assert_has(document, t->kind->compressed ? "\"method\":\"" : "\"method\":\"in_place\"");
  free(document);
  volume_copy(&v, &box, &region);
  assert_file_holds(t->path, &v);
  volume_free(&v);
  volume_free(&box);
}

static void at_puts_the_first_pixel_there(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(100, 0, -50, 8, 4, 5), part = region_3d(102, 1, -49, 3, 2, 2);
  volume v = head(t), box = box_at(&region, SWR_INT16, 2);
  const swr_region there = box_in(&v, 11, 13, 0, 8, 4, 5), outside = box_in(&v, 13, 13, 0, 8, 4, 5),
                   part_there = box_in(&v, 0, 0, 14, 3, 2, 2);
  make_file(t, &v);
  make_file_at("box.mha", &box);
  swr_fails(SWR_ERROR_REGION, "(ERROR_REGION)", "paste box.mha %s", t->path);
  swr_fails(SWR_ERROR_REGION, "(ERROR_REGION)", "paste box.mha %s --at %s", t->path,
            index_argument(&outside));
  assert_file_holds(t->path, &v);
  swr_ok("paste box.mha %s --at %s", t->path, index_argument(&there));
  volume moved = box;
  moved.region = there;
  volume_copy(&v, &moved, &there);
  assert_file_holds(t->path, &v);
  swr_ok("paste box.mha %s --region 102,1,-49:3,2,2 --at %s --no-rollback", t->path,
         index_argument(&part_there));
  volume cut = volume_new(&part, SWR_INT16, 1);
  volume_copy(&cut, &box, &part);
  cut.region = part_there;
  volume_copy(&v, &cut, &part_there);
  assert_file_holds(t->path, &v);
  volume_free(&v);
  volume_free(&box);
  volume_free(&cut);
}

static void copied_region_pastes_back_without_at(void** state) {
  const test_case* t = *state;
  if (is_a_folder(t)) return; /* nothing of it can be redacted */
  volume v = head(t);
  const swr_region region = box_in(&v, 3, 3, 3, 8, 4, 5);
  make_file(t, &v);
  swr_ok("copy %s box.nrrd --region %s", t->path, box_argument(&region));
  swr_ok("redact %s --region %s --fill 9", t->path, box_argument(&region));
  volume blank = volume_new(&region, SWR_INT16, 1), changed = head(t);
  volume_fill(&blank, 9);
  volume_copy(&changed, &blank, &region);
  assert_file_holds(t->path, &changed);
  swr_ok("paste box.nrrd %s", t->path);
  assert_file_holds(t->path, &v);
  volume_free(&v);
  volume_free(&blank);
  volume_free(&changed);
}

static void box_of_another_type_needs_a_policy(void** state) {
  const test_case* t = *state;
  volume v = head(t);
  const swr_region region = box_in(&v, 3, 3, 3, 4, 2, 2);
  volume box = volume_new(&region, SWR_FLOAT32, 1), stored = volume_new(&region, SWR_INT16, 1);
  volume_fill(&box, 70000.25);
  volume_fill(&stored, 32767);
  make_file(t, &v);
  make_file_at("box.mha", &box);
  swr_fails(SWR_ERROR_MISMATCH, "float32", "paste box.mha %s", t->path);
  swr_fails(SWR_ERROR_CONVERSION, "(ERROR_CONVERSION)", "paste box.mha %s --convert exact",
            t->path);
  swr_fails(SWR_ERROR_MISMATCH, "int8", "paste box.mha %s --convert clamp --type int8", t->path);
  assert_file_holds(t->path, &v);
  swr_ok("paste box.mha %s --convert clamp --type int16", t->path);
  volume_copy(&v, &stored, &region);
  assert_file_holds(t->path, &v);
  volume_free(&v);
  volume_free(&box);
  volume_free(&stored);
}

static void grey_becomes_colour_where_allowed(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 8, 8), spot = region_2d(2, 2, 2, 2);
  volume v = volume_pattern(&region, SWR_UINT8, 3, 1), grey = volume_new(&spot, SWR_UINT8, 1),
         three = volume_new(&spot, SWR_UINT8, 3);
  volume_fill(&grey, 77);
  volume_fill(&three, 77);
  make_file_at("image.mha", &v);
  make_file_at("grey.mha", &grey);
  swr_fails(SWR_ERROR_MISMATCH, "--convert", "paste grey.mha image.mha");
  assert_file_holds("image.mha", &v);
  swr_ok("paste grey.mha image.mha --convert exact");
  volume_copy(&v, &three, &spot);
  assert_file_holds("image.mha", &v);
  volume_free(&v);
  volume_free(&grey);
  volume_free(&three);
}

static void paste_of_a_file_into_itself_is_refused(void** state) {
  (void)state;
  swr_ok("make image.mhd --size 6,5,4");
  snapshot* before = snapshot_take();
  swr_fails(64, "same pixels", "paste image.mhd image.mhd --region 0,0,0:2,2,2 --at 1,1,1");
  assert_unchanged(before);
  snapshot_free(before);
}

static void paste_with_extend_lets_the_file_grow(void** state) {
  const test_case* t = *state;
  volume v = head(t);
  const swr_region region = box_in(&v, 3, 3, 14, 8, 4, 5), grown = box_in(&v, 0, 0, 0, 20, 18, 19);
  volume box = box_at(&region, SWR_INT16, 2), expected = volume_new(&grown, SWR_INT16, 1);
  make_file(t, &v);
  make_file_at("box.mha", &box);
  swr_fails(SWR_ERROR_REGION, "(ERROR_REGION)", "paste box.mha %s", t->path);
  swr_ok("paste box.mha %s --extend --fill 7", t->path);
  volume_fill(&expected, 7);
  volume_copy(&expected, &v, &v.region);
  volume_copy(&expected, &box, &region);
  assert_file_holds(t->path, &expected);
  volume_free(&v);
  volume_free(&box);
  volume_free(&expected);
}

/* Extends, and compares with the model. */
static void extend_and_compare(const test_case* t, const volume* v, const swr_region* grown,
                               const char* method) {
  char line[256], field[64];
  snprintf(line, sizeof line, "extend %s --size %d,%d,%d --index %d,%d,%d --fill 11 --json",
           t->path, (int)grown->size[0], (int)grown->size[1], (int)grown->size[2],
           (int)grown->index[0], (int)grown->index[1], (int)grown->index[2]);
  snapshot* before = snapshot_take();
  char* plan = swr_json("%s --dry-run", line);
  assert_unchanged(before);
  snapshot_free(before);
  assert_has(plan, "\"dry_run\":true");
  snprintf(field, sizeof field, "\"planned_method\":\"%s\"", method);
  assert_has(plan, field);
  free(plan);
  char* document = swr_json("%s", line);
  assert_has(document, "{\"command\":\"extend\"");
  assert_has(document, "\"dry_run\":false");
  snprintf(field, sizeof field, "\"method\":\"%s\"", method);
  assert_has(document, field);
  free(document);
  volume expected = volume_new(grown, SWR_INT16, 1);
  volume_fill(&expected, 11);
  volume_copy(&expected, v, &v->region);
  assert_file_holds(t->path, &expected);
  volume_free(&expected);
}

static void extend_along_the_slowest_axis(void** state) {
  const test_case* t = *state;
  volume v = head(t);
  const swr_region grown = box_in(&v, 0, 0, 0, 20, 18, 25);
  make_file(t, &v);
  /* A header that is a gzip file of its own has no field to change in place. */
  extend_and_compare(t, &v, &grown, strstr(t->path, ".hdr.gz") ? "rewrite" : "in_place");
  volume_free(&v);
}

static void extend_along_other_axes_rewrites(void** state) {
  const test_case* t = *state;
  volume v = head(t);
  const int64_t before = holds(t, SWR_HOLDS_START_INDEX) ? 2 : 0;
  const swr_region grown = box_in(&v, -before, 0, -before, 25, 21, 25);
  make_file(t, &v);
  extend_and_compare(t, &v, &grown, "rewrite");
  volume_free(&v);
}

static void extend_says_beforehand_what_it_will_do(void** state) {
  (void)state;
  swr_ok("make image.mha --size 16,16,8");
  snapshot* before = snapshot_take();
  char* plan = swr_output("extend image.mha --size 16,16,10 --dry-run");
  assert_has(plan, "image.mha: grows to 16 x 16 x 10, in place; reads 0 B, writes 512 B");
  free(plan);
  plan = swr_output("extend image.mha --size 17,16,10 -n");
  assert_has(plan, "image.mha: grows to 17 x 16 x 10, rewritten");
  free(plan);
  assert_unchanged(before);
  snapshot_free(before);
  char* out = swr_output("extend image.mha --size 16,16,10");
  assert_has(out, "in place; ");
  assert_has(out, "image.mha: changed in place; ");
  free(out);
}

static void extend_makes_nothing_smaller(void** state) {
  (void)state;
  swr_ok("make image.mha --size 6,5,4");
  snapshot* before = snapshot_take();
  swr_fails(SWR_ERROR_REGION, "smaller", "extend image.mha --size 6,4,8");
  swr_fails(SWR_ERROR_REGION, "smaller", "extend image.mha --size 6,5,8 --index 0,0,1");
  assert_unchanged(before);
  snapshot_free(before);
}

/* Whether eight bytes from the first pixels of a row are in the file. */
static int has_rows(const unsigned char* file, int64_t bytes, const volume* rows) {
  const int64_t row = rows->region.size[0] * volume_pixel_bytes(rows);
  for (int64_t begin = 0; begin < volume_bytes(rows); begin += row) {
    for (int64_t at = 0; at + 8 <= bytes; ++at) {
      if (memcmp(file + at, rows->bytes + begin, 8) == 0) return 1;
    }
  }
  return 0;
}

/* The same in either byte order. */
static int file_has_rows(const char* path, const volume* rows) {
  int64_t bytes = 0;
  unsigned char* file = load_file(path, &bytes);
  assert_non_null(file);
  volume swapped = volume_swapped(rows);
  const int found = has_rows(file, bytes, rows) || has_rows(file, bytes, &swapped);
  volume_free(&swapped);
  free(file);
  return found;
}

static void redact_fills_the_box_and_nothing_else(void** state) {
  const test_case* t = *state;
  if (is_a_folder(t)) return; /* refused: zarr_change_test */
  volume v = head(t);
  const swr_region region = box_in(&v, 3, 3, 3, 8, 4, 5);
  volume old = volume_new(&region, SWR_INT16, 1), blank = volume_new(&region, SWR_INT16, 1);
  volume_copy(&old, &v, &region);
  volume_fill(&blank, 500);
  make_file(t, &v);
  snapshot* before = snapshot_take();
  const int files = snapshot_count(before);
  snapshot_free(before);
  const int looks_for_rows = !t->kind->compressed && !has_chunks(t);
  char data[256] = "";
  if (looks_for_rows) data_file_of(t->path, data);
  if (looks_for_rows) assert_true(file_has_rows(data, &old));
  char* document =
      swr_json("redact %s --region %s --fill 500 --json", t->path, box_argument(&region));
  assert_has(document, "{\"command\":\"redact\"");
  free(document);
  volume_copy(&v, &blank, &region);
  assert_file_holds(t->path, &v);
  assert_file_count(files);
  if (looks_for_rows) assert_false(file_has_rows(data, &old));
  swr_ok("verify %s", t->path);
  volume_free(&v);
  volume_free(&old);
  volume_free(&blank);
}

static void redact_refuses_what_it_cannot_do(void** state) {
  const test_case* t = *state;
  if (is_a_folder(t)) return; /* it refuses all */
  volume v = head(t);
  make_file(t, &v);
  snapshot* before = snapshot_take();
  const swr_region outside = box_in(&v, -2, -3, -4, 4, 4, 4), pixel = box_in(&v, 3, 3, 3, 1, 1, 1);
  swr_fails(SWR_ERROR_REGION, "(ERROR_REGION)", "redact %s --region %s", t->path,
            box_argument(&outside));
  swr_fails(SWR_ERROR_CONVERSION, "int16", "redact %s --region %s --fill 32768", t->path,
            box_argument(&pixel));
  swr_fails(SWR_ERROR_CONVERSION, "int16", "redact %s --region %s --fill 0.5", t->path,
            box_argument(&pixel));
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&v);
}

int main(void) {
  TEST_EACH(start_index_says_where_the_box_belongs, SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST_EACH(at_puts_the_first_pixel_there, SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST_EACH(copied_region_pastes_back_without_at, SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST_EACH(box_of_another_type_needs_a_policy, SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST(grey_becomes_colour_where_allowed);
  TEST(paste_of_a_file_into_itself_is_refused);
  TEST_EACH(paste_with_extend_lets_the_file_grow, SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND);
  TEST_EACH(extend_along_the_slowest_axis, SWR_CAN_STREAM | SWR_CAN_EXTEND);
  TEST_EACH(extend_along_other_axes_rewrites, SWR_CAN_STREAM | SWR_CAN_EXTEND);
  TEST(extend_says_beforehand_what_it_will_do);
  TEST(extend_makes_nothing_smaller);
  TEST_EACH(redact_fills_the_box_and_nothing_else, SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST_EACH(redact_refuses_what_it_cannot_do, SWR_CAN_STREAM | SWR_CAN_PASTE);
  return run_all_tests("swr paste, extend, redact");
}
