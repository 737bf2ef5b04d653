#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checked/checked.h"
#include "support/support.h"

enum { most_variants = 64, most_tests = 1024 };

static variant variants[most_variants];
static int narrow_variants[most_variants]; /* 1, or -1 if not; 0 before it is asked */
static int variant_count;
static test_case cases[most_tests];
static int case_count;

void expect_status(swr_status got, swr_status expected, const char* message, const char* call,
                   const char* file, int line) {
  if (got != expected) {
    skip_if_too_narrow(got, message);
    print_error("%s: %s, not %s: %s\n", call, swr_status_name(got), swr_status_name(expected),
                message ? message : "(NULL)");
    _fail(file, line);
  }
  const int says_why = message && message[0] != 0;
  if (says_why == (got != SWR_OK)) return;
  print_error("%s: %s, and the message is \"%s\"\n", call, swr_status_name(got),
              message ? message : "(NULL)");
  _fail(file, line);
}

void expect_words(const char* message, const char* words, const char* file, int line) {
  if (message && strstr(message, words)) return;
  print_error("\"%s\" is not in the message \"%s\"\n", words, message ? message : "(NULL)");
  _fail(file, line);
}

/* Whether files of this name are always compressed. */
static int means_compressed(const char* suffix) {
  const int64_t size[] = {2, 2, 2};
  const swr_region region = region_nd(3, NULL, size);
  char path[64];
  snprintf(path, sizeof path, "no-such-file%s", suffix);
  swr_writer* w = swr_writer_create();
  assert_int_equal(swr_set_path(w, path), SWR_OK);
  assert_int_equal(swr_set_image_region(w, &region), SWR_OK);
  assert_int_equal(swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR), SWR_OK);
  assert_int_equal(swr_set_compression(w, "none", 0), SWR_OK);
  const int refused =
      swr_check(w) != SWR_OK && strstr(swr_writer_message(w), "of this name are compressed");
  swr_writer_destroy(w);
  return refused;
}

static void add_variant(const char* format, const char* suffix, uint32_t flags, int compressed,
                        int set_compression) {
  if (variant_count == most_variants) abort();
  variant* v = &variants[variant_count++];
  v->format = format;
  snprintf(v->suffix, sizeof v->suffix, "%s", suffix);
  v->flags = flags;
  v->compressed = compressed;
  v->set_compression = set_compression;
}

/* The file of a small image under a name with this suffix; NULL if none is written. To be freed. */
static unsigned char* small_file(const char* suffix, int64_t* bytes) {
  char folder[] = "suffix-XXXXXX", path[64];
  if (!mkdtemp(folder)) abort();
  snprintf(path, sizeof path, "%s/image%s", folder, suffix);
  const int16_t zeros[8] = {0};
  const swr_region region = region_3d(0, 0, 0, 2, 2, 2);
  swr_writer* w = swr_writer_create();
  swr_set_path(w, path);
  swr_set_image_region(w, &region);
  swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR);
  swr_begin(w);
  swr_put(w, &region, zeros, sizeof zeros);
  unsigned char* file = swr_finish(w) == SWR_OK ? load_file(path, bytes) : NULL;
  swr_writer_destroy(w);
  remove_tree(folder);
  return file;
}

/* Whether an earlier variant of the format writes the same file: another name of one thing. */
static int is_alias(const char* format, const char* suffix) {
  int64_t bytes = 0, others = 0;
  unsigned char* file = small_file(suffix, &bytes);
  int found = 0;
  for (int i = 0; i < variant_count && file && !found; ++i) {
    if (strcmp(variants[i].format, format) != 0) continue;
    unsigned char* other = small_file(variants[i].suffix, &others);
    found = other && bytes == others && memcmp(file, other, (size_t)bytes) == 0;
    free(other);
  }
  free(file);
  return found;
}

/* Every suffix of every format that is written, if it stands for files of its own; a plain suffix
 * again with compression switched on, unless the format has suffixes of its own for that. */
static void list_variants(void) {
  if (variant_count > 0) return;
  for (int32_t number = 0; number < swr_format_count(); ++number) {
    const char* format = swr_format_name(number);
    uint32_t flags = 0;
    if (swr_format_capabilities(format, &flags) != SWR_OK) abort();
    if (!(flags & SWR_CAN_STREAM)) continue;
    char suffixes[256];
    snprintf(suffixes, sizeof suffixes, "%s", swr_format_suffixes(format));
    const int by_suffix = strstr(suffixes, ".gz") != NULL;
    for (char* suffix = strtok(suffixes, " "); suffix; suffix = strtok(NULL, " ")) {
      const int compressed = means_compressed(suffix);
      if (compressed && !(flags & SWR_CAN_STREAM_COMPRESSED)) continue;
      if (is_alias(format, suffix)) continue;
      add_variant(format, suffix, flags, compressed, 0);
      if (!by_suffix && (flags & SWR_CAN_STREAM_COMPRESSED))
        add_variant(format, suffix, flags, 1, 1);
    }
  }
}

int variant_number(void) {
  list_variants();
  return variant_count;
}

