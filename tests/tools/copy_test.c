/* swr copy: everything is copied, piece by piece. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "support/pyramids.h"

/* The volume with what the test's files hold of a geometry. */
static void write_with_geometry(const test_case* t, const volume* v) {
  swr_writer* w = writer_for(t, v);
  const double spacing[] = {0.5, 0.75, 2}, origin[] = {-10, 20.5, 3},
               direction[] = {0, -1, 0, 1, 0, 0, 0, 0, 1};
  set_held_geometry(t, w, spacing, origin, direction);
  source s = source_of(v);
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  swr_writer_destroy(w);
}

/* The fields from "dimensions" to "direction": what must not differ between a file and its copy. */
static char* geometry_of(const char* path) {
  char* document = swr_json("info %s --json", path);
  char *begin = strstr(document, "\"dimensions\""), *end = strstr(document, "\"encoding\"");
  assert_non_null(begin);
  assert_non_null(end);
  *end = '\0';
  memmove(document, begin, strlen(begin) + 1);
  return document;
}

static void copy_has_the_same_pixels_and_geometry(void** state) {
  const test_case* t = *state;
  const swr_region region = held_region(t, region_3d(3, -2, 7, 25, 14, 16));
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  write_with_geometry(t, &v);
  char out[64];
  other_path(t, "copy", out);
  swr_ok("copy %s between.nrrd --divisions 5", t->path);
  assert_file_holds("between.nrrd", &v);
  swr_ok("copy between.nrrd %s --divisions 3 --compress %s", out,
         t->kind->compressed ? "deflate:2" : "none");
  assert_file_holds(out, &v);
  char *expected = geometry_of(t->path), *got = geometry_of(out);
  assert_string_equal(got, expected);
  free(expected);
  free(got);
  volume_free(&v);
}

static void copied_region_keeps_its_place(void** state) {
  const test_case* t = *state;
  const swr_region region = held_region(t, region_3d(3, -2, 7, 25, 14, 16));
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  const swr_region box = box_in(&v, 2, 2, 3, 4, 6, 3);
  volume expected = volume_new(&box, SWR_INT16, 1);
  volume_copy(&expected, &v, &box);
  write_with_geometry(t, &v);
  swr_ok("copy %s box.nrrd --region %s", t->path, box_argument(&box));
  assert_file_holds("box.nrrd", &expected);
  char *whole = geometry_of(t->path), *part = geometry_of("box.nrrd");
  assert_string_equal(strstr(part, "\"spacing\""), strstr(whole, "\"spacing\""));
  free(whole);
  free(part);
  volume_free(&v);
  volume_free(&expected);
}

/* Within the format: without a start index, where the box belongs is lost, and has to be let go. */
static void copied_region_keeps_what_the_format_holds_of_its_place(void** state) {
  const test_case* t = *state;
  const swr_region region = held_region(t, region_3d(3, -2, 7, 25, 14, 16));
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  const swr_region box = box_in(&v, 2, 2, 3, 4, 6, 3);
  volume expected = volume_new(&box, SWR_INT16, 1);
  volume_copy(&expected, &v, &box);
  write_with_geometry(t, &v);
  char out[64];
  other_path(t, "box", out);
  const char* origin = "\"origin\":[-10.0,20.5,3.0]";
  if (holds(t, SWR_HOLDS_START_INDEX)) {
    swr_ok("copy %s %s --region %s", t->path, out, box_argument(&box));
  } else {
    swr_fails(SWR_ERROR_UNSUPPORTED, "the start index 2 2 3", "copy %s %s --region %s", t->path,
              out, box_argument(&box));
    swr_warns("the start index 2 2 3", "copy %s %s --region %s --option geometry=drop -q", t->path,
              out, box_argument(&box));
    expected.region = held_region(t, box);
    origin = "\"origin\":[-9.0,22.0,9.0]"; /* of the box */
  }
  assert_file_holds(out, &expected);
  char* document = swr_json("info %s --json", out);
  assert_has(document, holds(t, SWR_HOLDS_ORIGIN) ? origin : "\"origin\":[0.0,0.0,0.0]");
  free(document);
  volume_free(&v);
  volume_free(&expected);
}

