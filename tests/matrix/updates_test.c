/* Every change of an existing file, with every setting of the compression, for every kind of file
 * of this library and others. Either a change is refused and every file of the folder stays
 * unchanged, or it succeeds and changes no other file of the folder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sanitized.h"
#include "support/foreign.h"

/* --- The factors --- */

typedef enum change {
  PASTE,
  PASTE_AT_THE_BEGINNING,
  PASTE_WHOLE,
  EXTEND_AT_THE_END,
  EXTEND_AT_THE_BEGINNING,
  EXTEND_ANOTHER_AXIS,
  ERASE, /* as a redaction does */
  change_count
} change;
static const char* const change_names[] = {"paste",
                                           "paste at the beginning",
                                           "paste whole",
                                           "extend at the end",
                                           "extend at the beginning",
                                           "extend another axis",
                                           "erase"};

typedef enum content { NOISE, SOFT, FLAT, content_count } content;
static const char* const content_names[] = {"noise", "soft", "flat"};

typedef struct compression {
  const char* name;
  int32_t level;
} compression;
static const compression compressions[] = {{NULL, 0}, {"none", 0}, {"deflate", 1}, {"deflate", 6}};
enum { compression_count = sizeof compressions / sizeof compressions[0] };

/* How the file was made; of those that others make, by zlib. */
typedef struct origin {
  const char* name;
  int foreign;
  foreign_encoding how;
} origin;
static const origin origins[] = {
    {"by swr", 0, {0, 0, 0, ONE_STREAM}},
    {"by swr, bytes after it", 0, {0, 0, 0, TRAILING_BYTES}},
    {"level 1", 1, {1, Z_DEFAULT_STRATEGY, 8, ONE_STREAM}},
    {"level 6, small blocks", 1, {6, Z_DEFAULT_STRATEGY, 1, ONE_STREAM}},
    {"level 9", 1, {9, Z_DEFAULT_STRATEGY, 9, ONE_STREAM}},
    {"stored", 1, {0, Z_DEFAULT_STRATEGY, 8, ONE_STREAM}},
    {"fixed codes", 1, {6, Z_FIXED, 4, ONE_STREAM}},
    {"run lengths", 1, {6, Z_RLE, 2, ONE_STREAM}},
    {"Huffman codes only", 1, {6, Z_HUFFMAN_ONLY, 2, ONE_STREAM}},
    {"flushed", 1, {6, Z_DEFAULT_STRATEGY, 8, FLUSHED}},
    {"two members", 1, {6, Z_DEFAULT_STRATEGY, 8, TWO_MEMBERS}},
    {"many members", 1, {6, Z_DEFAULT_STRATEGY, 8, MANY_MEMBERS}},
    {"bytes after the stream", 1, {6, Z_DEFAULT_STRATEGY, 8, TRAILING_BYTES}},
};
enum { origin_count = sizeof origins / sizeof origins[0] };

/* The other files of the folder, and the name of a detached data file. */
typedef enum neighbourhood {
  ALONE,
  OWN_DATA_NAME,    /* the data file is not called as the library would call it */
  TAKEN_DATA_NAMES, /* and the names that the library would give are those of other files */
  neighbourhood_count
} neighbourhood;
static const char* const neighbourhood_names[] = {
    "alone", "with a data file of another name", "with a data file of another name, its own taken"};

typedef struct trial {
  const test_case* test;
  change change;
  content content;
  const compression* compression;
  const origin* origin;
  neighbourhood neighbourhood;
} trial;

static void describe_trial(const trial* t) {
  print_error("%s, %s, %s: %s (%s), compression %s:%d\n", t->test->path, t->origin->name,
              neighbourhood_names[t->neighbourhood], change_names[t->change],
              content_names[t->content], t->compression->name ? t->compression->name : "unset",
              t->compression->level);
}

/* --- The file, and what is beside it --- */

static swr_region old_region(void) {
  return region_3d(0, 0, 0, 61, 43, 9);
}

/* The name of the file that holds the pixels, without its folder. */
static void data_file(const char* path, char out[64]) {
  char whole[256];
  data_file_of(path, whole);
  const char* slash = strrchr(whole, '/');
  const char* name = slash ? slash + 1 : whole;
  assert_true(strlen(name) < 64);
  memcpy(out, name, strlen(name) + 1);
}

