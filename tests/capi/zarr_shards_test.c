/* New Zarr images whose files are shards of several chunks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/chunks.h"
#include "support/shards.h"

static const char* const path = "image.zarr";

static volume small(void) {
  const swr_region region = region_3d(0, 0, 0, 13, 11, 7);
  return volume_pattern(&region, SWR_UINT16, 1, 1);
}

static int has(const char* codec) {
  volume v = small();
  swr_writer* w = shard_writer(&v, codec, NULL, NULL);
  const swr_status status = swr_check(w);
  if (status != SWR_OK) assert_says(swr_writer_message(w), "built without");
  swr_writer_destroy(w);
  volume_free(&v);
  return status == SWR_OK;
}

static void shards_of_every_type_shape_and_codec_are_read_back(void** state) {
  (void)state;
  static const char* const codecs[] = {"none", "deflate", "zstd", "blosc"};
  static const struct {
    const char *chunk, *shard;
  } shapes[] = {{NULL, "auto"},   {"2", "4"},     {"5,3,2", "10,6,2"},
                {"3,3", "24,24"}, {NULL, "6,8"},  {"64,64,2", "128,64,8"},
                {"1,1,3", "4,4"}, {"4,5", "auto"}};
  static const int64_t sizes[] = {13, 6, 4, 2, 3};
  static const int64_t index[] = {0, -3, 7, 0, 2};
  int written = 0;
  for (int number = 0; number < 160; ++number) {
    const char* const codec = codecs[number % 4];
    const int32_t dimensions = 1 + number / 3 % 5;
    const char* const chunk = shapes[number / 5 % 8].chunk;
    const char* const shard = shapes[number / 5 % 8].shard;
    const int32_t axes = chunk && strchr(chunk, ',') ? 3 : 2;
    if (!has(codec) || (chunk && axes > dimensions) || (strchr(shard, ',') && axes > dimensions))
      continue;
    const swr_region region = region_nd(dimensions, number % 7 ? NULL : index, sizes);
    volume v = volume_pattern(&region, (swr_component)(SWR_UINT8 + number % 10),
                              number % 4 == 1 ? 3 : 1, (uint64_t)number);
    make_shards(&v, codec, chunk, shard);
    assert_file_holds(path, &v);
    assert_file_count(1);
    volume_free(&v);
    clear_folder();
    ++written;
  }
  assert_in_range(written, 60, 160);
}

/* Chunks of 4 x 4 x 3 pixels in shards of 8 x 8 x 6; the last ones reach beyond the image. */
static void shard_has_its_chunks_and_then_their_places(void** state) {
  (void)state;
  enum { chunks = 8, chunk_bytes = 4 * 4 * 3 * 2, index = chunks * entry_bytes + checksum_bytes };
  volume v = small();
  make_shards(&v, "none", "4,4,3", "8,8,6");
  assert_file_says("image.zarr/0/zarr.json", "sharding_indexed");
  assert_file_says("image.zarr/0/zarr.json", "6, 8, 8");
  assert_file_says("image.zarr/0/zarr.json", "3, 4, 4");
  assert_file_says("image.zarr/0/zarr.json", "\"index_location\": \"end\"");
  assert_file_says("image.zarr/0/zarr.json", "crc32c");
  assert_true(file_exists(shard_at(1, 1, 1)));
  assert_false(file_exists(shard_at(0, 0, 2)));
  assert_int_equal(file_bytes(shard_at(0, 0, 0)), chunks * chunk_bytes + index);
  unsigned char entries[index];
  load_bytes(shard_at(0, 0, 0), chunks * chunk_bytes, entries, index);
  for (int chunk = 0; chunk < chunks; ++chunk) {
    assert_int_equal(number_at(entries + entry_bytes * chunk), chunk_bytes * chunk);
    assert_int_equal(number_at(entries + entry_bytes * chunk + 8), chunk_bytes);
  }
  /* Of 13 x 11 x 7 pixels, the last shard has the chunks at x 8 and 12, y 8, z 6. */
  assert_int_equal(file_bytes(shard_at(1, 1, 1)), 2 * chunk_bytes + index);
  load_bytes(shard_at(1, 1, 1), 2 * chunk_bytes, entries, index);
  for (int chunk = 0; chunk < chunks; ++chunk) {
    const uint64_t place = chunk < 2 ? (uint64_t)(chunk_bytes * chunk) : UINT64_MAX;
    assert_int_equal(number_at(entries + entry_bytes * chunk), place);
  }
  volume_free(&v);
}