static void region_outside_the_image_is_refused(void** state) {
  (void)state;
  swr_ok("make image.mha --size 6,5,4");
  snapshot* before = snapshot_take();
  swr_fails(SWR_ERROR_REGION, "image.mha", "copy image.mha out.mha --region 5,0,0:2,1,1");
  swr_fails(SWR_ERROR_REGION, "(ERROR_REGION)", "copy image.mha out.mha --region -1,0,0:1,1,1");
  swr_fails(SWR_ERROR_REGION, "(ERROR_REGION)",
            "copy image.mha out.mha --region 9223372036854775807,0,0:9,1,1");
  assert_unchanged(before);
  snapshot_free(before);
}

static void copy_onto_itself_is_safe(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 25, 14, 16);
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  make_file(t, &v);
  snapshot* before = snapshot_take();
  const int files = snapshot_count(before);
  snapshot_free(before);
  swr_ok("copy %s %s --divisions 4 --compress %s", t->path, t->path,
         t->kind->compressed ? "deflate:6" : "none");
  assert_file_holds(t->path, &v);
  assert_file_count(files);
  volume_free(&v);
}

static void copy_to_a_type_that_loses_values_needs_a_policy(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 4, 1);
  volume v = volume_new(&region, SWR_FLOAT32, 1);
  const double values[] = {-7, 2.5, 300, 12};
  for (int i = 0; i < 4; ++i) component_store(v.bytes + 4 * i, SWR_FLOAT32, values[i]);
  const test_case t = {.path = "image.mha"};
  make_file(&t, &v);
  swr_fails(SWR_ERROR_MISMATCH, "float32", "copy image.mha out.mha --type uint8");
  swr_fails(SWR_ERROR_MISMATCH, "--convert", "copy image.mha out.mha --type uint8");
  swr_fails(SWR_ERROR_CONVERSION, "(ERROR_CONVERSION)",
            "copy image.mha out.mha --type uint8 --convert exact");
  assert_file_count(1);
  swr_ok("copy image.mha out.mha --type uint8 --convert clamp");
  volume expected = volume_new(&region, SWR_UINT8, 1);
  const unsigned char clamped[] = {0, 2, 255, 12};
  memcpy(expected.bytes, clamped, 4);
  assert_file_holds("out.mha", &expected);
  swr_ok("copy out.mha wide.mha --type float64");
  volume wide = volume_new(&region, SWR_FLOAT64, 1);
  for (int i = 0; i < 4; ++i) component_store(wide.bytes + 8 * i, SWR_FLOAT64, clamped[i]);
  assert_file_holds("wide.mha", &wide);
  swr_ok("copy out.mha same.mha --type uint8");
  volume_free(&v);
  volume_free(&expected);
  volume_free(&wide);
}

/* A type holds every value of another one, or --convert is needed. */
static void widening_needs_no_policy(void** state) {
  (void)state;
  const char* const holds[][2] = {
      {"uint8", "uint16"},  {"uint8", "int16"},  {"uint16", "float32"}, {"int16", "float32"},
      {"int32", "float64"}, {"uint32", "int64"}, {"float32", "float64"}};
  const char* const loses[][2] = {{"uint8", "int8"},    {"int8", "uint16"},   {"int32", "float32"},
                                  {"int64", "float64"}, {"float64", "int64"}, {"uint32", "int32"}};
  for (size_t i = 0; i < sizeof holds / sizeof holds[0]; ++i) {
    swr_ok("make image.nrrd --size 9,8 --type %s -q", holds[i][0]);
    swr_ok("copy image.nrrd wide.nrrd --type %s -q", holds[i][1]);
    swr_ok("make into.nrrd --size 9,8 --type %s --pattern noise -q", holds[i][1]);
    swr_ok("paste image.nrrd into.nrrd -q");
    swr_ok("compare wide.nrrd into.nrrd -q");
  }
  for (size_t i = 0; i < sizeof loses / sizeof loses[0]; ++i) {
    swr_ok("make image.nrrd --size 9,8 --type %s -q", loses[i][0]);
    swr_ok("make into.nrrd --size 9,8 --type %s -q", loses[i][1]);
    swr_fails(SWR_ERROR_MISMATCH, "--convert", "copy image.nrrd out.nrrd --type %s", loses[i][1]);
    swr_fails(SWR_ERROR_MISMATCH, "--convert", "paste image.nrrd into.nrrd");
  }
}

static void colour_stays_colour(void** state) {
  const test_case* t = *state;
  const swr_region region = region_2d(0, 0, 9, 7);
  volume v = volume_pattern(&region, SWR_UINT8, 3, 1);
  make_file(t, &v);
  swr_ok("copy %s copy.nrrd", t->path);
  assert_file_holds("copy.nrrd", &v);
  char* document = swr_json("info copy.nrrd --json");
  assert_has(document, "\"components\":3,\"kind\":\"rgb\"");
  free(document);
  volume_free(&v);
}

