/* A volume with more slice files than a process can open. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "checked/checked.h"
#include "support/child.h"
#include "support/support.h"

enum { nx = 4, ny = 4, slices = 2000, most_open = 256 };

static const char* path = "volume.mhd";

static volume pattern(uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, nx, ny, slices);
  return volume_pattern(&region, SWR_UINT8, 1, seed);
}

static void save_slices(const volume* v) {
  const char head[] =
      "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
      "DimSize = 4 4 2000\nElementType = MET_UCHAR\nElementDataFile = s%04d.raw 0 1999 1\n";
  for (int z = 0; z < slices; ++z) {
    char name[32];
    snprintf(name, sizeof name, "s%04d.raw", z);
    save_file(name, v->bytes + (size_t)z * nx * ny, nx * ny);
  }
  save_file(path, head, (int64_t)strlen(head));
}

static swr_writer* paste_writer(const swr_region* box) {
  swr_writer* w = swr_writer_create();
  assert_non_null(w);
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_paste_region(w, box));
  return w;
}

static void they_are_read_pasted_into_and_verified(void** state) {
  (void)state;
  volume v = pattern(1), change = pattern(2);
  save_slices(&v);
  assert_file_holds(path, &v);
  /* All of them, and a part of each in pieces that cross them one by one. */
  const swr_region boxes[] = {region_3d(0, 0, 0, nx, ny, slices), region_3d(1, 2, 3, 2, 1, 1990)};
  for (int i = 0; i < 2; ++i) {
    swr_writer* w = paste_writer(&boxes[i]);
    if (i == 1) volume_fill(&change, 7);
    source s = source_of(&change);
    assert_ok(w, swr_set_divisions(w, i == 0 ? 1 : 700));
    assert_ok(w, swr_set_sync(w, i));
    assert_ok(w, swr_write(w, pull_source, &s));
    swr_writer_destroy(w);
    volume_copy(&v, &change, &boxes[i]);
    assert_file_holds(path, &v);
  }
  assert_file_count(slices + 1);
  volume_free(&v);
  volume_free(&change);
}

static void a_paste_that_fails_leaves_all_of_them_as_they_were(void** state) {
  (void)state;
  volume v = pattern(3), change = pattern(4);
  save_slices(&v);
  snapshot* before = snapshot_take();
  swr_writer* w = paste_writer(&v.region);
  source s = source_of(&change);
  s.fail_at = 900;
  s.fail_with = SWR_ERROR_SOURCE;
  assert_ok(w, swr_set_divisions(w, 1000));
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&v);
  volume_free(&change);
}

static int paste_and_die(char** words) {
  (void)words;
  checks_off("the process dies");
  volume change = pattern(6);
  swr_writer* w = paste_writer(&change.region);
  if (swr_begin(w) != SWR_OK) return 1;
  for (int z = 0; z < 1800; ++z) {
    const swr_region slice = region_3d(0, 0, z, nx, ny, 1);
    if (swr_put(w, &slice, change.bytes + (size_t)z * nx * ny, nx * ny) != SWR_OK) return 2;
  }
  die();
  return 3;
}

static void a_paste_that_is_killed_is_recovered_in_all_of_them(void** state) {
  (void)state;
  volume v = pattern(5), change = pattern(6);
  save_slices(&v);
  snapshot* before = snapshot_take();
  const child dead = child_start((const char* const[]){NULL});
  assert_true(was_killed(child_end(&dead)));
  char first[nx * ny];
  load_bytes("s0000.raw", 0, first, sizeof first);
  assert_memory_equal(first, change.bytes, sizeof first);
  int32_t recovered = 0;
  assert_int_equal(swr_recover(path, &recovered), SWR_OK);
  assert_int_equal(recovered, 1);
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&v);
  volume_free(&change);
}

static int limit_open_files(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = most_open;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

int main(int argc, char** argv) {
  if (!limit_open_files()) return 1;
  act_as_child(argc, argv, paste_and_die);
  TEST(they_are_read_pasted_into_and_verified);
  TEST(a_paste_that_fails_leaves_all_of_them_as_they_were);
  TEST(a_paste_that_is_killed_is_recovered_in_all_of_them);
  return run_all_tests("many files");
}
