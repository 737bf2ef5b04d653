/* swr info, swr formats, swr verify: what they say, as text and as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

static void described_file(const test_case* t) {
  const swr_region region = held_region(t, region_3d(3, -2, 7, 5, 4, 6));
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  swr_writer* w = writer_for(t, &v);
  const double spacing[] = {0.5, 0.25, 2}, origin[] = {-10, 20.5, 3},
               direction[] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  set_held_geometry(t, w, spacing, origin, direction);
  assert_ok(w, swr_write(w, pull_volume, &v));
  swr_writer_destroy(w);
  volume_free(&v);
}

/* Has `told` if the test's files hold what it says, else `plain`. */
static void expect_held(const test_case* t, uint32_t flag, const char* text, const char* told,
                        const char* plain) {
  assert_has(text, holds(t, flag) ? told : plain);
}

/* Zarr's chunks are compressed where nothing else is asked for. */
static const char* encoding_of(const test_case* t) {
  const char* const usual = strcmp(t->kind->format, "Zarr") == 0 ? "zstd" : "none";
  return t->kind->compressed ? "deflate" : usual;
}

static void info_tells_what_was_written(void** state) {
  const test_case* t = *state;
  described_file(t);
  char* document = swr_json("info %s --json", t->path);
  char format[64];
  snprintf(format, sizeof format, "\"format\":\"%s\"", t->kind->format);
  assert_has(document, format);
  assert_has(document, "\"dimensions\":3,\"size\":[5,4,6],");
  expect_held(t, SWR_HOLDS_START_INDEX, document, "\"index\":[3,-2,7]", "\"index\":[0,0,0]");
  assert_has(document, "\"component\":\"int16\",\"components\":1,\"kind\":\"scalar\"");
  expect_held(t, SWR_HOLDS_SPACING, document, "\"spacing\":[0.5,0.25,2.0]",
              "\"spacing\":[1.0,1.0,1.0]");
  expect_held(t, SWR_HOLDS_ORIGIN, document, "\"origin\":[-10.0,20.5,3.0]",
              "\"origin\":[0.0,0.0,0.0]");
  assert_has(document, "\"direction\":[[1.0,0.0,0.0],[0.0,1.0,0.0],[0.0,0.0,1.0]]");
  char stored[64];
  snprintf(stored, sizeof stored, "\"encoding\":\"%s\",\"slotted\":%s", encoding_of(t),
           has_slots(t) ? "true" : "false");
  assert_has(document, stored);
  assert_int_equal((int)json_number(document, "pixel_bytes"), 5 * 4 * 6 * 2);
  assert_has(document, "\"slope\":1.0,\"intercept\":0.0");
  free(document);
}

/* What a file calls its lengths if no unit is set: some formats always have one. */
static const char* lengths_of(const test_case* t) {
  static const char* const in_mm[] = {"NIfTI", "MGH", "GIPL", NULL};
  if (strcmp(t->kind->format, "MRC") == 0) return " Angstrom";
  for (int i = 0; in_mm[i]; ++i) {
    if (strcmp(t->kind->format, in_mm[i]) == 0) return " mm";
  }
  return "";
}

/* The file's unit, and mm where the numbers are: whether the format has units or not. */
static void info_tells_the_unit_of_the_numbers(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 4, 3, 2);
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  swr_writer* w = writer_for(t, &v);
  const double spacing[] = {0.5, 0.25, 2};
  if (holds(t, SWR_HOLDS_SPACING)) assert_ok(w, swr_set_spacing(w, spacing, 3));
  for (int32_t axis = 0; axis < 3; ++axis)
    assert_ok(w, swr_set_axis_unit(w, axis, SWR_UNIT_MICROMETRE));
  if (!holds(t, SWR_HOLDS_UNITS)) assert_ok(w, swr_set_option(w, "geometry", "drop"));
  assert_ok(w, swr_write(w, pull_volume, &v));
  swr_writer_destroy(w);
  volume_free(&v);
  char* out = swr_output("info %s", t->path);
  if (holds(t, SWR_HOLDS_UNITS)) {
    assert_has(out, "spacing      0.5 0.25 2 mm\n");
    assert_has(out, "file's units um um um\n");
  } else {
    char line[64];
    snprintf(line, sizeof line, "2%s\n", lengths_of(t));
    if (holds(t, SWR_HOLDS_SPACING)) assert_has(out, line);
    assert_lacks(out, " um");
  }
  free(out);
}

