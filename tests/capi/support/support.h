/* Shared by the tests: regions and volumes with a pattern, files and folders, sources, and tests
 * that run once for every kind of file. */
#ifndef SWR_TESTS_SUPPORT_H
#define SWR_TESTS_SUPPORT_H

/* cmocka.h needs the others in front of it. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#include "swr/swr.h"

/* --- Statuses: a failure prints the handle's message, which is there for everything but SWR_OK
 * --- */

void expect_status(swr_status got, swr_status expected, const char* message, const char* call,
                   const char* file, int line);
#define assert_status(writer, expected, call)                                               \
  do {                                                                                      \
    const swr_status assert_status_got = (call);                                            \
    expect_status(assert_status_got, expected, swr_writer_message(writer), #call, __FILE__, \
                  __LINE__);                                                                \
  } while (0)
#define assert_reader_status(reader, expected, call)                                        \
  do {                                                                                      \
    const swr_status assert_status_got = (call);                                            \
    expect_status(assert_status_got, expected, swr_reader_message(reader), #call, __FILE__, \
                  __LINE__);                                                                \
  } while (0)
#define assert_ok(writer, call) assert_status(writer, SWR_OK, call)
#define assert_reader_ok(reader, call) assert_reader_status(reader, SWR_OK, call)
/* Skips the test if the message says that the test's format has no such pixels or so many
 * dimensions; see variant_holds(). */
void skip_if_too_narrow(int status, const char* message);
/* The message has the words. */
#define assert_says(message, words) expect_words(message, words, __FILE__, __LINE__)
void expect_words(const char* message, const char* words, const char* file, int line);

/* --- Regions --- */

swr_region region_2d(int64_t x, int64_t y, int64_t size_x, int64_t size_y);
swr_region region_3d(int64_t x, int64_t y, int64_t z, int64_t size_x, int64_t size_y,
                     int64_t size_z);
swr_region region_nd(int32_t dimensions, const int64_t* index, const int64_t* size);
int64_t region_pixels(const swr_region* region);
int region_equal(const swr_region* a, const swr_region* b);
int region_contains(const swr_region* outer, const swr_region* inner);
const char* region_text(
    const swr_region* region); /* "(0,0,2) size (4,4,1)"; valid until the fourth call from now */
#define assert_region_equal(a, b) expect_region(a, b, __FILE__, __LINE__)
void expect_region(const swr_region* got, const swr_region* expected, const char* file, int line);

/* --- Volumes --- */

typedef struct volume {
  swr_region region;
  swr_component component;
  int32_t components;
  unsigned char* bytes; /* packed, the machine's byte order */
} volume;

volume volume_new(const swr_region* region, swr_component component,
                  int32_t components); /* zeros */
volume volume_pattern(const swr_region* region, swr_component component, int32_t components,
                      uint64_t seed); /* every pixel from its index */
void volume_free(volume* v);
int64_t volume_bytes(const volume* v);
int64_t volume_pixel_bytes(const volume* v);
/* Copies `region`, which both hold. */
void volume_copy(volume* to, const volume* from, const swr_region* region);
/* The pixels of `region`, packed, to and from a buffer. */
void volume_get(const volume* v, const swr_region* region, void* out);
void volume_set(volume* v, const swr_region* region, const void* in);
/* The same number in every component. */
void volume_fill(volume* v, double value);
void component_store(void* at, swr_component component, double value);
double component_load(const void* at, swr_component component);
/* The slow model of conversion. long double holds every value of the ten types. */
long double component_exact(const void* at, swr_component component);
void component_store_exact(void* at, swr_component component, long double value);
/* Rounded half to even, saturated; NaN to 0 in integers. */
long double clamped(long double value, swr_component to);
/* Numbers of `element` bytes from the machine's byte order to big-endian, in place. */
void to_big_endian(unsigned char* data, int64_t bytes, int32_t element);
/* The same in the other byte order; the volume has to be freed. */
volume volume_swapped(const volume* v);
#define assert_volume_equal(got, expected) expect_volume(got, expected, __FILE__, __LINE__)
void expect_volume(const volume* got, const volume* expected, const char* file, int line);

/* --- Files --- */