static void metadata_goes_along_unless_told_otherwise(void** state) {
  (void)state;
  const swr_region region = region_2d(0, 0, 4, 4);
  volume v = volume_pattern(&region, SWR_UINT8, 1, 1);
  const test_case t = {.path = "image.nrrd"};
  swr_writer* w = writer_for(&t, &v);
  assert_ok(w, swr_set_metadata(w, "Scanner", "No 5"));
  source s = source_of(&v);
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  swr_writer_destroy(w);
  swr_ok("copy image.nrrd with.mha");
  swr_ok("copy image.nrrd without.mha --no-metadata");
  char *with = swr_json("info with.mha --json"), *without = swr_json("info without.mha --json");
  assert_has(with, "\"Scanner\":\"No 5\"");
  assert_lacks(without, "Scanner");
  free(with);
  free(without);
  volume_free(&v);
}

/* Its axes are y and z, 5 mm to the side. */
static void a_plane_keeps_its_place_in_space_without_metadata(void** state) {
  (void)state;
  const char head[] =
      "NRRD0004\ntype: uint8\ndimension: 2\nspace: left-posterior-superior\nsizes: 2 2\n"
      "space directions: (0,2,0) (0,0,3)\nencoding: raw\nlabels: \"a\" \"b\"\n"
      "space origin: (5,0,1)\nScanner:=No 5\n\nabcd";
  save_file("plane.nrrd", head, sizeof head - 1);
  swr_ok("copy plane.nrrd bare.nrrd --no-metadata --quiet");
  int64_t bytes = 0;
  char* bare = (char*)load_file("bare.nrrd", &bytes);
  assert_non_null(bare);
  bare[bytes - 4] = 0;
  assert_has(bare, "space directions: (0,2,0) (0,0,3)\n");
  assert_has(bare, "space origin: (5,0,1)\n");
  assert_lacks(bare, "labels");
  assert_lacks(bare, "Scanner");
  free(bare);
}

static void compression_is_as_asked_for_or_by_the_suffix(void** state) {
  (void)state;
  swr_ok("make image.mha --size 64,64,16 --type uint16");
  swr_ok("copy image.mha packed.mha --compress deflate:6");
  swr_ok("copy image.mha packed.nii.gz");
  swr_ok("copy packed.mha plain.nii");
  const char* const expected[][2] = {
      {"packed.mha", "deflate"}, {"packed.nii.gz", "deflate"}, {"plain.nii", "none"}};
  for (int i = 0; i < 3; ++i) {
    char *document = swr_json("info %s --json", expected[i][0]), field[64];
    snprintf(field, sizeof field, "\"encoding\":\"%s\"", expected[i][1]);
    assert_has(document, field);
    free(document);
  }
  swr_ok("copy packed.nii.gz again.mha");
  int64_t bytes = 0, again = 0;
  unsigned char *first = load_file("image.mha", &bytes), *second = load_file("again.mha", &again);
  assert_true(again >= 64 * 64 * 16 * 2 && bytes >= again - 4096);
  assert_memory_equal(first + bytes - 64 * 64 * 16 * 2, second + again - 64 * 64 * 16 * 2,
                      64 * 64 * 16 * 2);
  free(first);
  free(second);
}

static void the_value_scale_goes_along(void** state) {
  (void)state;
  swr_ok("make image.nii --size 8,8,8 --type int16");
  int64_t bytes = 0;
  unsigned char* file = load_file("image.nii", &bytes);
  const float slope = 2, intercept = -1024;
  memcpy(file + 112, &slope, 4); /* scl_slope and scl_inter of NIfTI-1 */
  memcpy(file + 116, &intercept, 4);
  save_file("image.nii", file, bytes);
  free(file);
  char* document = swr_json("info image.nii --json");
  assert_has(document, "\"slope\":2.0,\"intercept\":-1024.0");
  free(document);
  swr_ok("copy image.nii out.mha");
  swr_ok("copy image.nii out.nii");
  outcome o = swr_run("copy image.nii out.nrrd");
  assert_int_equal(o.code, 0);
  assert_has(o.err, "NRRD has no field for the value scale");
  outcome_free(&o);
  for (const char* const* name = (const char* const[]){"out.mha", "out.nii", "out.nrrd", NULL};
       *name; ++name) {
    document = swr_json("info %s --json", *name);
    assert_has(document, "\"slope\":2.0,\"intercept\":-1024.0");
    free(document);
  }
}

