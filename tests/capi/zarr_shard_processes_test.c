/* Zarr images whose files are shards, and several processes that write to them and read them. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checked/checked.h"
#include "support/shards.h"
#include "support/side_by_side.h"

static const char* const path = "image.zarr";

/* Every process pastes whole chunks, of which none is another one's, but the shards are. */
static int paste_chunks(const char* where, const volume* v, int rank) {
  for (int64_t z = 3 * rank; z < v->region.size[2]; z += 3 * processes) {
    const int64_t rest = v->region.size[2] - z;
    const swr_region box =
        region_3d(0, 0, z, v->region.size[0], v->region.size[1], rest < 3 ? rest : 3);
    if (paste_share(where, v, &box, rank)) return 1;
  }
  return 0;
}

/* Every process meets no shard of another one. */
static int paste_pieces_of_shards(const char* where, const volume* v, int rank) {
  return paste_pieces(where, v, rank, 8, 6);
}

static void processes_share_shards(process_share share) {
  const swr_region region = region_3d(0, 0, 0, 24, 9, 23);
  volume v = shared_volume(&region);
  swr_writer* w = shard_writer(&v, "deflate", "8,4,3", "16,8,6");
  assert_ok(w, swr_allocate(w));
  swr_writer_destroy(w);
  assert_false(file_exists(shard_at(0, 0, 0)));
  run_side_by_side(share, path, &region);
  assert_file_holds(path, &v);
  volume_free(&v);
}

static void processes_that_share_shards_lose_no_pixel(void** state) {
  (void)state;
  processes_share_shards(paste_columns);
  clear_folder();
  for (int round = 0; round < 5; ++round) {
    processes_share_shards(paste_chunks);
    clear_folder();
  }
}

static void pieces_of_whole_shards_are_pasted_side_by_side(void** state) {
  (void)state;
  processes_share_shards(paste_pieces_of_shards);
}

static swr_region box_of_a_chunk(void) {
  return region_3d(9, 9, 9, 6, 5, 4);
}

/* Pastes a constant into the box, and another one each time. */
static int paste_constants(const char* where, const volume* image, int rank) {
  const swr_region box = box_of_a_chunk();
  int failed = 0;
  for (int number = 1; number <= 300 && !failed; ++number) {
    volume v = volume_new(&image->region, SWR_UINT16, 1);
    volume_fill(&v, number);
    failed = paste_share(where, &v, &box, rank);
    volume_free(&v);
  }
  return failed;
}

/* A reader waits while a shard is appended to: it sees no damage, and each chunk old or new. */
static void readers_of_a_shard_that_changes_see_whole_chunks(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 32, 32, 32), box = box_of_a_chunk();
  volume zeros = volume_new(&region, SWR_UINT16, 1), got = volume_new(&box, SWR_UINT16, 1);
  make_shards(&zeros, "none", "8,8,8", "32,32,32");
  checks_off("another process changes the image");
  swr_reader* kept = swr_reader_create();
  assert_reader_ok(kept, swr_reader_open(kept, path));
  const child other = start_share(paste_constants, path, &region, 0);
  int reads = 0;
  const int64_t pixels = region_pixels(&box);
  for (; !has_ended(other.process); ++reads) {
    swr_reader* fresh = NULL;
    if (reads % 2) {
      fresh = swr_reader_create();
      assert_reader_ok(fresh, swr_reader_open(fresh, path));
    }
    swr_reader* const r = fresh ? fresh : kept;
    assert_reader_ok(r, swr_reader_read(r, &box, got.bytes, volume_bytes(&got)));
    for (int64_t i = 1; i < pixels; ++i) assert_memory_equal(got.bytes + 2 * i, got.bytes, 2);
    if (fresh) swr_reader_destroy(fresh);
  }
  swr_reader_destroy(kept);
  assert_int_equal(child_end(&other), 0);
  assert_in_range(reads, 10, 1000000000);
  checks_on();
  volume_fill(&zeros, 0);
  volume last = volume_new(&region, SWR_UINT16, 1);
  volume_fill(&last, 300);
  volume_copy(&zeros, &last, &box);
  assert_file_holds(path, &zeros);
  volume_free(&last);
  volume_free(&zeros);
  volume_free(&got);
}

enum { nobody = 65534 };

static swr_region small_box(void) {
  return region_3d(1, 1, 1, 2, 2, 2);
}

static int paste_as_nobody(const char* where, const volume* v, int rank) {
  const swr_region box = small_box();
  if (geteuid() == 0 && (setegid(nobody) != 0 || seteuid(nobody) != 0)) return 1;
  return paste_share(where, v, &box, rank);
}

/* As a chunk in a file of its own is. */
static void shard_without_permission_to_change_it_is_replaced(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 16, 16, 8), box = small_box();
  volume v = volume_pattern(&region, SWR_UINT16, 1, 2), other = shared_volume(&region);
  make_shards(&v, "none", "4,4,4", "16,16,8");
  assert_int_equal(chmod(shard_at(0, 0, 0), 0444), 0);
#ifdef _WIN32
  FILE* const opened = fopen(shard_at(0, 0, 0), "r+b");
  if (opened) {
    fclose(opened);
    skip(); /* wine does not refuse it where it is run by root */
  }
#endif
  if (geteuid() == 0) {
    assert_int_equal(system("chmod 755 . && chown -R 65534:65534 image.zarr"), 0);
  }
  const int64_t before = file_bytes(shard_at(0, 0, 0));
  checks_off("another user pastes");
  const child c = start_share(paste_as_nobody, path, &region, 0);
  assert_int_equal(child_end(&c), 0);
  checks_on();
  volume_copy(&v, &other, &box);
  assert_file_holds(path, &v);
  assert_int_equal(file_bytes(shard_at(0, 0, 0)), before);
  volume_free(&v);
  volume_free(&other);
}

int main(int argc, char** argv) {
  static const process_share shares[] = {paste_columns,   paste_chunks,    paste_pieces_of_shards,
                                         paste_constants, paste_as_nobody, NULL};
  act_as_share(argc, argv, shares);
  TEST(processes_that_share_shards_lose_no_pixel);
  TEST(pieces_of_whole_shards_are_pasted_side_by_side);
  TEST(shard_without_permission_to_change_it_is_replaced);
  TEST(readers_of_a_shard_that_changes_see_whole_chunks);
  return run_all_tests("zarr shards of several processes");
}
