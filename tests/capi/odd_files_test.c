/* swr_check is right about unusual but valid files: a write that it accepts succeeds, and the file
 * holds the pixels; a write that it refuses is refused by swr_write with the same message, before
 * the first pull, and nothing changes. */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/foreign.h"
#include "support/support.h"

enum { nx = 16, ny = 12, nz = 10 };

/* --- Odd files. Each is made of an image of the kind under test; 0: the kind has no such form
 * --- */

static void append(const char* path, const char* bytes, int64_t count) {
  int64_t old = 0;
  unsigned char* file = load_file(path, &old);
  file = realloc(file, (size_t)(old + count));
  assert_non_null(file);
  memcpy(file + old, bytes, (size_t)count);
  save_file(path, file, old + count);
  free(file);
}

/* Replaces a line of a text header that begins with `begin`, or puts the new one in front of the
 * line `before`. */
static int edit_header(const test_case* t, const char* begin, const char* line) {
  if (is_a_folder(t)) return 0;
  int64_t bytes = 0;
  unsigned char* file = load_file(t->path, &bytes);
  unsigned char* at = memmem(file, (size_t)bytes, begin, strlen(begin));
  int done = 0;
  if (at) {
    const unsigned char* end = memchr(at, '\n', (size_t)(bytes - (at - file)));
    assert_non_null(end);
    const int64_t head = at - file, tail = bytes - (end - file), length = (int64_t)strlen(line);
    unsigned char* edited = malloc((size_t)(head + length + tail));
    assert_non_null(edited);
    memcpy(edited, file, (size_t)head);
    memcpy(edited + head, line, (size_t)length);
    memcpy(edited + head + length, end, (size_t)tail);
    save_file(t->path, edited, head + length + tail);
    free(edited);
    done = 1;
  }
  free(file);
  return done;
}