static void shards_ask_for_version_3(void** state) {
  (void)state;
  volume v = small();
  swr_writer* w = shard_writer(&v, "none", "4,4,3", "8,8,6");
  assert_ok(w, swr_set_option(w, "zarr.version", "2"));
  assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
  assert_says(swr_writer_message(w), "version 2 of Zarr");
  assert_says(swr_writer_message(w), "zarr.shard");
  assert_ok(w, swr_set_option(w, "zarr.version", NULL));
  assert_ok(w, swr_write(w, pull_volume, &v));
  swr_writer_destroy(w);
  assert_true(file_exists(shard_at(0, 0, 0)));
  assert_file_holds(path, &v);
  volume_free(&v);
}

static void shards_that_no_chunks_fill_are_refused(void** state) {
  (void)state;
  static const struct {
    const char *chunk, *shard, *words;
  } wrong[] = {{"4,4,3", "8,6,6", "has 6 along axis 1"},
               {"4,4,3", "8,8,6,2", "4 numbers"},
               {"1,1,1", "100000,100000,1", "chunks"}};
  volume v = small();
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
    swr_writer* w = shard_writer(&v, "none", wrong[i].chunk, wrong[i].shard);
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
    assert_says(swr_writer_message(w), "zarr.shard");
    assert_says(swr_writer_message(w), wrong[i].words);
    assert_status(w, SWR_ERROR_ARGUMENT, swr_set_option(w, "zarr.shard", "8,x"));
    assert_says(swr_writer_message(w), "none, auto");
    swr_writer_destroy(w);
  }
  assert_file_count(0);
  volume_free(&v);
}

static void put_flat(swr_writer* w, const volume* v, volume* model, const swr_region* box,
                     double value) {
  volume flat = volume_new(box, v->component, 1);
  volume_fill(&flat, value);
  assert_ok(w, swr_put(w, box, flat.bytes, volume_bytes(&flat)));
  volume_copy(model, &flat, box);
  volume_free(&flat);
}

/* Noise is put, and then one value over it: first into the last chunk of a shard, then into all. */
static void chunk_that_is_put_again_gets_its_old_room(void** state) {
  (void)state;
  static const char* const shards[] = {NULL, "8,8,6"};
  for (int sharded = 0; sharded < 2; ++sharded) {
    const swr_region region = region_3d(0, 0, 0, 16, 16, 12);
    volume noise = volume_new(&region, SWR_UINT16, 1), model = volume_new(&region, SWR_UINT16, 1);
    volume_noise(&noise, 5);
    make_shards(&noise, "deflate", "4,4,3", shards[sharded]);
    const char* const file = sharded ? shard_at(0, 0, 0) : "image.zarr/0/c/0/0/0";
    const int64_t of_noise = file_bytes(file);
    for (int several = 0; several < 2; ++several) {
      volume_copy(&model, &noise, &region);
      swr_writer* w = shard_writer(&noise, "deflate", "4,4,3", shards[sharded]);
      assert_ok(w, swr_begin(w));
      assert_ok(w, swr_put(w, &region, noise.bytes, volume_bytes(&noise)));
      const swr_region last = region_3d(4, 4, 3, 4, 4, 3), all = region_3d(0, 0, 0, 8, 8, 6);
      put_flat(w, &noise, &model, several ? &all : &last, 9);
      assert_ok(w, swr_finish(w));
      swr_writer_destroy(w);
      assert_file_holds(path, &model);
      if (sharded) assert_int_equal(file_bytes(file), of_noise);
    }
    /* A file that is a chunk holds nothing else. */
    const int64_t again = file_bytes(file);
    make_shards(&model, "deflate", "4,4,3", shards[sharded]);
    if (!sharded) assert_int_equal(again, file_bytes(file));
    volume_free(&model);
    volume_free(&noise);
    clear_folder();
  }
}

