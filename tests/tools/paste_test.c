/* swr paste, swr extend and swr redact: what they change, and that nothing else changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

static volume head(void) {
  const swr_region region = region_3d(2, 3, 4, 20, 18, 16);
  return volume_pattern(&region, SWR_UINT16, 1, 1);
}

static volume box_at(const swr_region* region, swr_component component, uint64_t seed) {
  return volume_pattern(region, component, 1, seed);
}

static void start_index_says_where_the_box_belongs(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(5, 6, 7, 8, 4, 5);
  volume v = head(), box = box_at(&region, SWR_UINT16, 2);
  make_file(t, &v);
  make_file_at("box.nrrd", &box);
  char* document = swr_json("paste box.nrrd %s --divisions 2 --json", t->path);
  assert_has(document, "\"region\":{\"index\":[5,6,7],\"size\":[8,4,5]}");
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
  const swr_region region = region_3d(100, 0, -50, 8, 4, 5), there = region_3d(13, 16, 4, 8, 4, 5),
                   part = region_3d(102, 1, -49, 3, 2, 2),
                   part_there = region_3d(2, 3, 18, 3, 2, 2);
  volume v = head(), box = box_at(&region, SWR_UINT16, 2);
  make_file(t, &v);
  make_file_at("box.mha", &box);
  swr_fails(SWR_ERROR_REGION, "(ERROR_REGION)", "paste box.mha %s", t->path);
  swr_fails(SWR_ERROR_REGION, "(ERROR_REGION)", "paste box.mha %s --at 15,16,4", t->path);
  assert_file_holds(t->path, &v);
  swr_ok("paste box.mha %s --at 13,16,4", t->path);
  volume moved = box;
  moved.region = there;
  volume_copy(&v, &moved, &there);
  assert_file_holds(t->path, &v);
  swr_ok("paste box.mha %s --region 102,1,-49:3,2,2 --at 2,3,18 --no-rollback", t->path);
  volume cut = volume_new(&part, SWR_UINT16, 1);
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
  const swr_region region = region_3d(5, 6, 7, 8, 4, 5);
  volume v = head();
  make_file(t, &v);
  swr_ok("copy %s box.nrrd --region 5,6,7:8,4,5", t->path);
  swr_ok("redact %s --region 5,6,7:8,4,5 --fill 9", t->path);
  volume blank = volume_new(&region, SWR_UINT16, 1), changed = head();
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
  const swr_region region = region_3d(5, 6, 7, 4, 2, 2);
  volume v = head(), box = volume_new(&region, SWR_FLOAT32, 1),
         stored = volume_new(&region, SWR_UINT16, 1);
  volume_fill(&box, 70000.25);
  volume_fill(&stored, 65535);
  make_file(t, &v);
  make_file_at("box.mha", &box);
  swr_fails(SWR_ERROR_MISMATCH, "float32", "paste box.mha %s", t->path);
  swr_fails(SWR_ERROR_CONVERSION, "(ERROR_CONVERSION)", "paste box.mha %s --convert exact",
            t->path);
  swr_fails(SWR_ERROR_MISMATCH, "int8", "paste box.mha %s --convert clamp --type int8", t->path);
  assert_file_holds(t->path, &v);
  swr_ok("paste box.mha %s --convert clamp --type uint16", t->path);
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
  const swr_region region = region_3d(5, 6, 18, 8, 4, 5), grown = region_3d(2, 3, 4, 20, 18, 19);
  volume v = head(), box = box_at(&region, SWR_UINT16, 2),
         expected = volume_new(&grown, SWR_UINT16, 1);
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
  volume expected = volume_new(grown, SWR_UINT16, 1);
  volume_fill(&expected, 11);
  volume_copy(&expected, v, &v->region);
  assert_file_holds(t->path, &expected);
  volume_free(&expected);
}

static void extend_along_the_slowest_axis(void** state) {
  const test_case* t = *state;
  const swr_region grown = region_3d(2, 3, 4, 20, 18, 25);
  volume v = head();
  make_file(t, &v);
  /* A header that is a gzip file of its own has no field to change in place. */
  extend_and_compare(t, &v, &grown, strstr(t->path, ".hdr.gz") ? "rewrite" : "in_place");
  volume_free(&v);
}

static void extend_along_other_axes_rewrites(void** state) {
  const test_case* t = *state;
  const swr_region grown = region_3d(0, 3, 1, 25, 21, 25);
  volume v = head();
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

/* No run of eight bytes of the box's old rows is anywhere in the files of the folder. */
static void expect_gone(const volume* old, const char* path) {
  int64_t bytes = 0;
  unsigned char* file = load_file(path, &bytes);
  assert_non_null(file);
  const int64_t row = old->region.size[0] * volume_pixel_bytes(old);
  for (int64_t begin = 0; begin + row <= volume_bytes(old); begin += row) {
    for (int64_t at = 0; at + 8 <= bytes; ++at) {
      if (memcmp(file + at, old->bytes + begin, 8) == 0)
        fail_msg("%s still has old pixels at byte %lld", path, (long long)at);
    }
  }
  free(file);
}

static void redact_fills_the_box_and_nothing_else(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(5, 6, 7, 8, 4, 5);
  volume v = head(), old = volume_new(&region, SWR_UINT16, 1),
         blank = volume_new(&region, SWR_UINT16, 1);
  volume_copy(&old, &v, &region);
  volume_fill(&blank, 500);
  make_file(t, &v);
  snapshot* before = snapshot_take();
  const int files = snapshot_count(before);
  snapshot_free(before);
  char* document = swr_json("redact %s --region 5,6,7:8,4,5 --fill 500 --json", t->path);
  assert_has(document, "{\"command\":\"redact\"");
  free(document);
  volume_copy(&v, &blank, &region);
  assert_file_holds(t->path, &v);
  assert_file_count(files);
  if (!t->kind->compressed) expect_gone(&old, t->path);
  swr_ok("verify %s", t->path);
  volume_free(&v);
  volume_free(&old);
  volume_free(&blank);
}

static void redact_refuses_what_it_cannot_do(void** state) {
  const test_case* t = *state;
  volume v = head();
  make_file(t, &v);
  snapshot* before = snapshot_take();
  swr_fails(SWR_ERROR_REGION, "(ERROR_REGION)", "redact %s --region 0,0,0:4,4,4", t->path);
  swr_fails(SWR_ERROR_CONVERSION, "uint16", "redact %s --region 5,6,7:1,1,1 --fill 65536", t->path);
  swr_fails(SWR_ERROR_CONVERSION, "uint16", "redact %s --region 5,6,7:1,1,1 --fill 0.5", t->path);
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
