/* Existing Zarr images whose files are shards: what a paste writes of them, and what it keeps. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checked/checked.h"
#include "support/shards.h"

static const char* const path = "image.zarr";

/* 3 x 3 x 2 shards of 2 x 2 x 2 chunks of 4 x 4 x 3. */
static volume small(uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, 22, 19, 11);
  return volume_pattern(&region, SWR_UINT16, 1, seed);
}

static volume made(uint64_t seed, const char* codec) {
  volume v = small(seed);
  make_shards(&v, codec, "4,4,3", "8,8,6");
  return v;
}

typedef struct kept {
  uint64_t number;
  int64_t bytes;
  unsigned char* held;
} kept;

static kept keep(const char* file) {
  kept k = {file_number(file), 0, NULL};
  k.held = load_file(file, &k.bytes);
  return k;
}

/* The file is the same, and begins with what it held; returns how many bytes it has more. */
static int64_t grown_by(kept k, const char* file) {
  kept now = keep(file);
  assert_true(now.number == k.number);
  assert_true(now.bytes >= k.bytes);
  assert_memory_equal(now.held, k.held, (size_t)k.bytes);
  free(now.held);
  free(k.held);
  return now.bytes - k.bytes;
}

static void few_chunks_are_appended_to_their_shard(void** state) {
  (void)state;
  enum { chunk_bytes = 4 * 4 * 3 * 2, index = 8 * entry_bytes + checksum_bytes };
  volume v = made(1, "none"), other = small(2);
  const kept changed = keep(shard_at(0, 0, 0)), next = keep(shard_at(0, 0, 1)),
             far = keep(shard_at(1, 2, 2)), header = keep("image.zarr/0/zarr.json");
  const swr_region box = region_3d(1, 1, 1, 6, 2, 1); /* of two chunks */
  const int64_t written = paste_both(&v, &other, &box);
  assert_file_holds(path, &v);
  assert_int_equal(grown_by(changed, shard_at(0, 0, 0)), 2 * chunk_bytes + index);
  assert_int_equal(grown_by(next, shard_at(0, 0, 1)), 0);
  assert_int_equal(grown_by(far, shard_at(1, 2, 2)), 0);
  assert_int_equal(grown_by(header, "image.zarr/0/zarr.json"), 0);
  assert_in_range(written, 2 * chunk_bytes + index, 2 * chunk_bytes + index + 1024);
  volume_free(&v);
  volume_free(&other);
}

/* All chunks, of which those at the far ends keep some pixels. */
static void most_of_a_shard_makes_a_new_file(void** state) {
  (void)state;
  enum { chunk_bytes = 4 * 4 * 3 * 2, index = 8 * entry_bytes + checksum_bytes };
  volume v = made(1, "none"), other = small(2);
  const uint64_t before = file_number(shard_at(0, 0, 0));
  const kept next = keep(shard_at(0, 0, 1));
  const swr_region box = region_3d(0, 0, 0, 8, 7, 4);
  paste_both(&v, &other, &box);
  assert_file_holds(path, &v);
  assert_true(file_number(shard_at(0, 0, 0)) != before);
  assert_int_equal(file_bytes(shard_at(0, 0, 0)), 8 * chunk_bytes + index);
  assert_int_equal(grown_by(next, shard_at(0, 0, 1)), 0);
  volume_free(&v);
  volume_free(&other);
}

static void put(swr_writer* w, const volume* from, const swr_region* box) {
  volume part = volume_new(box, SWR_UINT16, 1);
  volume_copy(&part, from, box);
  assert_ok(w, swr_put(w, box, part.bytes, volume_bytes(&part)));
  volume_free(&part);
}

static void damage(const char* file, int64_t offset) {
  FILE* const f = fopen(file, "r+b");
  assert_non_null(f);
  assert_int_equal(fseek(f, (long)offset, offset < 0 ? SEEK_END : SEEK_SET), 0);
  assert_int_equal(fputc(0xAA, f), 0xAA);
  assert_int_equal(fclose(f), 0);
}