/* The other way round there is not enough room, and the next chunks stay whole. */
static void chunk_that_is_put_again_and_is_longer_moves(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 16, 16, 12), first = region_3d(0, 0, 0, 4, 4, 3);
  volume flat = volume_new(&region, SWR_UINT16, 1), noise = volume_new(&first, SWR_UINT16, 1);
  volume_fill(&flat, 7);
  volume_noise(&noise, 6);
  swr_writer* w = shard_writer(&flat, "deflate", "4,4,3", "8,8,6");
  assert_ok(w, swr_begin(w));
  assert_ok(w, swr_put(w, &region, flat.bytes, volume_bytes(&flat)));
  assert_ok(w, swr_put(w, &first, noise.bytes, volume_bytes(&noise)));
  assert_ok(w, swr_finish(w));
  swr_writer_destroy(w);
  volume_copy(&flat, &noise, &first);
  assert_file_holds(path, &flat);
  volume_free(&noise);
  volume_free(&flat);
}

/* Where the application does not say it, a shard has whole chunks all the same. */
static void chunks_of_no_shape_divide_their_shard(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 300, 200, 150);
  volume v = volume_pattern(&region, SWR_UINT8, 1, 1);
  make_shards(&v, "none", NULL, "200,100,300");
  assert_file_says("image.zarr/0/zarr.json", "300, 100, 200");
  assert_file_says("image.zarr/0/zarr.json", "60, 100, 100");
  assert_file_holds(path, &v);
  make_shards(&v, "none", "32,32,32", "auto");
  assert_file_says("image.zarr/0/zarr.json", "160, 224, 320");
  volume_free(&v);
}

/* The chunk is as long as the image, and no shard of an image that grows is longer than asked. */
static void shards_are_longer_than_the_image_if_asked(void** state) {
  (void)state;
  volume v = small();
  make_shards(&v, "none", "4,16,1", "8,32,16");
  assert_file_says("image.zarr/0/zarr.json", "16, 22, 8");
  assert_file_holds(path, &v);
  volume_free(&v);
}

static void bytes_of_shards_depend_on_nothing_but_the_image(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 70, 50, 40);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  snapshot* first = NULL;
  for (int number = 0; number < 8; ++number) {
    swr_writer* w = shard_writer(&v, "deflate", "8,8,8", "16,32,16");
    assert_ok(w, swr_set_threads(w, 1 + number % 4));
    assert_ok(w, swr_set_divisions(w, 1 + 3 * number));
    if (number >= 4) assert_ok(w, swr_set_memory_limit(w, (4 + number) << 20));
    assert_ok(w, swr_write(w, pull_volume, &v));
    swr_writer_destroy(w);
    if (first) assert_unchanged(first);
    if (!first) first = snapshot_take();
  }
  snapshot_free(first);
  volume_free(&v);
}

/* Slices come last one first; some of them twice. */
static void regions_in_any_order_make_the_same_shards(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 40, 30, 20);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  volume noise = volume_new(&region, SWR_UINT16, 1);
  volume_noise(&noise, 1);
  swr_writer* w = shard_writer(&v, "deflate", "8,8,8", "16,16,16");
  assert_ok(w, swr_begin(w));
  for (int64_t step = 0; step < 30; ++step) {
    const int64_t z = step < 10 ? 19 - 2 * step : 29 - step;
    const swr_region slice = region_3d(0, 0, z, 40, 30, 1);
    volume part = volume_new(&slice, SWR_UINT16, 1);
    volume_copy(&part, step < 10 ? &noise : &v, &slice);
    assert_ok(w, swr_put(w, &slice, part.bytes, volume_bytes(&part)));
    volume_free(&part);
  }
  assert_ok(w, swr_finish(w));
  swr_writer_destroy(w);
  assert_file_holds(path, &v);
  assert_file_count(1);
  volume_free(&noise);
  volume_free(&v);
}

