/* Between any two files of the table of formats, `swr copy` keeps every pixel, and of the geometry
 * what both can hold. `swr info` and `swr preview` know each of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

enum { most_kinds = 128, axes = 3 };

/* A format with one of its suffixes, and the file of that kind that copies are made of. */
typedef struct kind {
  const char* format;
  char suffix[16];
  char path[32];
  uint32_t flags;
  int is_usual; /* the first suffix of its format */
} kind;

static kind kinds[most_kinds];
static int kind_count;

/* They are exact in 32 bits, also as the edges and the middle of the image. */
static const double set_spacing[axes] = {0.5, 0.75, 2}, set_origin[axes] = {-10, 20.5, 3};
static const double no_spacing[axes] = {1, 1, 1}, no_origin[axes] = {0, 0, 0};

static volume pattern(void) {
  const swr_region region = region_3d(0, 0, 0, 6, 5, 4);
  return volume_pattern(&region, SWR_INT16, 1, 1);
}

static void add_kind(const char* format, const char* suffix, uint32_t flags) {
  assert_in_range(kind_count, 0, most_kinds - 1);
  kind* k = &kinds[kind_count];
  k->format = format;
  k->flags = flags;
  k->is_usual = kind_count == 0 || strcmp(k[-1].format, format) != 0;
  snprintf(k->suffix, sizeof k->suffix, "%s", suffix);
  snprintf(k->path, sizeof k->path, "from%d%s", kind_count++, suffix);
}

/* Every suffix of every format that can be written. */
static void list_kinds(void) {
  kind_count = 0;
  for (int32_t number = 0; number < swr_format_count(); ++number) {
    const char* const format = swr_format_name(number);
    uint32_t flags = 0;
    assert_int_equal(swr_format_capabilities(format, &flags), SWR_OK);
    if (!(flags & SWR_CAN_STREAM)) continue;
    char suffixes[256];
    snprintf(suffixes, sizeof suffixes, "%s", swr_format_suffixes(format));
    for (char* suffix = strtok(suffixes, " "); suffix; suffix = strtok(NULL, " "))
      add_kind(format, suffix, flags);
  }
}

static void write_source(const kind* k, const volume* v) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, k->path));
  describe(w, v);
  assert_ok(w, swr_set_spacing(w, set_spacing, axes));
  assert_ok(w, swr_set_origin(w, set_origin, axes));
  assert_ok(w, swr_set_option(w, "geometry", "drop"));
  source s = source_of(v);
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  swr_writer_destroy(w);
}

static void write_sources(const volume* v) {
  list_kinds();
  for (int i = 0; i < kind_count; ++i) write_source(&kinds[i], v);
}

static void expect_numbers(const char* path, const char* what, const double* got,
                           const double* expected) {
  for (int i = 0; i < axes; ++i) {
    if (fabs(got[i] - expected[i]) < 1e-6) continue;
    fail_msg("%s: %s %g %g %g, not %g %g %g", path, what, got[0], got[1], got[2], expected[0],
             expected[1], expected[2]);
  }
}

/* `held`: the flags of all formats that the geometry has been through. */
static void expect_geometry(const char* path, const char* format, uint32_t held) {
  double spacing[axes], origin[axes];
  const char* name = NULL;
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  assert_reader_ok(r, swr_reader_get_format(r, &name));
  assert_reader_ok(r, swr_reader_get_spacing(r, spacing, axes));
  assert_reader_ok(r, swr_reader_get_origin(r, origin, axes));
  assert_string_equal(name, format);
  expect_numbers(path, "spacing", spacing, held & SWR_HOLDS_SPACING ? set_spacing : no_spacing);
  expect_numbers(path, "origin", origin, held & SWR_HOLDS_ORIGIN ? set_origin : no_origin);
  swr_reader_destroy(r);
}

static void copy_one(const kind* from, const kind* to, const volume* v) {
  char path[64];
  snprintf(path, sizeof path, "to%d%s", (int)(to - kinds), to->suffix);
  outcome o = swr_run("copy %s %s --option geometry=drop --existing replace -q", from->path, path);
  if (o.code != 0) fail_msg("%s to %s: exit code %d\n%s", from->path, path, o.code, o.err);
  outcome_free(&o);
  assert_file_holds(path, v);
  expect_geometry(path, to->format, from->flags & to->flags);
}

/* Every suffix to and from the usual one of every format: all pairs would take twice as long. */
static void a_copy_of_any_kind_from_any_kind_has_the_same_pixels(void** state) {
  volume v = pattern();
  write_sources(&v);
  for (int from = 0; from < kind_count; ++from) {
    if (!is_of_the_part(*state, from)) continue;
    for (int to = 0; to < kind_count; ++to)
      if (kinds[from].is_usual || kinds[to].is_usual) copy_one(&kinds[from], &kinds[to], &v);
  }
  volume_free(&v);
}

static void info_and_preview_know_a_file_of_every_kind(void** state) {
  (void)state;
  volume v = pattern();
  write_sources(&v);
  for (int i = 0; i < kind_count; ++i) {
    char* text = swr_output("info %s", kinds[i].path);
    assert_has(text, kinds[i].format);
    assert_has(text, "size         6 x 5 x 4\n");
    assert_has(text, "pixel        int16 scalar\n");
    free(text);
    char picture[32];
    snprintf(picture, sizeof picture, "%d.png", i);
    swr_ok("preview %s %s -q", kinds[i].path, picture);
    assert_true(file_bytes(picture) > 0);
  }
  volume_free(&v);
}

int main(void) {
  TEST_IN_PARTS(a_copy_of_any_kind_from_any_kind_has_the_same_pixels, 5);
  TEST(info_and_preview_know_a_file_of_every_kind);
  return run_all_tests("between formats");
}