/* The file holds the volume: region, component type, number of components and every pixel. */
#define assert_file_holds(path, v) expect_file(path, v, __FILE__, __LINE__)
void expect_file(const char* path, const volume* expected, const char* file, int line);
volume read_volume(const char* path);

unsigned char* load_file(const char* path, int64_t* bytes); /* NULL if there is none; to be freed */
void save_file(const char* path, const void* bytes, int64_t count);
int file_exists(const char* path);
int64_t file_bytes(const char* path);
/* Which file it is: a file that takes its place has another number. */
uint64_t file_number(const char* path);
/* The bytes at `offset` of a file. */
void load_bytes(const char* path, int64_t offset, void* out, int64_t count);

/* All files and folders of the working directory, and of images that are folders, with the files'
 * bytes. */
typedef struct snapshot snapshot;
/* A full disk, to a process that may make no file longer than this; negative: no limit. Skips the
 * test where there is none. */
void limit_files(int64_t bytes);
snapshot* snapshot_take(void);
void snapshot_free(snapshot* s);
/* Files of chunks count as one, and a folder with all that is in it. */
int snapshot_count(const snapshot* s);
/* The same names with the same bytes: nothing changed, no litter. */
#define assert_unchanged(s) expect_unchanged(s, __FILE__, __LINE__)
void expect_unchanged(const snapshot* s, const char* file, int line);
/* The same, except for the files of `own` and one more. */
#define assert_unchanged_but(s, own, name) expect_unchanged_but(s, own, name, __FILE__, __LINE__)
void expect_unchanged_but(const snapshot* s, const snapshot* own, const char* name,
                          const char* file, int line);
int snapshot_has(const snapshot* s, const char* name);
/* A file, or a folder with all that is in it. */
void remove_tree(const char* path);
/* Removes all files of the working directory. */
void clear_folder(void);
/* Makes the folder what it was. */
void snapshot_restore(const snapshot* s);
/* The working directory has exactly `count` files, as snapshot_count() counts. */
#define assert_file_count(count) expect_file_count(count, __FILE__, __LINE__)
void expect_file_count(int count, const char* file, int line);

/* --- Sources --- */

typedef enum delivery {
  FILLS = 0,       /* fills the buffer */
  LENDS_PIECE,     /* lends a copy of exactly the piece */
  LENDS_ALL,       /* lends the whole volume */
  LENDS_SHORT,     /* lends one pixel less than the piece along its slowest axis, or a neighbour */
  LENDS_ELSEWHERE, /* lends the volume's region moved by one */
  LENDS_NULL,      /* lends no memory at all */
  TOUCHES_NOTHING  /* returns SWR_OK and does nothing */
} delivery;

enum { source_records = 128 };

typedef struct source {
  const volume* from;
  delivery how;
  int64_t fail_at;   /* the number of the call, from 0, that fails; -1: none */
  int32_t fail_with; /* what it returns then */
  const char* words; /* for swr_piece_fail(), or NULL */
  int64_t pulls;
  swr_region asked[source_records]; /* of the first calls */
  unsigned char* copy;              /* what LENDS_PIECE lent last */
} source;

source source_of(const volume* v);
void source_free(source* s);
int32_t pull_source(swr_piece* piece, void* user); /* user is a source */
/* Pulls from a volume, the user pointer. Thread-safe, because it keeps no state. */
int32_t pull_volume(swr_piece* piece, void* volume);

/* --- Warnings --- */

typedef struct warnings {
  int count;
  char text[1000]; /* of the last one */
} warnings;

void take_warning(swr_log_level level, const char* message, void* user); /* user is a warnings */

/* --- Kinds of files, and tests that run for each --- */

/* A format with one of its suffixes, plain or compressed. */
typedef struct variant {
  const char* format;
  char suffix[16];
  uint32_t flags;
  int compressed; /* by its suffix, or through swr_set_compression() */
  int set_compression;
} variant;

/* The state of a test. It runs in an empty folder of its own. */
typedef struct test_case {
  const variant* kind; /* NULL in tests that run once */
  char path[64];       /* "image" and the suffix */
  char name[256];
  char folder[64];
  CMUnitTestFunction run;
  int part, parts; /* of a test in parts, from 0 on; 0 parts: it is whole */
} test_case;

