/* swr redact on compressed files: not a byte of the blocks that held the old pixels is left in
 * any file of the folder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "support/foreign.h"

enum { side = 64, slices = 48 };

static swr_region image_region(void) {
  return region_3d(0, 0, 0, side, side, slices);
}

/* Whole slices, so that the box is one stretch of the sequence of pixels. */
static swr_region box_region(void) {
  return region_3d(0, 0, 20, side, side, 12);
}

/* A slope with noise of four bits: no stretch of it comes again, nor do the bytes that it
 * deflates to. */
static volume slope(const swr_region* region) {
  volume v = volume_new(region, SWR_INT16, 1);
  uint32_t random = 4711;
  int16_t* at = (int16_t*)(void*)v.bytes;
  for (int64_t i = 0; i < region_pixels(region); ++i)
    at[i] = (int16_t)(1000 + i % side + (int)((random = random * 1664525u + 1013904223u) >> 28));
  return v;
}

/* --- The compressed bytes that hold the box and nothing else --- */

typedef struct stretch {
  unsigned char* bytes;
  int64_t count;
} stretch;

/* Where the pixels begin in what the stream inflates to: a header may precede them. They are in one
 * byte order or the other. */
static int64_t pixels_begin(const test_case* t, const volume* v) {
  int64_t bytes = 0;
  unsigned char* raw = inflated_stream(t, volume_bytes(v) + 65536, &bytes);
  volume swapped = volume_swapped(v);
  const size_t row = (size_t)(v->region.size[0] * volume_pixel_bytes(v));
  int64_t at = 0;
  while (at + (int64_t)row <= bytes && memcmp(raw + at, v->bytes, row) != 0 &&
         memcmp(raw + at, swapped.bytes, row) != 0)
    ++at;
  assert_true(at + (int64_t)row <= bytes);
  volume_free(&swapped);
  free(raw);
  return at;
}

/* Collects the deflate blocks whose pixels are all in the box. */
static stretch old_bytes(const test_case* t, const volume* v) {
  char data[64];
  stream_path(t, data);
  int64_t bytes = 0;
  unsigned char* file = load_file(data, &bytes);
  const int64_t begin = stream_begin(file, bytes);
  const swr_region box = box_region();
  const int64_t box_begin = pixels_begin(t, v) + box.index[2] * side * side * 2;
  const int64_t box_end = box_begin + region_pixels(&box) * 2;
  z_stream z = {0};
  unsigned char raw[4096];
  assert_int_equal(inflateInit2(&z, 47), Z_OK);
  z.next_in = file + begin;
  z.avail_in = (uInt)(bytes - begin);
  int64_t first = -1, last = -1;
  for (int result = Z_OK; result != Z_STREAM_END;) {
    z.next_out = raw;
    z.avail_out = sizeof raw;
    result = inflate(&z, Z_BLOCK);
    assert_true(result == Z_OK || result == Z_STREAM_END);
    if ((z.data_type & 128) == 0) continue;
    const int64_t at = begin + (int64_t)z.total_in;
    if (first < 0 && (int64_t)z.total_out >= box_begin) first = at + 1;
    if ((int64_t)z.total_out <= box_end) last = at - 2;
  }
  inflateEnd(&z);
  assert_true(first > 0 && last > first + 1000);
  const stretch old = {malloc((size_t)(last - first)), last - first};
  assert_non_null(old.bytes);
  memcpy(old.bytes, file + first, (size_t)old.count);
  free(file);
  return old;
}

enum { window = 20 }; /* shorter ones may be alike in the tables of codes at a block's begin */

static int compare_windows(const void* a, const void* b) {
  return memcmp(a, b, window);
}

/* No window of the old bytes is in the file; but for those of empty blocks, which are the same
 * everywhere. */
static void expect_gone(const stretch* old, const char* path) {
  int64_t bytes = 0;
  unsigned char* file = load_file(path, &bytes);
  assert_non_null(file);
  if (bytes < window) return free(file);
  unsigned char(*windows)[window] = malloc((size_t)(bytes - window + 1) * window);
  assert_non_null(windows);
  for (int64_t at = 0; at + window <= bytes; ++at) memcpy(windows[at], file + at, window);
  qsort(windows, (size_t)(bytes - window + 1), window, compare_windows);
  int64_t looked_for = 0;
  for (int64_t at = 0; at + window <= old->count; ++at) {
    const unsigned char* w = old->bytes + at;
    int empty = 0;
    for (int i = 0; i < window; ++i) empty += w[i] == 0 || w[i] == 255;
    if (empty > window / 4) continue;
    ++looked_for;
    if (bsearch(w, windows, (size_t)(bytes - window + 1), window, compare_windows))
      fail_msg("%s still has the old bytes from %lld on", path, (long long)at);
  }
  assert_true(looked_for > 1000);
  free(windows);
  free(file);
}