static void append_bytes(const char* path) {
  char data[64];
  data_file(path, data);
  FILE* file = fopen(data, "ab");
  assert_non_null(file);
  fputs("something else", file);
  fclose(file);
}

static void make_old_file(const trial* t, const volume* v) {
  if (t->origin->foreign) {
    make_foreign(t->test, v, &t->origin->how);
    return;
  }
  swr_writer* w = writer_for(t->test, v);
  source s = source_of(v);
  assert_ok(w, swr_set_option(w, "deflate.slot", "4096"));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  if (t->origin->how.shape == TRAILING_BYTES) append_bytes(t->test->path);
}

/* Whether the header is text that names a data file of any name. The names of chunks follow from
 * that of the header. */
static int names_its_data_file(const test_case* t) {
  if (is_a_folder(t)) return 0;
  char data[64];
  data_file(t->path, data);
  if (strcmp(data, t->path) == 0) return 0;
  unsigned char* header = load_file(t->path, NULL);
  assert_non_null(header);
  const int named = strstr((char*)header, data) != NULL;
  free(header);
  return named;
}

/* Gives the data file another name, as users do. */
static void rename_data_file(const test_case* t, const char* name) {
  char old[64];
  data_file(t->path, old);
  int64_t bytes = 0;
  unsigned char* header = load_file(t->path, &bytes);
  char* at = strstr((char*)header, old);
  assert_non_null(at);
  const int64_t before = at - (char*)header, after = before + (int64_t)strlen(old);
  unsigned char* changed = malloc((size_t)bytes + strlen(name));
  memcpy(changed, header, (size_t)before);
  memcpy(changed + before, name, strlen(name));
  memcpy(changed + before + strlen(name), header + after, (size_t)(bytes - after));
  save_file(t->path, changed, before + (int64_t)strlen(name) + bytes - after);
  assert_int_equal(rename(old, name), 0);
  free(changed);
  free(header);
}

static void add_neighbours(void) {
  const char* names[] = {"image.raw",  "image.zraw",  "image.raw.gz", "image.dat",
                         "pixels.raw", "pixels.zraw", "pixels.raw.gz"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
    if (!file_exists(names[i])) save_file(names[i], "a file of the user", 18);
  }
}

/* The folder before a change, which many trials have in common: it is made once. */
typedef struct scene {
  volume old;
  snapshot *own, *all; /* the image's files, and those of the folder */
  char old_data[64];
} scene;

static scene make_scene(const trial* t) {
  clear_folder();
  const swr_region region = old_region();
  scene s;
  s.old = scan(&region);
  make_old_file(t, &s.old);
  if (t->neighbourhood != ALONE) rename_data_file(t->test, "pixels.dat");
  s.own = snapshot_take();
  if (t->neighbourhood == TAKEN_DATA_NAMES) add_neighbours();
  s.all = snapshot_take();
  data_file(t->test->path, s.old_data);
  return s;
}

static void free_scene(scene* s) {
  snapshot_free(s->own);
  snapshot_free(s->all);
  volume_free(&s->old);
}

/* --- The change --- */

static swr_region image_of(const trial* t) {
  swr_region image = old_region();
  if (t->change == EXTEND_AT_THE_END) image.size[2] += 4;
  if (t->change == EXTEND_ANOTHER_AXIS) image.size[1] += 3;
  if (t->change == EXTEND_AT_THE_BEGINNING) image.index[2] -= 2, image.size[2] += 2;
  return image;
}

static swr_region box_of(const trial* t) {
  switch (t->change) {
    case PASTE: return region_3d(10, 10, 2, 30, 20, 4);
    case PASTE_AT_THE_BEGINNING: return region_3d(0, 0, 0, 61, 12, 1);
    case EXTEND_AT_THE_END: return region_3d(5, 0, 8, 50, 43, 5);
    case EXTEND_AT_THE_BEGINNING: return region_3d(0, 0, -2, 61, 43, 2);
    case EXTEND_ANOTHER_AXIS: return region_3d(0, 43, 0, 61, 3, 9);
    case ERASE: return region_3d(0, 0, 0, 61, 43, 3);
    default: return old_region();
  }
}