static void info_as_text_has_a_line_for_each_fact(void** state) {
  const test_case* t = *state;
  described_file(t);
  char* out = swr_output("info %s", t->path);
  assert_has(out, "size         5 x 4 x 6\n");
  assert_has(out, "pixel        int16 scalar\n");
  expect_held(t, SWR_HOLDS_START_INDEX, out, "start index  3 -2 7\n", "start index  0 0 0\n");
  const char* unit = lengths_of(t);
  char told[64], plain[64];
  snprintf(told, sizeof told, "spacing      0.5 0.25 2%s\n", unit);
  snprintf(plain, sizeof plain, "spacing      1 1 1%s\n", unit);
  expect_held(t, SWR_HOLDS_SPACING, out, told, plain);
  snprintf(told, sizeof told, "origin       -10 20.5 3%s\n", unit);
  snprintf(plain, sizeof plain, "origin       0 0 0%s\n", unit);
  expect_held(t, SWR_HOLDS_ORIGIN, out, told, plain);
  assert_has(out, "direction    1 0 0; 0 1 0; 0 0 1\n");
  snprintf(told, sizeof told, "encoding     %s%s\n", encoding_of(t),
           has_slots(t)                          ? ", slotted"
           : strcmp(encoding_of(t), "none") == 0 ? ""
                                                 : ", in chunks");
  assert_has(out, told);
  free(out);
}

static void info_shows_metadata(void** state) {
  const test_case* t = *state;
  const swr_region region = region_2d(0, 0, 4, 4);
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_metadata(w, "Patient", "Jane \"J\" Doe"));
  assert_ok(w, swr_write(w, pull_volume, &v));
  swr_writer_destroy(w);
  volume_free(&v);
  char* document = swr_json("info %s --json", t->path);
  assert_has(document, "\"Patient\":\"Jane \\\"J\\\" Doe\"");
  free(document);
  char* out = swr_output("info %s", t->path);
  assert_has(out, "Patient: Jane \"J\" Doe\n");
  free(out);
}

static void formats_lists_every_format_of_the_library(void** state) {
  (void)state;
  char *text = swr_output("formats"), *document = swr_json("formats --json");
  for (int32_t number = 0; number < swr_format_count(); ++number) {
    const char* name = swr_format_name(number);
    uint32_t flags = 0;
    int32_t least = 0, most = 0;
    assert_int_equal(swr_format_capabilities(name, &flags), SWR_OK);
    assert_int_equal(swr_format_dimensions(name, &least, &most), SWR_OK);
    assert_has(text, name);
    assert_has(text, swr_format_suffixes(name));
    char field[256];
    snprintf(field, sizeof field, "{\"name\":\"%s\",", name);
    const char* object = strstr(document, field);
    assert_non_null(object);
    assert_int_equal((int)json_number(object, "least_dimensions"), least);
    assert_int_equal((int)json_number(object, "most_dimensions"), most);
    char* end = strchr(object, '}');
    assert_non_null(end);
    *end = '\0';
    assert_has(object, flags & SWR_CAN_PASTE ? "\"paste\":true" : "\"paste\":false");
    assert_has(object, flags & SWR_CAN_PASTE_COMPRESSED ? "\"paste_compressed\":true"
                                                        : "\"paste_compressed\":false");
    assert_has(object, flags & SWR_CAN_CONCURRENT ? "\"concurrent\":true" : "\"concurrent\":false");
    *end = '}';
  }
  free(text);
  free(document);
}