/* By all commands that read pixels or facts. */
static void smaller_versions_are_read_as_images(void** state) {
  (void)state;
  swr_ok(
      "make image.zarr --size 64,48,20 --type int16 --spacing 1,1,2 --pattern noise --option "
      "pyramid.levels=2 --compress none");
  swr_ok("copy image.zarr image.nrrd");
  swr_ok("copy image.zarr one.nrrd --level 1");
  swr_ok("copy image.zarr box.nrrd --level 1 --region 8,4,2:6,5,4");
  volume image = read_volume("image.nrrd");
  volume expected = smaller(&image, 3, 0);
  assert_file_holds("one.nrrd", &expected);
  const swr_region region = region_3d(8, 4, 2, 6, 5, 4);
  volume box = volume_new(&region, SWR_INT16, 1);
  volume_copy(&box, &expected, &region);
  assert_file_holds("box.nrrd", &box);
  char* out = swr_output("info image.zarr --level 2");
  assert_has(out, "size         16 x 12 x 5\n");
  assert_has(out, "spacing      4 4 8");
  assert_lacks(out, "levels");
  free(out);
  char *of_level = swr_output("stats image.zarr --level 1"),
       *of_copy = swr_output("stats one.nrrd");
  assert_string_equal(strchr(of_level, '\n'), strchr(of_copy, '\n'));
  free(of_level);
  free(of_copy);
  out = swr_json("preview image.zarr a.png --level 1 --json");
  assert_has(out, "\"size\":[32,24,1]");
  free(out);
  swr_fails(SWR_ERROR_NOT_FOUND, "2 smaller versions", "copy image.zarr three.nrrd --level 3");
  swr_fails(SWR_ERROR_NOT_FOUND, "0 smaller versions", "info one.nrrd --level 1");
  swr_fails(64, "--level", "info image.zarr --level 31");
  volume_free(&image);
  volume_free(&expected);
  volume_free(&box);
}

static void summary_counts_pieces_bytes_and_memory(void** state) {
  (void)state;
  swr_ok("make image.mha --size 64,64,16 --type uint16");
  char* line = swr_output("copy image.mha out.mha --divisions 4");
  assert_has(line, "out.mha: created; 4 pieces, ");
  assert_has(line, " in the process");
  free(line);
  char* document = swr_json("copy image.mha out.mha --divisions 4 --json");
  assert_has(document,
             "{\"command\":\"copy\",\"file\":\"out.mha\",\"method\":\"create\",\"pieces\":4,");
  assert_int_equal((int)json_number(document, "bytes"), 64 * 64 * 16 * 2);
  assert_true(json_number(document, "bytes_written") >= 64 * 64 * 16 * 2);
  assert_true(json_number(document, "peak_buffer_bytes") > 0);
  assert_true(json_number(document, "peak_process_bytes") > 0);
  assert_true(json_number(document, "seconds") > 0);
  assert_true(json_number(document, "megabytes_per_second") > 0);
  free(document);
  char* nothing = swr_output("copy image.mha out.mha --quiet");
  assert_string_equal(nothing, "");
  free(nothing);
}

int main(void) {
  TEST_EACH(copy_has_the_same_pixels_and_geometry, SWR_CAN_STREAM);
  TEST_EACH(copied_region_keeps_its_place, SWR_CAN_STREAM);
  TEST_EACH(copied_region_keeps_what_the_format_holds_of_its_place, SWR_CAN_STREAM);
  TEST(region_outside_the_image_is_refused);
  TEST_EACH(copy_onto_itself_is_safe, SWR_CAN_STREAM);
  TEST(widening_needs_no_policy);
  TEST(copy_to_a_type_that_loses_values_needs_a_policy);
  TEST_EACH(colour_stays_colour, SWR_CAN_STREAM);
  TEST(metadata_goes_along_unless_told_otherwise);
  TEST(a_plane_keeps_its_place_in_space_without_metadata);
  TEST(compression_is_as_asked_for_or_by_the_suffix);
  TEST(the_value_scale_goes_along);
  TEST(smaller_versions_are_read_as_images);
  TEST(summary_counts_pieces_bytes_and_memory);
  return run_all_tests("swr copy");
}
