/* Pastes and redactions of what a mask, a value or several boxes select. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

static volume image(const test_case* t, uint64_t seed) {
  const swr_region region = held_region(t, region_3d(2, 3, 4, 20, 18, 6));
  return volume_pattern(&region, SWR_INT16, 1, seed);
}

/* Two thirds of the pixels, in stretches. */
static volume mask_of(const swr_region* region) {
  volume mask = volume_new(region, SWR_UINT8, 1);
  for (int64_t i = 0; i < region_pixels(region); ++i) mask.bytes[i] = i % 9 < 6 ? 3 : 0;
  return mask;
}

static void copy_masked(volume* to, const volume* from, const volume* mask) {
  const int64_t bytes = volume_pixel_bytes(to);
  for (int64_t i = 0; i < region_pixels(&to->region); ++i)
    if (mask->bytes[i]) memcpy(to->bytes + i * bytes, from->bytes + i * bytes, (size_t)bytes);
}

static void only_pixels_of_the_mask_are_pasted(void** state) {
  const test_case* t = *state;
  volume v = image(t, 1), from = image(t, 2), mask = mask_of(&v.region);
  make_file(t, &v);
  make_file_at("from.nrrd", &from);
  make_file_at("mask.mha", &mask);
  swr_ok("paste from.nrrd %s --where mask.mha", t->path);
  copy_masked(&v, &from, &mask);
  assert_file_holds(t->path, &v);
  volume_free(&v);
  volume_free(&from);
  volume_free(&mask);
}

/* The mask of a box is that of IN, or as large as the box. */
static void mask_belongs_to_the_box_or_to_its_image(void** state) {
  (void)state;
  const swr_region whole = region_3d(0, 0, 0, 20, 18, 6), box = region_3d(4, 5, 1, 8, 6, 3);
  volume old = volume_pattern(&whole, SWR_INT16, 1, 1),
         from = volume_pattern(&whole, SWR_INT16, 1, 2), mask = mask_of(&whole),
         part = volume_new(&box, SWR_UINT8, 1), cut = volume_new(&box, SWR_INT16, 1);
  make_file_at("from.mha", &from);
  make_file_at("whole.mha", &mask);
  volume_copy(&part, &mask, &box);
  make_file_at("part.mha", &part);
  volume_copy(&cut, &old, &box);
  volume new_pixels = volume_new(&box, SWR_INT16, 1);
  volume_copy(&new_pixels, &from, &box);
  copy_masked(&cut, &new_pixels, &part);
  const char* const names[] = {"whole.mha", "part.mha"};
  for (int i = 0; i < 2; ++i) {
    volume model = volume_pattern(&whole, SWR_INT16, 1, 1);
    make_file_at("image.mha", &old);
    swr_ok("paste from.mha image.mha --region 4,5,1:8,6,3 --where %s", names[i]);
    volume_copy(&model, &cut, &box);
    assert_file_holds("image.mha", &model);
    volume_free(&model);
  }
  snapshot* before = snapshot_take();
  swr_ok("make small.mha --size 3,3,3 -q");
  swr_ok("make colour.nrrd --size 20,18,6 -q");
  swr_fails(SWR_ERROR_MISMATCH, "small.mha has 3 x 3 x 3 pixels; from.mha has 20 x 18 x 6 (",
            "paste from.mha image.mha --where small.mha");
  swr_fails(SWR_ERROR_MISMATCH,
            "small.mha has 3 x 3 x 3 pixels; from.mha has 20 x 18 x 6, and the box has 8 x 6 x 3 (",
            "paste from.mha image.mha --region 4,5,1:8,6,3 --where small.mha");
  swr_fails(SWR_ERROR_NOT_FOUND, "gone.mha", "paste from.mha image.mha --where gone.mha");
  unlink("small.mha");
  unlink("colour.nrrd");
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&old);
  volume_free(&from);
  volume_free(&mask);
  volume_free(&part);
  volume_free(&cut);
  volume_free(&new_pixels);
}

static void pixels_with_the_skipped_value_are_not_pasted(void** state) {
  const test_case* t = *state;
  volume v = image(t, 1), from = image(t, 2);
  int16_t* pixels = (int16_t*)(void*)from.bytes;
  for (int64_t i = 0; i < region_pixels(&from.region); ++i)
    if (i % 5 < 3) pixels[i] = -7;
  make_file(t, &v);
  make_file_at("from.nrrd", &from);
  swr_ok("paste from.nrrd %s --skip -7", t->path);
  int16_t* stored = (int16_t*)(void*)v.bytes;
  for (int64_t i = 0; i < region_pixels(&v.region); ++i)
    if (pixels[i] != -7) stored[i] = pixels[i];
  assert_file_holds(t->path, &v);
  volume_free(&v);
  volume_free(&from);
}