/* Five of eight change. Of the other three, which are copied as they are, one is damaged. */
static void chunks_that_stay_are_not_read_when_their_shard_is_written_again(void** state) {
  (void)state;
  volume v = made(1, "zstd"), other = small(2);
  int64_t bytes = 0;
  unsigned char* const shard = load_file(shard_at(0, 0, 0), &bytes);
  const int64_t last_chunk = (int64_t)number_at(shard + bytes - checksum_bytes - entry_bytes);
  free(shard);
  damage(shard_at(0, 0, 0), last_chunk);
  const uint64_t before = file_number(shard_at(0, 0, 0));
  const swr_region front = region_3d(0, 0, 0, 8, 8, 3), back = region_3d(0, 0, 3, 4, 4, 3),
                   damaged = region_3d(4, 4, 3, 4, 4, 3);
  checks_off("the image is damaged");
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, &other);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_begin(w));
  put(w, &other, &front);
  put(w, &other, &back);
  assert_ok(w, swr_finish(w));
  swr_writer_destroy(w);
  checks_on();
  assert_true(file_number(shard_at(0, 0, 0)) != before);
  volume_copy(&v, &other, &front);
  volume_copy(&v, &other, &back);
  expect_no_paste(&other, &(swr_region){3, 0, {5, 5, 4}, {1, 1, 1}}, SWR_ERROR_CORRUPT,
                  "0/c/0/0/0");
  paste_both(&v, &other, &damaged);
  assert_file_holds(path, &v);
  volume_free(&v);
  volume_free(&other);
}

static void shard_that_has_further_names_is_replaced(void** state) {
  (void)state;
  volume v = made(1, "none"), other = small(2);
  assert_int_equal(link(shard_at(0, 0, 0), "backup"), 0);
  const kept backup = keep("backup");
  const swr_region box = region_3d(1, 1, 1, 2, 2, 1);
  checks_off("the image has a second name");
  paste_both(&v, &other, &box);
  checks_on();
  assert_int_equal(grown_by(backup, "backup"), 0);
  assert_int_equal(unlink("backup"), 0);
  assert_file_holds(path, &v);
  volume_free(&v);
  volume_free(&other);
}

/* The design's figure: a box that cuts 8 of 64 chunks. */
static void small_paste_writes_a_fifth_of_its_shard_at_most(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 128, 128, 128);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1),
         other = volume_pattern(&region, SWR_UINT16, 1, 2);
  make_shards(&v, "deflate", "32,32,32", "128,128,128");
  const int64_t shard = file_bytes(shard_at(0, 0, 0));
  const swr_region box = region_3d(48, 48, 48, 32, 32, 32);
  const int64_t written = paste_both(&v, &other, &box);
  assert_file_holds(path, &v);
  print_message("a shard of %lld bytes: %lld written\n", (long long)shard, (long long)written);
  assert_in_range(written, 1, shard / 5);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, &other);
  assert_ok(w, swr_set_paste_region(w, &box));
  int64_t planned = 0;
  assert_ok(w, swr_get_method(w, NULL, NULL, &planned));
  assert_int_equal(planned, (64 * 64 * 64 - 32 * 32 * 32) * 2 + 64 * entry_bytes + checksum_bytes);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&other);
}

/* Noise takes more room than what it replaces. */
static void shards_stay_short_however_often_they_change(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 64, 64, 64);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1), noise = volume_new(&region, SWR_UINT16, 1);
  make_shards(&v, "deflate", "16,16,16", "64,64,64");
  int appended = 0;
  for (int number = 0; number < 120; ++number) {
    volume_noise(&noise, (uint64_t)number);
    const swr_region box = region_3d(number * 7 % 55, number * 11 % 55, number * 13 % 55, 9, 9, 9);
    const uint64_t before = file_number(shard_at(0, 0, 0));
    paste_both(&v, &noise, &box);
    appended += before == file_number(shard_at(0, 0, 0));
    assert_in_range(file_bytes(shard_at(0, 0, 0)), 1, 2 * volume_bytes(&v) * 11 / 10);
  }
  assert_file_holds(path, &v);
  assert_in_range(appended, 60, 119);
  /* The same image, written at once, is half as long at least. */
  const int64_t bytes = file_bytes(shard_at(0, 0, 0));
  make_shards(&v, "deflate", "16,16,16", "64,64,64");
  assert_in_range(bytes, 1, 2 * file_bytes(shard_at(0, 0, 0)));
  volume_free(&v);
  volume_free(&noise);
}