const variant* variant_at(int number) {
  list_variants();
  return &variants[number];
}

/* --- Formats that hold only some types, or numbers of dimensions --- */

static int refuses_for_its_kind(const char* message) {
  return message && (strstr(message, "cannot hold pixels of") ||
                     (strstr(message, ": the image has ") && strstr(message, " dimensions; ")));
}

int variant_holds(const variant* kind, swr_component component, int32_t components,
                  int32_t dimensions) {
  const int64_t size[] = {2, 2, 2, 2};
  const swr_region region = region_nd(dimensions, NULL, size);
  char path[64];
  snprintf(path, sizeof path, "no-such-file%s", kind->suffix);
  swr_writer* w = swr_writer_create();
  assert_int_equal(swr_set_path(w, path), SWR_OK);
  assert_int_equal(swr_set_image_region(w, &region), SWR_OK);
  assert_int_equal(swr_set_pixel_type(w, component, components,
                                      components == 1 ? SWR_KIND_SCALAR : SWR_KIND_VECTOR),
                   SWR_OK);
  const int holds = swr_check(w) == SWR_OK || !refuses_for_its_kind(swr_writer_message(w));
  swr_writer_destroy(w);
  return holds;
}

static int holds_every_scalar(const variant* kind) {
  for (int32_t type = SWR_UINT8; type <= SWR_FLOAT64; ++type) {
    for (int32_t n = 1; n <= 4; ++n) {
      if (!variant_holds(kind, (swr_component)type, 1, n)) return 0;
    }
  }
  return 1;
}

/* A test that is skipped in its middle does not free what it has. The search for leaks runs before
 * the first of these, and not again: tests that may be skipped come last. LeakSanitizer asks the
 * second function, and has the first. */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
int __lsan_is_turned_off(void);
static int was_skipped;
int __lsan_is_turned_off(void) {
  return was_skipped;
}

static void skip_in_the_middle(void) {
  if (!was_skipped && __lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check() != 0)
    fail_msg("a test before this one leaks");
  was_skipped = 1;
  skip();
}

/* What a test asks for is then not the format's fault. No other format is excused. */
static const variant* running_kind;
void skip_if_too_narrow(int status, const char* message) {
  if (status != SWR_ERROR_UNSUPPORTED || !running_kind) return;
  if (refuses_for_its_kind(message) && !holds_every_scalar(running_kind)) skip_in_the_middle();
}

static uint32_t needs_of_compressed(uint32_t needs) {
  uint32_t more = needs;
  if (needs & SWR_CAN_STREAM) more |= SWR_CAN_STREAM_COMPRESSED;
  if (needs & (SWR_CAN_PASTE | SWR_CAN_EXTEND)) more |= SWR_CAN_PASTE_COMPRESSED;
  return more;
}

static void add_case(const char* name, CMUnitTestFunction run, const variant* kind) {
  if (case_count == most_tests) abort();
  test_case* t = &cases[case_count++];
  t->kind = kind;
  t->run = run;
  if (kind) {
    snprintf(t->name, sizeof t->name, "%s [%s%s]", name, kind->suffix,
             kind->set_compression ? " compressed" : "");
    snprintf(t->path, sizeof t->path, "image%s", kind->suffix);
  } else {
    snprintf(t->name, sizeof t->name, "%s", name);
    snprintf(t->path, sizeof t->path, "image.mha");
  }
}

void add_test(const char* name, CMUnitTestFunction run) {
  add_case(name, run, NULL);
}

void add_test_in_parts(const char* name, CMUnitTestFunction run, int parts) {
  for (int part = 0; part < parts; ++part) {
    add_case(name, run, NULL);
    test_case* t = &cases[case_count - 1];
    t->part = part;
    t->parts = parts;
    snprintf(t->name, sizeof t->name, "%s [part %d of %d]", name, part + 1, parts);
  }
}

int is_of_the_part(const test_case* t, int64_t number) {
  return t->parts == 0 || number % t->parts == t->part;
}

static void add_kinds(const char* name, CMUnitTestFunction run, uint32_t needs, int plain_only) {
  static int test_count;
  list_variants();
  ++test_count;
  for (int i = 0; i < variant_count; ++i) {
    const variant* kind = &variants[i];
    if ((plain_only && kind->compressed) || !kind_takes_its_turn(i, test_count)) continue;
    const uint32_t wanted = kind->compressed ? needs_of_compressed(needs) : needs;
    if ((kind->flags & wanted) == wanted) add_case(name, run, kind);
  }
}

void add_test_for_each_kind(const char* name, CMUnitTestFunction run, uint32_t needs) {
  add_kinds(name, run, needs, 0);
}
void add_test_for_each_plain_kind(const char* name, CMUnitTestFunction run, uint32_t needs) {
  add_kinds(name, run, needs, 1);
}

swr_writer* new_writer_at(const test_case* t, const char* path) {
  swr_writer* w = swr_writer_create();
  assert_non_null(w);
  assert_ok(w, swr_set_path(w, path));
  if (t->kind && t->kind->set_compression) assert_ok(w, swr_set_compression(w, "deflate", 3));
  return w;
}