static int as_swr_makes_it(const test_case* t, const volume* v) {
  make_file(t, v);
  return 1;
}
static int with_bytes_after(const test_case* t, const volume* v) {
  char data[256];
  if (is_a_folder(t)) return 0;
  make_file(t, v);
  data_file_of(t->path, data);
  append(data, "some bytes", 10);
  return 1;
}
static int in_tight_slots(const test_case* t, const volume* v) {
  if (!has_slots(t)) return 0;
  swr_writer* w = writer_for(t, v);
  source s = source_of(v);
  assert_ok(w, swr_set_option(w, "deflate.slot", "4096"));
  assert_ok(w, swr_set_option(w, "deflate.slack", "0"));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  return 1;
}
static int in_tight_slots_with_bytes_after(const test_case* t, const volume* v) {
  char data[256];
  if (!in_tight_slots(t, v)) return 0;
  data_file_of(t->path, data);
  append(data, "some bytes", 10);
  return 1;
}
static int foreign(const test_case* t, const volume* v, foreign_shape shape, int level) {
  if (!has_slots(t)) return 0;
  if ((shape == TWO_MEMBERS || shape == MANY_MEMBERS) && !makes_gzip(t)) return 0;
  const foreign_encoding how = {level, Z_DEFAULT_STRATEGY, 8, shape};
  make_foreign(t, v, &how);
  return 1;
}
static int foreign_at_its_shortest(const test_case* t, const volume* v) {
  return foreign(t, v, ONE_STREAM, 9);
}
static int foreign_stored(const test_case* t, const volume* v) {
  return foreign(t, v, ONE_STREAM, 0);
}
static int foreign_in_two_members(const test_case* t, const volume* v) {
  return foreign(t, v, TWO_MEMBERS, 6);
}
static int foreign_in_many_members(const test_case* t, const volume* v) {
  return foreign(t, v, MANY_MEMBERS, 6);
}
static int foreign_flushed(const test_case* t, const volume* v) {
  return foreign(t, v, FLUSHED, 6);
}
static int foreign_with_bytes_after(const test_case* t, const volume* v) {
  return foreign(t, v, TRAILING_BYTES, 6);
}
static int big_endian(const test_case* t, const volume* v) {
  make_file(t, v);
  return edit_header(t, "BinaryDataByteOrderMSB", "BinaryDataByteOrderMSB = True") ||
         edit_header(t, "endian: little", "endian: big");
}
/* A detached file whose pixels, or whose stream, begin at byte 10. */
static int after_a_head_of_its_own(const test_case* t, const volume* v) {
  const int is_meta = strcmp(t->kind->suffix, ".mhd") == 0;
  if (!is_meta && (strcmp(t->kind->suffix, ".nhdr") != 0 || t->kind->compressed)) return 0;
  char data[256], line[320];
  make_file(t, v);
  data_file_of(t->path, data);
  int64_t bytes = 0;
  unsigned char* pixels = load_file(data, &bytes);
  save_file(data, "ten bytes.", 10);
  append(data, (const char*)pixels, bytes);
  free(pixels);
  snprintf(line, sizeof line,
           is_meta ? "HeaderSize = 10\nElementDataFile = %s" : "byte skip: 10\ndata file: %s",
           data);
  return edit_header(t, is_meta ? "ElementDataFile" : "data file:", line);
}
static int under_a_name_of_its_own(const test_case* t, const volume* v) {
  const int is_meta = strcmp(t->kind->suffix, ".mhd") == 0;
  if (!is_meta && strcmp(t->kind->suffix, ".nhdr") != 0) return 0;
  char data[256];
  make_file(t, v);
  data_file_of(t->path, data);
  assert_int_equal(rename(data, "pixels.dat"), 0);
  save_file("image.raw", "the user's", 10);
  save_file("image.zraw", "the user's", 10);
  save_file("image.raw.gz", "the user's", 10);
  return edit_header(t, is_meta ? "ElementDataFile" : "data file:",
                     is_meta ? "ElementDataFile = pixels.dat" : "data file: pixels.dat");
}
/* The bytes of a detached stream; 0: the pixels are not detached. */
static int64_t detached_bytes(const test_case* t) {
  char data[256];
  data_file_of(t->path, data);
  if (strcmp(data, t->path) == 0) return 0;
  int64_t bytes = 0;
  free(load_file(data, &bytes));
  return bytes;
}
/* A header whose numbers have no room to become longer. */
static int without_room_in_the_header(const test_case* t, const volume* v) {
  char line[64];
  make_file(t, v);
  if (!edit_header(t, "DimSize", "DimSize = 16 12 10")) return 0;
  snprintf(line, sizeof line, "CompressedDataSize = %lld", (long long)detached_bytes(t));
  if (detached_bytes(t) > 0) edit_header(t, "CompressedDataSize", line);
  return 1;
}
/* The stream is a little shorter than a power of ten, or becomes more than ten times as long. */
static int without_room_for_a_longer_stream(const test_case* t, const volume* v) {
  if (strcmp(t->kind->suffix, ".mhd") != 0 || !t->kind->compressed) return 0;
  char line[64];
  in_tight_slots(t, v);
  snprintf(line, sizeof line, "CompressedDataSize = %lld", (long long)detached_bytes(t));
  return edit_header(t, "CompressedDataSize", line);
}
static int without_the_length_of_the_stream(const test_case* t, const volume* v) {
  make_file(t, v);
  return edit_header(t, "CompressedDataSize", "CompressedDataSize = 0");
}

typedef int (*form)(const test_case* t, const volume* v);
static const form forms[] = {as_swr_makes_it,
                             with_bytes_after,
                             in_tight_slots,
                             in_tight_slots_with_bytes_after,
                             foreign_at_its_shortest,
                             foreign_stored,
                             foreign_in_two_members,
                             foreign_in_many_members,
                             foreign_flushed,
                             foreign_with_bytes_after,
                             big_endian,
                             after_a_head_of_its_own,
                             under_a_name_of_its_own,
                             without_room_in_the_header,
                             without_room_for_a_longer_stream,
                             without_the_length_of_the_stream};

/* --- Changes --- */

typedef enum change { SMALL_PASTE, WHOLE_PASTE, LONGER, LOWER, change_count } change;

static swr_region region_of(change which) {
  switch (which) {
    case SMALL_PASTE: return region_3d(2, 1, 0, 9, 7, 4);
    case LONGER: return region_3d(0, 0, 0, nx, ny, nz + 3);
    case LOWER: return region_3d(-2, 0, 0, nx + 2, ny, nz);
    default: return region_3d(0, 0, 0, nx, ny, nz);
  }
}