/* Pastes nine pixels of 0 to 8 over nine of 9, and compares. */
static void expect_skipped(swr_component component, const char* value, int skipped) {
  const swr_region region = region_2d(0, 0, 9, 1);
  volume from = volume_new(&region, component, 1), into = volume_new(&region, component, 1);
  const int64_t bytes = volume_pixel_bytes(&from);
  for (int i = 0; i < 9; ++i) {
    component_store(from.bytes + i * bytes, component, i);
    component_store(into.bytes + i * bytes, component, 9);
  }
  make_file_at("from.nrrd", &from);
  make_file_at("into.nrrd", &into);
  swr_ok("paste from.nrrd into.nrrd --skip %s -q", value);
  for (int i = 0; i < 9; ++i)
    if (i != skipped) component_store(into.bytes + i * bytes, component, i);
  assert_file_holds("into.nrrd", &into);
  volume_free(&from);
  volume_free(&into);
}

static void skipped_value_is_one_of_the_type(void** state) {
  (void)state;
  expect_skipped(SWR_UINT8, "7", 7);
  expect_skipped(SWR_UINT8, "+7.0", 7);
  expect_skipped(SWR_INT64, "0.8e1", 8);
  expect_skipped(SWR_FLOAT32, "3", 3);
  expect_skipped(SWR_FLOAT64, "nan", -1);
  const struct {
    const char *type, *value;
  } refused[] = {{"uint8", "300"},
                 {"uint8", "-1"},
                 {"uint8", "0.5"},
                 {"int8", "128"},
                 {"uint64", "18446744073709551616"},
                 {"int64", "9.3e18"},
                 {"int16", "nan"}};
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; ++i) {
    char words[128];
    swr_ok("make from.mha --size 4,4 --type %s -q", refused[i].type);
    swr_ok("make into.mha --size 4,4 --type %s -q", refused[i].type);
    snapshot* before = snapshot_take();
    snprintf(words, sizeof words, "--skip: %s is not a value of %s, the type of from.mha",
             refused[i].value, refused[i].type);
    swr_fails(64, words, "paste from.mha into.mha --skip %s", refused[i].value);
    assert_unchanged(before);
    snapshot_free(before);
  }
  swr_fails(64, "--skip: \"white\" is not a number", "paste from.mha into.mha --skip white");
}

/* Neighbours above 2^53, which are one double, and a value that has no float32 of its own. */
static void skipped_value_is_read_as_the_type(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 2, 1);
  volume from = volume_new(&region, SWR_INT64, 1), into = volume_new(&region, SWR_INT64, 1);
  const int64_t values[] = {9007199254740992, 9007199254740993}, expected[] = {9007199254740992, 0};
  memcpy(from.bytes, values, sizeof values);
  make_file_at("from.nrrd", &from);
  memset(into.bytes, 0, 16);
  make_file_at("into.nrrd", &into);
  swr_ok("paste from.nrrd into.nrrd --skip 9007199254740993 -q");
  memcpy(into.bytes, expected, sizeof expected);
  assert_file_holds("into.nrrd", &into);
  volume_free(&from);
  volume_free(&into);
  from = volume_new(&region, SWR_FLOAT32, 1), into = volume_new(&region, SWR_FLOAT32, 1);
  const float floats[] = {0.1f, 2};
  memcpy(from.bytes, floats, sizeof floats);
  make_file_at("from.nrrd", &from);
  memset(into.bytes, 0, 8);
  make_file_at("into.nrrd", &into);
  swr_ok("paste from.nrrd into.nrrd --skip 0.1 -q");
  memcpy(into.bytes + 4, floats + 1, 4);
  assert_file_holds("into.nrrd", &into);
  volume_free(&from);
  volume_free(&into);
}