/* What a test may need of a format besides its capabilities. */
enum { HOLDS_GEOMETRY = SWR_HOLDS_SPACING | SWR_HOLDS_ORIGIN | SWR_HOLDS_DIRECTION };

/* Whether the combination is one of those that this kind tests: one in `every`. Other kinds and
 * other commits (SWR_TEST_SEED) take others. If `number` is the sum of two numbers that both go
 * from 0 to at least `every` - 1, every kind takes every value of both. */
int takes_its_turn(const test_case* t, int64_t number, int64_t every);
/* Whether a test, by its number in the program, is made for the kind with this number. With
 * SWR_TEST_SEED in the environment, each test takes half of the kinds, another commit the other
 * half; under a sanitizer, and on Windows, a third: all of them with SWR_TEST_ALL_KINDS. */
int kind_takes_its_turn(int number, int test);
/* Of the cases of a program that takes minutes under wine, each commit takes one in so many: with
 * SWR_TEST_SEED and SWR_TEST_EVERY in the environment, the number in the latter; otherwise 1. */
int64_t cases_every(void);
/* Whether this commit takes the case with this number. run_all_tests() asks; a program with one
 * test asks for the parts of it. */
int case_takes_its_turn(int64_t number);

/* All variants: every suffix of every format, and plain suffixes again with compression. */
int variant_number(void);
const variant* variant_at(int number);
/* Whether new files can have such pixels and so many dimensions, up to four. A test that asks a
 * format for others is skipped where its call fails. */
int variant_holds(const variant* kind, swr_component component, int32_t components,
                  int32_t dimensions);

/* A writer for the path, with the variant's compression. */
swr_writer* new_writer(const test_case* t);
swr_writer* new_writer_at(const test_case* t, const char* path);
/* With region, type and number of components of the volume. */
swr_writer* writer_for(const test_case* t, const volume* v);
void describe(swr_writer* w, const volume* v);
/* Writes the whole volume to the path of the test. */
void make_file(const test_case* t, const volume* v);
/* The same to any path, with the settings for its suffix. */
void make_file_at(const char* path, const volume* v);
/* The file that holds the pixels of an image. */
void data_file_of(const char* image, char out[256]);
/* Whether the test's files hold all of `flags` (SWR_HOLDS_...). */
int holds(const test_case* t, uint32_t flags);
/* The region, with the start index that the test's files hold: zero for formats that hold none. */
swr_region held_region(const test_case* t, swr_region region);
/* Sets what the test's files hold of a geometry. */
void set_held_geometry(const test_case* t, swr_writer* w, const double* spacing,
                       const double* origin, const double* direction);
/* Whether the image is a folder with many files in it. */
int is_a_folder(const test_case* t);
/* A figure of the last write. */
int64_t statistic(swr_writer* w, swr_statistic which);
/* Whether the image is in chunks: pastes write whole ones. */
int has_chunks(const test_case* t);
/* Whether its pixels are one compressed stream, in slots. */
int has_slots(const test_case* t);
/* The suffix of the test's files, for tests that need a second path. */
void other_path(const test_case* t, const char* stem, char out[64]);

void add_test(const char* name, CMUnitTestFunction run);
/* For every variant that can do all of `needs` (capabilities of the plain format; those of
 * compressed files are asked for instead where it is one). */
void add_test_for_each_kind(const char* name, CMUnitTestFunction run, uint32_t needs);
/* The same for uncompressed files only. */
void add_test_for_each_plain_kind(const char* name, CMUnitTestFunction run, uint32_t needs);
#define TEST(function) add_test(#function, function)
/* A long test as so many cases, each of which asks of what it tries whether that is of its part. */
#define TEST_IN_PARTS(function, parts) add_test_in_parts(#function, function, parts)
void add_test_in_parts(const char* name, CMUnitTestFunction run, int parts);
int is_of_the_part(const test_case* t, int64_t number);
#define TEST_EACH(function, needs) add_test_for_each_kind(#function, function, needs)
#define TEST_EACH_PLAIN(function, needs) add_test_for_each_plain_kind(#function, function, needs)
int run_all_tests(const char* group);

#endif