/* What the file has to hold afterwards; `old` is what it holds now. */
static volume expected_after(const volume* old, const volume* noise, change which) {
  const swr_region region = which == SMALL_PASTE ? old->region : region_of(which);
  volume after = volume_new(&region, old->component, old->components);
  if (which == SMALL_PASTE) volume_copy(&after, old, &old->region);
  const swr_region changed = region_of(which);
  volume_copy(&after, noise, &changed);
  return after;
}

/* The file is whole; a warning only tells of the bytes after the pixels that its form has. */
static void assert_whole(const char* path, form make) {
  const int has_more = make == with_bytes_after || make == in_tight_slots_with_bytes_after ||
                       make == foreign_with_bytes_after;
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  const swr_status status = swr_reader_verify(r);
  if (has_more && *swr_reader_message(r) != '\0') {
    assert_int_equal(status, SWR_OK);
    assert_says(swr_reader_message(r), "bytes after the pixels");
  } else {
    assert_reader_ok(r, status);
  }
  swr_reader_destroy(r);
}

static void try_change(const test_case* t, form make, const volume* v, change which,
                       const char* compression, int rollback) {
  clear_folder();
  if (!make(t, v)) return;
  volume old = read_volume(t->path);
  const swr_region around = region_3d(-2, 0, 0, nx + 2, ny, nz + 3);
  volume noise = volume_pattern(&around, old.component, old.components, 99);
  for (int64_t i = 0; i < volume_bytes(&noise); ++i)
    noise.bytes[i] ^= (unsigned char)((i * 2654435761u) >> 13);
  volume expected = expected_after(&old, &noise, which);
  const swr_region region = region_of(which);
  snapshot* before = snapshot_take();
  swr_writer* w = swr_writer_create();
  source s = source_of(&noise);
  assert_ok(w, swr_set_path(w, t->path));
  assert_ok(w, swr_set_rollback(w, rollback));
  if (compression) assert_ok(w, swr_set_compression(w, compression, 1));
  if (which == SMALL_PASTE || which == WHOLE_PASTE) {
    assert_ok(w, swr_set_paste_region(w, &region));
  } else {
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
    assert_ok(w, swr_set_image_region(w, &region));
  }
  const swr_status checked = swr_check(w);
  char why[1024];
  snprintf(why, sizeof why, "%s", swr_writer_message(w));
  assert_status(w, checked, swr_write(w, pull_source, &s));
  if (checked == SWR_OK) {
    assert_whole(t->path, make);
    assert_file_holds(t->path, &expected);
  } else {
    assert_string_equal(swr_writer_message(w), why);
    assert_int_equal(s.pulls, 0);
    assert_unchanged(before);
  }
  swr_writer_destroy(w);
  snapshot_free(before);
  source_free(&s);
  volume_free(&expected);
  volume_free(&noise);
  volume_free(&old);
}

/* The source of the pixels and the use of an undo journal vary from change to change. */
static void what_check_lets_pass_is_written(void** state) {
  const char* const settings[] = {NULL, "none", "deflate"};
  const swr_region region = region_3d(0, 0, 0, nx, ny, nz);
  for (size_t number = 0; number < sizeof forms / sizeof *forms; ++number) {
    for (int i = 0; i < 2 * change_count * 3; ++i) {
#ifdef _WIN32 /* under wine all of them would take minutes for each kind */
      if (!takes_its_turn(*state, (int64_t)number + i, 8)) continue;
#endif
      const int flat = i / 3 / change_count, which = i / 3 % change_count;
      const int components = (i + (int)number) % 4 == 0 ? 2 : 1;
      volume v = volume_pattern(&region, SWR_UINT16, components, 1);
      if (flat) volume_fill(&v, 0);
      try_change(*state, forms[number], &v, (change)which, settings[i % 3], (i + flat) % 2);
      volume_free(&v);
    }
  }
}

int main(void) {
  TEST_EACH(what_check_lets_pass_is_written, SWR_CAN_STREAM | SWR_CAN_PASTE | SWR_CAN_EXTEND);
  return run_all_tests("odd_files");
}