swr_writer* new_writer(const test_case* t) {
  return new_writer_at(t, t->path);
}

static swr_kind kind_of(int32_t components) {
  if (components == 1) return SWR_KIND_SCALAR;
  if (components == 3) return SWR_KIND_RGB;
  return components == 4 ? SWR_KIND_RGBA : SWR_KIND_VECTOR;
}

void describe(swr_writer* w, const volume* v) {
  assert_ok(w, swr_set_image_region(w, &v->region));
  assert_ok(w, swr_set_pixel_type(w, v->component, v->components,
                                  v->component == SWR_UINT8 ? kind_of(v->components)
                                  : v->components == 1      ? SWR_KIND_SCALAR
                                                            : SWR_KIND_VECTOR));
}

swr_writer* writer_for(const test_case* t, const volume* v) {
  swr_writer* w = new_writer(t);
  describe(w, v);
  return w;
}

static void write_whole(swr_writer* w, const volume* v) {
  source s = source_of(v);
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  swr_writer_destroy(w);
}

void make_file(const test_case* t, const volume* v) {
  write_whole(writer_for(t, v), v);
}

void make_file_at(const char* path, const volume* v) {
  const test_case t = {.path = "unused"};
  swr_writer* w = new_writer_at(&t, path);
  describe(w, v);
  write_whole(w, v);
}

void data_file_of(const char* image, char out[256]) {
  swr_reader* r = swr_reader_create();
  const char* path = NULL;
  assert_reader_ok(r, swr_reader_open(r, image));
  assert_reader_ok(r, swr_reader_get_data_file(r, &path));
  snprintf(out, 256, "%s", path);
  swr_reader_destroy(r);
}

int is_a_folder(const test_case* t) {
  return t->kind && strcmp(t->kind->format, "Zarr") == 0;
}

int has_slots(const test_case* t) {
  return t->kind && t->kind->compressed && !has_chunks(t);
}

int64_t statistic(swr_writer* w, swr_statistic which) {
  int64_t value = -1;
  assert_ok(w, swr_get_statistics(w, which, &value));
  return value;
}

int has_chunks(const test_case* t) {
  const char* const format = t->kind && t->kind->compressed ? t->kind->format : "";
  const int is_in_chunks = strcmp(format, "TIFF") == 0 || strcmp(format, "HDF5") == 0;
  return is_in_chunks || is_a_folder(t) || strstr(t->path, ".chunks") || strstr(t->path, ".boxes");
}

static uint32_t flags_of(const test_case* t) {
  return t->kind ? t->kind->flags : (uint32_t)(HOLDS_GEOMETRY | SWR_HOLDS_START_INDEX);
}

int holds(const test_case* t, uint32_t flags) {
  return (flags_of(t) & flags) == flags;
}

swr_region held_region(const test_case* t, swr_region region) {
  if (!holds(t, SWR_HOLDS_START_INDEX)) memset(region.index, 0, sizeof region.index);
  return region;
}

void set_held_geometry(const test_case* t, swr_writer* w, const double* spacing,
                       const double* origin, const double* direction) {
  if (holds(t, SWR_HOLDS_SPACING)) assert_ok(w, swr_set_spacing(w, spacing, 3));
  if (holds(t, SWR_HOLDS_ORIGIN)) assert_ok(w, swr_set_origin(w, origin, 3));
  if (holds(t, SWR_HOLDS_DIRECTION)) assert_ok(w, swr_set_direction(w, direction, 9));
}

void other_path(const test_case* t, const char* stem, char out[64]) {
  snprintf(out, 64, "%s%s", stem, t->kind ? t->kind->suffix : ".mha");
}

static int enter_folder(void** state) {
  test_case* t = *state;
  running_kind = t->kind;
  snprintf(t->folder, sizeof t->folder, "test-XXXXXX");
  if (!mkdtemp(t->folder)) return -1;
  return chdir(t->folder);
}

static int leave_folder(void** state) {
  test_case* t = *state;
  checks_on();
  if (chdir("..") != 0) return -1;
  remove_tree(t->folder);
  return 0;
}

static int may_be_skipped(const test_case* t) {
  if (!t->kind) return 0;
  int* const known = &narrow_variants[t->kind - variants];
  if (*known == 0) *known = holds_every_scalar(t->kind) ? -1 : 1;
  return *known > 0;
}

int run_all_tests(const char* group) {
  static struct CMUnitTest tests[most_tests];
  int count = 0;
  for (int may_skip = 0; may_skip < 2; ++may_skip) {
    for (int i = 0; i < case_count; ++i) {
      const int is_left_out = case_count > 1 && !case_takes_its_turn(i);
      if (is_left_out || may_be_skipped(&cases[i]) != may_skip) continue;
      const struct CMUnitTest test = {cases[i].name, cases[i].run, enter_folder, leave_folder,
                                      &cases[i]};
      tests[count++] = test;
    }
  }
  return _cmocka_run_group_tests(group, tests, (size_t)count, NULL, NULL);
}
