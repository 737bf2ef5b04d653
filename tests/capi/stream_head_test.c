/* A gzip stream is recognised by its inflated bytes, whatever precedes them in the file: heads of
 * any length, empty members, empty blocks, also those that a paste adds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "support/foreign.h"
#include "support/support.h"

static const char* const path = "image.nii.gz";

static void expect_whole(const char* file, const volume* v) {
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, file));
  assert_reader_ok(r, swr_reader_verify(r));
  swr_reader_destroy(r);
  assert_file_holds(file, v);
}

static void paste_over(const test_case* t, volume* v, const swr_region* box) {
  volume flat = volume_new(&v->region, SWR_INT16, 1);
  swr_writer* w = swr_writer_create();
  source s = source_of(&flat);
  assert_ok(w, swr_set_path(w, t->path));
  assert_ok(w, swr_set_paste_region(w, box));
  assert_ok(w, swr_write(w, pull_source, &s));
  volume_copy(v, &flat, box);
  expect_whole(t->path, v);
  swr_writer_destroy(w);
  volume_free(&flat);
}

static void a_flat_paste_at_the_beginning_leaves_a_file_that_opens(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  for (int level = 1; level <= 9; level += 4) {
    const swr_region region = region_3d(0, 0, 0, 101, 83, 14);
    volume v = scan(&region);
    const foreign_encoding how = {level, Z_DEFAULT_STRATEGY, 8, ONE_STREAM};
    make_foreign(t, &v, &how);
    const swr_region boxes[] = {region_3d(0, 0, 0, 101, 83, 1), region_3d(3, 2, 0, 60, 60, 4),
                                region_3d(0, 0, 0, 101, 83, 10)};
    for (int i = 0; i < 3; ++i) paste_over(t, &v, &boxes[i]);
    volume_free(&v);
  }
}

/* The header stays in the first bytes of the file, for programs that read only those. */
static void a_flat_paste_at_the_beginning_keeps_the_header_in_front(void** state) {
  (void)state;
  test_case t = {.path = "image.nii.gz"};
  const swr_region region = region_3d(0, 0, 0, 101, 83, 14), box = region_3d(0, 0, 0, 101, 83, 10);
  static const variant kind = {"NIfTI", ".nii.gz", 0, 1, 0};
  t.kind = &kind;
  volume v = scan(&region);
  const foreign_encoding how = {6, Z_DEFAULT_STRATEGY, 8, ONE_STREAM};
  make_foreign(&t, &v, &how);
  paste_over(&t, &v, &box);
  int64_t bytes = 0;
  unsigned char *file = load_file(path, &bytes), head[348];
  z_stream z = {0};
  assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
  z.next_in = file;
  z.avail_in = 512;
  z.next_out = head;
  z.avail_out = sizeof head;
  inflate(&z, Z_SYNC_FLUSH);
  assert_int_equal(z.avail_out, 0);
  inflateEnd(&z);
  free(file);
  volume_free(&v);
}

/* A NIfTI image of zeros after `count` bytes that a gzip stream may begin with. */
static void expect_readable_behind(const unsigned char* front, int64_t count, const char* stem) {
  const swr_region region = region_3d(0, 0, 0, 20, 10, 5);
  volume v = volume_pattern(&region, SWR_INT16, 1, 7);
  test_case t = {.path = "image.nii.gz"};
  make_file(&t, &v);
  int64_t bytes = 0;
  unsigned char* file = load_file(path, &bytes);
  unsigned char* longer = malloc((size_t)(count + bytes));
  assert_non_null(longer);
  memcpy(longer, front, (size_t)count);
  memcpy(longer + count, file, (size_t)bytes);
  char name[64];
  snprintf(name, sizeof name, "%s.nii.gz", stem);
  save_file(name, longer, count + bytes);
  expect_whole(name, &v);
  const swr_region box = region_3d(1, 1, 0, 8, 8, 2);
  snprintf(t.path, sizeof t.path, "%s", name);
  paste_over(&t, &v, &box);
  free(file);
  free(longer);
  volume_free(&v);
}

static void empty_members_may_come_first(void** state) {
  (void)state;
  static const unsigned char member[20] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3};
  enum { count = 5000 };
  unsigned char* front = malloc(count * sizeof member);
  assert_non_null(front);
  for (int i = 0; i < count; ++i) memcpy(front + i * sizeof member, member, sizeof member);
  expect_readable_behind(front, count * (int64_t)sizeof member, "members");
  free(front);
}

/* FEXTRA of 65535 bytes and a name of 100,000. */
static void a_long_head_may_come_first(void** state) {
  (void)state;
  enum { extra = 65535, name = 100000 };
  const int64_t count = 10 + 2 + extra + name + 1 + 10;
  unsigned char* front = calloc(1, (size_t)count);
  assert_non_null(front);
  static const unsigned char head[12] = {0x1f, 0x8b, 8, 4 + 8, 0, 0, 0, 0, 0, 3, 0xff, 0xff};
  memcpy(front, head, sizeof head);
  memset(front + sizeof head, 'e', extra);
  memset(front + sizeof head + extra, 'n', name);
  front[count - 10] = 3; /* an empty block, and its checksum */
  expect_readable_behind(front, count, "head");
  free(front);
}

static void a_stream_of_nothing_but_empty_blocks_is_refused(void** state) {
  (void)state;
  enum { count = 70 << 20 };
  unsigned char* file = malloc(count);
  assert_non_null(file);
  static const unsigned char head[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
  memcpy(file, head, sizeof head);
  for (int64_t at = sizeof head; at + 5 <= count; at += 5) {
    static const unsigned char empty[5] = {0, 0, 0, 0xff, 0xff};
    memcpy(file + at, empty, sizeof empty);
  }
  save_file("empty.nii.gz", file, count);
  free(file);
  swr_reader* r = swr_reader_create();
  assert_reader_status(r, SWR_ERROR_CORRUPT, swr_reader_open(r, "empty.nii.gz"));
  swr_reader_destroy(r);
}

int main(void) {
  TEST_EACH(a_flat_paste_at_the_beginning_leaves_a_file_that_opens, SWR_CAN_STREAM | SWR_CAN_PASTE);
  TEST(a_flat_paste_at_the_beginning_keeps_the_header_in_front);
  TEST(empty_members_may_come_first);
  TEST(a_long_head_may_come_first);
  TEST(a_stream_of_nothing_but_empty_blocks_is_refused);
  return run_all_tests("stream_head");
}