/* The last level is smaller than a chunk. */
static void levels_have_shards_too(void** state) {
  (void)state;
  static const char* const paths[] = {"image.zarr/1", "image.zarr/2", "image.zarr/3"};
  const swr_region region = region_3d(0, 0, 0, 60, 50, 40);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  volume levels[2][3];
  for (int number = 0; number < 2; ++number) {
    swr_writer* w = shard_writer(&v, "zstd", "8,8,8", number ? "16,16,16" : NULL);
    assert_ok(w, swr_set_option(w, "pyramid.levels", "3"));
    assert_ok(w, swr_write(w, pull_volume, &v));
    swr_writer_destroy(w);
    assert_file_holds(path, &v);
    for (int level = 0; level < 3; ++level) levels[number][level] = read_volume(paths[level]);
    assert_int_equal(file_exists("image.zarr/1/c/2/3/3"), !number);
    assert_int_equal(file_exists("image.zarr/1/c/1/1/1"), 1);
  }
  for (int level = 0; level < 3; ++level) {
    assert_volume_equal(&levels[1][level], &levels[0][level]);
    volume_free(&levels[0][level]);
    volume_free(&levels[1][level]);
  }
  volume_free(&v);
}

/* A row of shards is open at a time, of which nothing but the places of chunks is in memory; if
 * these do not fit, they wait in the files. */
static void memory_has_places_of_chunks_alone(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 512, 512, 64);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  int64_t need[2] = {0, 0};
  for (int number = 0; number < 2; ++number) {
    swr_writer* w = shard_writer(&v, "deflate", "16,16,16", number ? "256,256,64" : NULL);
    assert_ok(w, swr_set_threads(w, 1));
    assert_ok(w, swr_get_memory_need(w, &need[number]));
    swr_writer_destroy(w);
  }
  const int64_t chunks = 32 * 32 * 4;
  assert_int_equal(need[1] - need[0], entry_bytes * chunks);
#ifndef _WIN32 /* wine takes a quarter of an hour for so many chunks */
  swr_writer* w = shard_writer(&v, "none", "4,4,4", "64,64,64");
  assert_ok(w, swr_set_memory_limit(w, 8 << 20)); /* the places of all chunks take 4 MiB */
  assert_ok(w, swr_write(w, pull_volume, &v));
  assert_in_range(statistic(w, SWR_STATISTIC_PEAK_BUFFER_BYTES), 1, 8 << 20);
  swr_writer_destroy(w);
  assert_file_holds(path, &v);
#endif
  volume_free(&v);
}

static void image_without_shards_is_not_changed_by_the_option(void** state) {
  (void)state;
  volume v = small();
  make_shards(&v, "none", "4,4,3", "none");
  assert_true(file_exists(shard_at(2, 2, 3)));
  assert_file_holds(path, &v);
  volume_free(&v);
}

int main(void) {
  TEST(shards_of_every_type_shape_and_codec_are_read_back);
  TEST(shard_has_its_chunks_and_then_their_places);
  TEST(shards_ask_for_version_3);
  TEST(shards_that_no_chunks_fill_are_refused);
  TEST(chunks_of_no_shape_divide_their_shard);
  TEST(shards_are_longer_than_the_image_if_asked);
  TEST(bytes_of_shards_depend_on_nothing_but_the_image);
  TEST(regions_in_any_order_make_the_same_shards);
  TEST(levels_have_shards_too);
  TEST(memory_has_places_of_chunks_alone);
  TEST(image_without_shards_is_not_changed_by_the_option);
  TEST(chunk_that_is_put_again_gets_its_old_room);
  TEST(chunk_that_is_put_again_and_is_longer_moves);
  return run_all_tests("zarr shards");
}