static volume pixels_of(const trial* t, const swr_region* box) {
  if (t->content == SOFT) return scan(box);
  return t->content == NOISE ? volume_pattern(box, SWR_INT16, 1, 77)
                             : volume_new(box, SWR_INT16, 1);
}

static void set_up(const trial* t, swr_writer* w) {
  const swr_region image = image_of(t), box = box_of(t);
  const int grows = t->change == EXTEND_AT_THE_END || t->change == EXTEND_AT_THE_BEGINNING ||
                    t->change == EXTEND_ANOTHER_AXIS;
  assert_ok(w, swr_set_path(w, t->test->path));
  assert_ok(w, swr_set_image_region(w, &image));
  assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_existing(w, grows ? SWR_EXISTING_EXTEND : SWR_EXISTING_UPDATE));
  if (t->change != PASTE_WHOLE) assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_set_compression(w, t->compression->name, t->compression->level));
  if (t->change == ERASE) {
    assert_ok(w, swr_set_option(w, "erase", "on"));
    assert_ok(w, swr_set_sync(w, 1));
  }
}

static volume model_of(const trial* t, const volume* old, const volume* pixels) {
  const swr_region image = image_of(t);
  volume model = volume_new(&image, SWR_INT16, 1);
  volume_copy(&model, old, &old->region);
  volume_copy(&model, pixels, &pixels->region);
  return model;
}

/* --- What has to hold --- */

/* Compression that is set otherwise than the suffix says, or than the format can, is refused, and
 * so is an erasure in a folder. All else is done. */
static int may_be_refused(const trial* t) {
  if (t->change == ERASE && is_a_folder(t->test)) return 1;
  if (!t->compression->name) return 0;
  const int compress = strcmp(t->compression->name, "none") != 0;
  if (compress == t->test->kind->compressed) return 0;
  return !names_its_data_file(t->test) || t->neighbourhood == TAKEN_DATA_NAMES;
}

static void check_refused(const trial* t, swr_status status, const char* why,
                          const snapshot* before) {
  if (!may_be_refused(t) || (status != SWR_ERROR_UNSUPPORTED && status != SWR_ERROR_EXISTS)) {
    describe_trial(t);
    fail_msg("%s: %s", swr_status_name(status), why);
  }
  assert_unchanged(before);
}

static void check_done(const trial* t, const volume* model, const scene* from) {
  const char* const old_data = from->old_data;
  assert_file_holds(t->test->path, model);
  char data[64];
  data_file(t->test->path, data);
  if (strcmp(data, old_data) != 0 && snapshot_has(from->all, data))
    fail_msg("%s was another file before", data);
  if (strcmp(data, old_data) != 0 && strcmp(old_data, t->test->path) != 0 && file_exists(old_data))
    fail_msg("the old pixels are still there: %s", old_data);
  assert_unchanged_but(from->all, from->own, data);
}

/* A stream that the pixels do not fit is rewritten; one in which no block changes is not
 * spliced. */
static void check_method(const trial* t, swr_method announced, swr_method used) {
  if (used == announced) return;
  if (t->test->kind->compressed && used == SWR_METHOD_REWRITE) return;
  if (announced == SWR_METHOD_SPLICE && used == SWR_METHOD_IN_PLACE) return;
  fail_msg("swr_get_method() said %d, and it was %d", (int)announced, (int)used);
}

/* How often each method was used, and refusals. */
static int methods[SWR_METHOD_SPLICE + 1], refusals, cases;

static void run(const trial* t, const scene* from) {
  snapshot_restore(from->all);
  const swr_region box = box_of(t);
  volume pixels = pixels_of(t, &box);
  swr_writer* w = swr_writer_create();
  source s = source_of(&pixels);
  set_up(t, w);
  swr_method announced = SWR_METHOD_CREATE;
  const swr_status said = swr_check(w), asked = swr_get_method(w, &announced, NULL, NULL),
                   status = swr_write(w, pull_source, &s);
  ++cases;
  if (status == SWR_OK) {
    int64_t method = 0;
    assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_METHOD, &method));
    ++methods[method];
    check_method(t, announced, (swr_method)method);
    volume model = model_of(t, &from->old, &pixels);
    check_done(t, &model, from);
    volume_free(&model);
  } else {
    ++refusals;
    check_refused(t, status, swr_writer_message(w), from->all);
  }
  if (said != status || asked != status)
    fail_msg("swr_check() said %s, and swr_write() %s", swr_status_name(said),
             swr_status_name(status));
  swr_writer_destroy(w);
  source_free(&s);
  volume_free(&pixels);
}