static void damage_stops_a_paste_only_where_it_counts(void** state) {
  (void)state;
  volume v = made(1, "zstd"), other = small(2);
  damage(shard_at(0, 0, 0), 0); /* the first chunk */
  const swr_region part = region_3d(0, 0, 0, 2, 2, 2), elsewhere = region_3d(5, 5, 1, 2, 2, 1),
                   chunk = region_3d(0, 0, 0, 4, 4, 3);
  expect_no_paste(&other, &part, SWR_ERROR_CORRUPT, "0/c/0/0/0");
  checks_off("the image is damaged");
  paste_both(&v, &other, &elsewhere);
  checks_on();
  paste_both(&v, &other, &chunk);
  assert_file_holds(path, &v);

  /* The checksum of the index of a shard that reaches beyond the image. */
  damage(shard_at(1, 2, 2), -3);
  const swr_region shard = region_3d(16, 16, 6, 6, 3, 5), one = region_3d(16, 16, 6, 4, 3, 3);
  expect_no_paste(&other, &one, SWR_ERROR_CORRUPT, "0/c/1/2/2: the shard is damaged");
  paste_both(&v, &other, &shard);
  assert_file_holds(path, &v);
  volume_free(&v);
  volume_free(&other);
}

static void shards_without_a_file_get_one_where_pixels_come(void** state) {
  (void)state;
  volume v = made(1, "none"), other = small(2);
  remove_tree("image.zarr/0/c/1");
  remove_tree(shard_at(0, 0, 0));
  const swr_region deep = region_3d(0, 0, 6, 22, 19, 5), corner = region_3d(0, 0, 0, 8, 8, 6);
  volume zeros = volume_new(&v.region, SWR_UINT16, 1);
  volume_copy(&v, &zeros, &deep);
  volume_copy(&v, &zeros, &corner);
  assert_file_holds(path, &v);
  const swr_region boxes[] = {region_3d(6, 1, 5, 3, 2, 2), region_3d(9, 2, 8, 2, 1, 1)};
  for (int i = 0; i < 2; ++i) {
    paste_both(&v, &other, &boxes[i]);
    assert_file_holds(path, &v);
  }
  assert_true(file_exists(shard_at(1, 0, 1)));
  assert_true(file_exists(shard_at(0, 0, 0)));
  assert_false(file_exists(shard_at(1, 1, 1)));
  volume_free(&zeros);
  volume_free(&v);
  volume_free(&other);
}

static void paste_that_fails_leaves_every_shard(void** state) {
  (void)state;
  volume v = made(1, "zstd"), other = small(2);
  snapshot* before = snapshot_take();
  const swr_region box = region_3d(1, 1, 1, 20, 17, 9);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, &other);
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_set_divisions(w, 9));
  source s = source_of(&other);
  s.fail_at = 5;
  s.fail_with = 7;
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, pull_source, &s));
  source_free(&s);
  swr_writer_destroy(w);
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&v);
  volume_free(&other);
}