/* Each redaction waits for the disk: half of the kinds redact boxes, the others with a mask. */
static void several_boxes_or_a_mask_are_redacted_at_once(void** state) {
  const test_case* t = *state;
  if (is_a_folder(t)) return; /* refused: zarr_change_test */
  volume v = image(t, 1), blank = image(t, 1), mask = mask_of(&v.region);
  volume_fill(&blank, 9);
  make_file(t, &v);
  if (takes_its_turn(t, 0, 2)) {
    const swr_region a = box_in(&v, 1, 2, 0, 5, 4, 2), b = box_in(&v, 4, 3, 1, 8, 8, 5);
    swr_ok("redact %s --region %s --region %s --fill 9", t->path, box_argument(&a),
           box_argument(&b));
    volume_copy(&v, &blank, &a);
    volume_copy(&v, &blank, &b);
  } else {
    make_file_at("mask.mha", &mask);
    swr_ok("redact %s --where mask.mha --fill 9", t->path);
    copy_masked(&v, &blank, &mask);
  }
  assert_file_holds(t->path, &v);
  volume_free(&v);
  volume_free(&blank);
  volume_free(&mask);
}

static void redaction_of_what_is_outside_is_refused(void** state) {
  (void)state;
  swr_ok("make image.mha --size 9,8,7 -q");
  swr_ok("make small.mha --size 9,8,6 -q");
  snapshot* before = snapshot_take();
  swr_fails(64, "--region", "redact image.mha");
  swr_fails(SWR_ERROR_REGION, "image.mha",
            "redact image.mha --region 0,0,0:2,2,2 --region 8,7,6:2,1,1");
  swr_fails(SWR_ERROR_MISMATCH, "small.mha has 9 x 8 x 6 pixels; image.mha has 9 x 8 x 7 (",
            "redact image.mha --where small.mha");
  swr_fails(64, "--header", "redact image.mha --header shred");
  assert_unchanged(before);
  snapshot_free(before);
}

/* A file of every kind that holds metadata, with a name in it. */
static void header_text_is_listed_and_blanked(void** state) {
  const test_case* t = *state;
  if (!takes_its_turn(t, 0, 3)) return; /* each redaction waits for the disk */
  volume v = image(t, 1), blank = image(t, 1);
  volume_fill(&blank, 0);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_metadata(w, "PatientName", "Doe^Jane"));
  source s = source_of(&v);
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  swr_writer_destroy(w);
  char* list = swr_output("redact %s --header list", t->path);
  assert_has(list, "header text stays: PatientName: Doe^Jane");
  free(list);
  assert_file_holds(t->path, &v);
  const swr_region box = box_in(&v, 0, 0, 0, 3, 3, 3);
  char* document =
      swr_json("redact %s --region %s --header blank --json", t->path, box_argument(&box));
  assert_has(document, "\"header_blanked\":{");
  assert_has(document, "\"PatientName\":\"Doe^Jane\"");
  free(document);
  volume_copy(&v, &blank, &box);
  assert_file_holds(t->path, &v);
  list = swr_output("redact %s --header list", t->path);
  assert_lacks(list, "Doe");
  free(list);
  int64_t bytes = 0;
  unsigned char* file = load_file(t->path, &bytes);
  for (int64_t i = 0; i + 8 <= bytes; ++i) assert_memory_not_equal(file + i, "Doe^Jane", 8);
  free(file);
  volume_free(&v);
  volume_free(&blank);
}

static void header_of_a_file_with_further_names_is_not_blanked(void** state) {
  (void)state;
  swr_ok("make image.nrrd --size 9,8,7 -q");
  assert_int_equal(link("image.nrrd", "other.nrrd"), 0);
  snapshot* before = snapshot_take();
  swr_fails(SWR_ERROR_UNSUPPORTED, "hard links", "redact image.nrrd --header blank");
  assert_unchanged(before);
  snapshot_free(before);
  swr_ok("make image.zarr --size 9,8,7 -q");
  assert_int_equal(link("image.zarr/.zattrs", "other"), 0);
  swr_fails(SWR_ERROR_UNSUPPORTED, "hard links", "redact image.zarr --header blank");
}

int main(void) {
  const uint32_t update = SWR_CAN_STREAM | SWR_CAN_PASTE;
  TEST_EACH(only_pixels_of_the_mask_are_pasted, update);
  TEST(mask_belongs_to_the_box_or_to_its_image);
  TEST_EACH(pixels_with_the_skipped_value_are_not_pasted, update);
  TEST(skipped_value_is_one_of_the_type);
  TEST(skipped_value_is_read_as_the_type);
  TEST_EACH(several_boxes_or_a_mask_are_redacted_at_once, update);
  TEST(redaction_of_what_is_outside_is_refused);
  TEST_EACH(header_text_is_listed_and_blanked, SWR_CAN_STREAM | SWR_HOLDS_METADATA);
  TEST(header_of_a_file_with_further_names_is_not_blanked);
  return run_all_tests("masks, boxes and header text");
}