static void info_lists_the_smaller_versions(void** state) {
  (void)state;
  swr_ok("make image.tif --size 70,50,2 --type int16 --option pyramid.levels=2");
  char* out = swr_output("info image.tif");
  assert_has(out, "levels       35 x 25 x 2, 18 x 13 x 2\n");
  free(out);
  char* document = swr_json("info image.tif --json");
  assert_has(document, "\"levels\":[[35,25,2],[18,13,2]]");
  free(document);
  swr_ok("make image.tif --size 70,50,2 --type int16");
  out = swr_output("info image.tif");
  assert_lacks(out, "levels");
  free(out);
}

static void info_tells_the_shape_of_chunks(void** state) {
  const test_case* t = *state;
  described_file(t);
  char *out = swr_output("info %s", t->path), *document = swr_json("info %s --json", t->path);
  assert_int_equal(strstr(out, "\nchunks       ") != NULL, has_chunks(t));
  assert_int_equal(strstr(document, "\"chunk_shape\":[]") == NULL, has_chunks(t));
  free(out);
  free(document);
}

static void info_tells_the_shape_that_was_asked_for(void** state) {
  (void)state;
  swr_ok(
      "make image.tif --size 70,50,2 --type int16 --option chunk.shape=32,16"
      " --option pyramid.levels=1");
  for (int level = 0; level < 2; ++level) {
    char *out = swr_output("info image.tif --level %d", level),
         *document = swr_json("info image.tif --level %d --json", level);
    assert_has(out, "\nchunks       32 x 16 x 1\n");
    assert_has(document, "\"chunk_shape\":[32,16,1]");
    free(out);
    free(document);
  }
}

/* Whether the library has the codec for the file. */
static int can_write(const char* file, const char* codec) {
  const swr_region region = region_3d(0, 0, 0, 2, 2, 2);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, file));
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_compression(w, codec, 3));
  const int found = swr_check(w) == SWR_OK;
  swr_writer_destroy(w);
  return found;
}