/* Growth at the end of each axis: the shards at the old end get further chunks. */
static void sharded_image_grows_at_the_end_of_any_axis(void** state) {
  (void)state;
  static const swr_region boxes[] = {{3, 0, {22, 0, 0}, {1, 19, 11}},
                                     {3, 0, {0, 19, 0}, {23, 6, 11}},
                                     {3, 0, {0, 0, 11}, {23, 25, 1}},
                                     {3, 0, {3, 5, 4}, {30, 24, 19}}};
  volume v = made(1, "deflate");
  for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; ++i) {
    swr_region grown = v.region;
    for (int axis = 0; axis < 3; ++axis) {
      const int64_t end = boxes[i].index[axis] + boxes[i].size[axis];
      if (end > grown.size[axis]) grown.size[axis] = end;
    }
    volume other = volume_pattern(&grown, SWR_UINT16, 1, 10 + i);
    volume now = volume_new(&grown, SWR_UINT16, 1);
    volume_copy(&now, &v, &v.region);
    volume_copy(&now, &other, &boxes[i]);
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, path));
    describe(w, &other);
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
    assert_ok(w, swr_set_paste_region(w, &boxes[i]));
    assert_ok(w, swr_write(w, pull_volume, &other));
    assert_int_equal(statistic(w, SWR_STATISTIC_METHOD), SWR_METHOD_IN_PLACE);
    swr_writer_destroy(w);
    assert_file_holds(path, &now);
    volume_free(&other);
    volume_free(&v);
    v = now;
  }
  volume_free(&v);
}

/* Frames that are appended one by one, with a checkpoint after each. */
static void frames_are_appended_to_shards(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 20, 18, 14);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  swr_writer* w = shard_writer(&v, "deflate", "8,8,2", "16,16,6");
  swr_region none = region;
  none.size[2] = 1;
  assert_ok(w, swr_set_image_region(w, &none));
  for (int64_t z = 0; z < region.size[2]; ++z) {
    const swr_region frame = region_3d(0, 0, z, 20, 18, 1);
    volume part = volume_new(&frame, SWR_UINT16, 1);
    volume_copy(&part, &v, &frame);
    assert_ok(w, swr_append(w, part.bytes, volume_bytes(&part)));
    assert_ok(w, swr_flush(w));
    volume_free(&part);
  }
  assert_ok(w, swr_finish(w));
  swr_writer_destroy(w);
  assert_file_holds(path, &v);
  assert_true(file_exists(shard_at(2, 1, 1)));
  volume_free(&v);
}

/* Random boxes: the shards are made, written again and appended to, in any order. */
static void random_pastes_are_what_a_model_says(void** state) {
  static const char* const codecs[] = {"none", "deflate", "zstd", "blosc"};
  for (int round = 0; round < 8; ++round) {
    if (!is_of_the_part(*state, round)) continue;
    uint64_t random = 12345 + (uint64_t)round;
    const char* const codec = codecs[round % 4];
    volume v = small(100);
    swr_writer* w = shard_writer(&v, codec, "3,5,2", round % 2 ? "9,10,4" : "15,5,6");
    const int is_there = swr_check(w) == SWR_OK;
    if (is_there) assert_ok(w, swr_write(w, pull_volume, &v));
    swr_writer_destroy(w);
    for (int step = 0; is_there && step < 40; ++step) {
      swr_region box = v.region;
      for (int axis = 0; axis < 3; ++axis) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        const int64_t size = v.region.size[axis];
        box.size[axis] = 1 + (int64_t)(random >> 33) % size;
        if (step % 3) box.size[axis] = 1 + box.size[axis] / 4;
        box.index[axis] = (int64_t)(random >> 40) % (size - box.size[axis] + 1);
      }
      volume other = small((uint64_t)step);
      if (step % 2) volume_noise(&other, random);
      paste_both(&v, &other, &box);
      assert_file_holds(path, &v);
      volume_free(&other);
    }
    volume_free(&v);
    clear_folder();
  }
}

int main(void) {
  TEST(few_chunks_are_appended_to_their_shard);
  TEST(most_of_a_shard_makes_a_new_file);
  TEST(chunks_that_stay_are_not_read_when_their_shard_is_written_again);
  TEST(shard_that_has_further_names_is_replaced);
  TEST(small_paste_writes_a_fifth_of_its_shard_at_most);
  TEST(shards_stay_short_however_often_they_change);
  TEST(damage_stops_a_paste_only_where_it_counts);
  TEST(shards_without_a_file_get_one_where_pixels_come);
  TEST(paste_that_fails_leaves_every_shard);
  TEST(sharded_image_grows_at_the_end_of_any_axis);
  TEST(frames_are_appended_to_shards);
  TEST_IN_PARTS(random_pastes_are_what_a_model_says, 8);
  return run_all_tests("zarr shard changes");
}