/* The trial at hand, for when an assertion ends it. */
static trial running;

static void run_each_compression(trial* t, const scene* from) {
  for (int c = 0; c < compression_count; ++c) {
    t->compression = &compressions[c];
    if (SANITIZED && t->compression->level == 1) continue; /* no other code of this library's */
    running = *t;
    run(t, from);
  }
}

static void run_each_change(trial* t) {
  running = *t;
  scene from = make_scene(t);
  for (int change = 0; change < change_count; ++change) {
    t->change = (enum change)change;
    if (t->change == EXTEND_AT_THE_BEGINNING && !(t->test->kind->flags & SWR_HOLDS_START_INDEX))
      continue; /* the start index would be below zero */
    for (int content = 0; content < content_count; ++content) {
      t->content = (enum content)content;
      /* What is in it matters where blocks have to fit. */
      if (content != FLAT && change == ERASE) continue;
      if (content != NOISE && change >= EXTEND_AT_THE_END && change != ERASE) continue;
      run_each_compression(t, &from);
    }
  }
  free_scene(&from);
}

/* The compressed kinds share the code that changes streams of others: each kind tries a third of
 * the ways in which others encode, the next kind the next third. */
static int is_tried(const trial* t, int names_data, int kinds_before) {
  if (!t->origin->foreign) return 1;
  const foreign_shape shape = t->origin->how.shape;
  if (!makes_gzip(t->test) && (shape == TWO_MEMBERS || shape == MANY_MEMBERS)) return 0;
  if (names_data && shape == TRAILING_BYTES) return 1;
  return (t->origin - origins + kinds_before) % 3 == 0;
}

static void every_change_is_right_or_refused(void** state) {
  static int compressed_kinds = 0;
  const test_case* test = *state;
  if (running.test) describe_trial(&running); /* an assertion has ended the test before */
  memset(methods, 0, sizeof methods);
  refusals = cases = 0;
  trial t = {test, PASTE, NOISE, &compressions[0], &origins[0], ALONE};
  const swr_region region = old_region();
  volume v = scan(&region);
  make_old_file(&t, &v);
  volume_free(&v);
  const int names_data = names_its_data_file(test);
  for (int o = 0; o < (has_slots(test) ? origin_count : 1); ++o) {
    t.origin = &origins[o];
    const foreign_shape shape = t.origin->how.shape;
    if (!is_tried(&t, names_data, compressed_kinds)) continue;
    /* Names do not depend on how others encode, and sanitizers do not look at them. */
    const int neighbourhoods =
        names_data && !SANITIZED && (!t.origin->foreign || shape == TRAILING_BYTES)
            ? neighbourhood_count
            : 1;
    for (int n = 0; n < neighbourhoods; ++n) {
      t.neighbourhood = (neighbourhood)n;
      run_each_change(&t);
    }
  }
  compressed_kinds += has_slots(test);
  print_message("%s: %d cases: %d in place, %d spliced, %d rewritten, %d refused\n", test->name,
                cases, methods[SWR_METHOD_IN_PLACE], methods[SWR_METHOD_SPLICE],
                methods[SWR_METHOD_REWRITE], refusals);
  assert_true(methods[SWR_METHOD_IN_PLACE] > 0);
  assert_true(methods[SWR_METHOD_REWRITE] > 0);
  if (has_slots(test)) assert_true(methods[SWR_METHOD_SPLICE] > 0);
  running.test = NULL;
}

/* An assertion inside the support library names no trial; the end of main does. */
int main(void) {
  TEST_EACH(every_change_is_right_or_refused, SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND);
  const int failed = run_all_tests("updates");
  if (running.test) describe_trial(&running);
  return failed;
}