/* Compressed pixels in chunks are changed in place whatever their stream is. */
static void info_says_what_is_in_slots_or_in_chunks(void** state) {
  (void)state;
  const struct {
    const char *file, *codec, *words;
  } cases[] = {{"a.nii.gz", "deflate", "deflate, slotted"},
               {"a.nrrd", "none", "none"},
               {"a.tif", "deflate", "deflate, in chunks"},
               {"a.tif", "zstd", "zstd, in chunks"},
               {"a.tif", "none", "none"},
               {"a.h5", "deflate", "deflate, in chunks"},
               {"a.zarr", "deflate", "deflate, in chunks"},
               {"a.zarr", "zstd", "zstd, in chunks"},
               {"a.zarr", "none", "none"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    if (!can_write(cases[i].file, cases[i].codec)) continue;
    swr_ok("make %s --size 40,30,20 --type uint8 --compress %s", cases[i].file, cases[i].codec);
    char line[100];
    snprintf(line, sizeof line, "\nencoding     %s\n", cases[i].words);
    char* out = swr_output("info %s", cases[i].file);
    assert_has(out, line);
    free(out);
    snprintf(line, sizeof line, ", encoding %s\n", cases[i].words);
    out = swr_output("verify %s", cases[i].file);
    assert_has(out, line);
    free(out);
  }
}

static void verify_says_whole(void** state) {
  const test_case* t = *state;
  described_file(t);
  char* out = swr_output("verify %s", t->path);
  assert_has(out, "whole");
  assert_has(out, has_slots(t) ? "deflate, slotted" : encoding_of(t));
  free(out);
  char* document = swr_json("verify %s --json", t->path);
  assert_has(document, "\"whole\":true,\"status\":\"OK\",\"message\":\"\"");
  assert_has(document, has_slots(t) ? "\"slotted\":true" : "\"slotted\":false");
  free(document);
}

static void verify_of_a_damaged_file_exits_with_corrupt(void** state) {
  const test_case* t = *state;
  described_file(t);
  char path[256];
  data_file_of(t->path, path);
  int64_t bytes = 0;
  unsigned char* content = load_file(path, &bytes);
  save_file(path, content, bytes - 9);
  free(content);
  swr_fails(SWR_ERROR_CORRUPT, path, "verify %s", t->path);
  outcome o = swr_run("verify %s --json", t->path);
  assert_int_equal(o.code, SWR_ERROR_CORRUPT);
  char* document = json_compact(o.out);
  assert_has(document, "\"whole\":false,\"status\":\"ERROR_CORRUPT\"");
  assert_lacks(document, "\"message\":\"\"");
  free(document);
  outcome_free(&o);
}

/* Bytes after the image do not damage it: one rule for raw pixels and for streams. */
static void verify_warns_of_bytes_after_the_pixels(void** state) {
  const test_case* t = *state;
  described_file(t);
  if (has_chunks(t)) return;
  char path[256];
  data_file_of(t->path, path);
  FILE* file = fopen(path, "ab");
  assert_non_null(file);
  assert_int_equal(fputs("of another program", file) < 0, 0);
  assert_int_equal(fclose(file), 0);
  outcome o = swr_run("verify %s", t->path);
  /* MGH's files end in tags, which may be anything. */
  const int is_own = o.code == SWR_OK && strlen(o.err) == 0;
  if (is_own) assert_string_equal(t->kind->format, "MGH");
  assert_int_equal(o.code, SWR_OK);
  assert_has(o.out, "whole");
  if (!is_own) assert_has(o.err, "after the pixels");
  outcome_free(&o);
  if (is_own) return;
  outcome json = swr_run("verify %s --json", t->path);
  assert_has(json.out, "\"whole\": true");
  assert_has(strstr(json.out, "\"message\""), "after the pixels");
  outcome_free(&json);
  swr_fails(SWR_ERROR_UNSUPPORTED, "after the pixels", "verify %s --strict", t->path);
}

static void recover_without_a_journal_changes_nothing(void** state) {
  const test_case* t = *state;
  described_file(t);
  snapshot* before = snapshot_take();
  char* out = swr_output("recover %s", t->path);
  assert_has(out, "nothing to roll back");
  free(out);
  char* document = swr_json("recover %s --json", t->path);
  assert_int_equal((int)json_number(document, "recovered"), 0);
  free(document);
  assert_unchanged(before);
  snapshot_free(before);
}

int main(void) {
  TEST_EACH(info_tells_what_was_written, SWR_CAN_STREAM);
  TEST_EACH(info_tells_the_unit_of_the_numbers, SWR_CAN_STREAM);
  TEST_EACH(info_as_text_has_a_line_for_each_fact, SWR_CAN_STREAM);
  TEST_EACH(info_shows_metadata, SWR_CAN_STREAM | SWR_HOLDS_METADATA);
  TEST(formats_lists_every_format_of_the_library);
  TEST(info_lists_the_smaller_versions);
  TEST(info_says_what_is_in_slots_or_in_chunks);
  TEST_EACH(info_tells_the_shape_of_chunks, SWR_CAN_STREAM);
  TEST(info_tells_the_shape_that_was_asked_for);
  TEST_EACH(verify_says_whole, SWR_CAN_STREAM);
  TEST_EACH(verify_of_a_damaged_file_exits_with_corrupt, SWR_CAN_STREAM);
  TEST_EACH(verify_warns_of_bytes_after_the_pixels, SWR_CAN_STREAM);
  TEST_EACH(recover_without_a_journal_changes_nothing, SWR_CAN_STREAM);
  return run_all_tests("swr info, formats, verify, recover");
}