static void redact_and_look(const test_case* t, volume* v, const char* method) {
  const swr_region box = box_region();
  volume blank = volume_new(&box, SWR_INT16, 1);
  volume_fill(&blank, 77);
  char data[64];
  stream_path(t, data);
  snapshot* before = snapshot_take();
  const int files = snapshot_count(before);
  snapshot_free(before);
  const stretch old = old_bytes(t, v);
  char* document =
      swr_json("redact %s --region 0,0,20:%d,%d,12 --fill 77 --json", t->path, side, side);
  assert_has(document, method);
  free(document);
  assert_file_count(files); /* no journal, no staging file */
  expect_gone(&old, t->path);
  expect_gone(&old, data);
  volume_copy(v, &blank, &box);
  assert_file_holds(t->path, v);
  swr_ok("verify %s", t->path);
  free(old.bytes);
  volume_free(&blank);
}

/* Slots that the box fills, and, with the larger ones, slots that hold other pixels too. */
static void redacted_slots_leave_no_byte(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  static const char* const sizes[] = {"4096", "8192", "20000"};
  for (int i = 0; i < 3; ++i) {
    const swr_region region = image_region();
    volume v = slope(&region);
    swr_writer* w = writer_for(t, &v);
    source s = source_of(&v);
    assert_ok(w, swr_set_option(w, "deflate.slot", sizes[i]));
    assert_ok(w, swr_write(w, pull_source, &s));
    swr_writer_destroy(w);
    redact_and_look(t, &v, "\"method\":\"in_place\"");
    volume_free(&v);
  }
}

static void redacted_blocks_of_foreign_streams_leave_no_byte(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  for (int level = 0; level <= 9; level += 3) {
    const foreign_encoding how = {level, Z_DEFAULT_STRATEGY, 2, ONE_STREAM};
    const swr_region region = image_region();
    volume v = slope(&region);
    make_foreign(t, &v, &how);
    redact_and_look(t, &v, "\"method\":\"splice\"");
    volume_free(&v);
  }
}

/* A file that cannot be spliced is replaced: the name belongs to another file, and no other name
 * refers to the old one. */
static void redaction_by_rewriting_leaves_no_byte_under_any_name(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  /* Of bytes after a gzip stream, the command warns. */
  const foreign_encoding how = {6, Z_DEFAULT_STRATEGY, 2,
                                makes_gzip(t) ? TWO_MEMBERS : TRAILING_BYTES};
  const swr_region region = image_region();
  volume v = slope(&region);
  make_foreign(t, &v, &how);
  redact_and_look(t, &v, "\"method\":\"rewrite\"");
  volume_free(&v);
}

/* Neither the first nor the last pixels of a row of the noise are in the file. */
static void expect_no_row(const char* path, const unsigned char* row) {
  int64_t bytes = 0;
  unsigned char* file = load_file(path, &bytes);
  for (int64_t at = 0; at + 8 <= bytes; ++at)
    assert_true(memcmp(file + at, row, 8) != 0 && memcmp(file + at, row + 70, 8) != 0);
  free(file);
}

/* The file contains incompressible pixels literally. */
static void redacted_noise_leaves_no_pixels(void** state) {
  const test_case* t = *state;
  if (is_a_folder(t)) return; /* refused: zarr_change_test */
  if (!t->kind->compressed) return;
  const swr_region region = image_region(), box = region_3d(10, 12, 5, 40, 30, 20);
  volume v = volume_new(&region, SWR_INT16, 1), secret = volume_new(&box, SWR_INT16, 1),
         blank = volume_new(&box, SWR_INT16, 1);
  uint32_t random = 7;
  for (int64_t i = 0; i < volume_bytes(&v); ++i)
    v.bytes[i] = (unsigned char)((random = random * 1664525u + 1013904223u) >> 24);
  volume_copy(&secret, &v, &box);
  make_file(t, &v);
  swr_ok("redact %s --region 10,12,5:40,30,20", t->path);
  char data[64];
  stream_path(t, data);
  volume swapped = volume_swapped(&secret);
  for (int64_t row = 0; row < 30 * 20; row += 50) {
    expect_no_row(data, secret.bytes + row * 80);
    expect_no_row(data, swapped.bytes + row * 80);
  }
  volume_free(&swapped);
  volume_copy(&v, &blank, &box);
  assert_file_holds(t->path, &v);
  volume_free(&v);
  volume_free(&secret);
  volume_free(&blank);
}

int main(void) {
  const uint32_t needs = SWR_CAN_STREAM | SWR_CAN_PASTE;
  TEST_EACH(redacted_slots_leave_no_byte, needs);
  TEST_EACH(redacted_blocks_of_foreign_streams_leave_no_byte, needs);
  TEST_EACH(redaction_by_rewriting_leaves_no_byte_under_any_name, needs);
  TEST_EACH(redacted_noise_leaves_no_pixels, needs);
  return run_all_tests("swr redact");
}
