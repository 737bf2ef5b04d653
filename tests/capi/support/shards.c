#include "support/shards.h"

#include <stdio.h>

static const char* const path = "image.zarr";

swr_writer* shard_writer(const volume* v, const char* codec, const char* chunk, const char* shard) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, v);
  assert_ok(w, swr_set_compression(w, codec, 1));
  assert_ok(w, swr_set_option(w, "zarr.version", "3"));
  assert_ok(w, swr_set_option(w, "chunk.shape", chunk));
  assert_ok(w, swr_set_option(w, "zarr.shard", shard));
  return w;
}

void make_shards(const volume* v, const char* codec, const char* chunk, const char* shard) {
  swr_writer* w = shard_writer(v, codec, chunk, shard);
  assert_ok(w, swr_write(w, pull_volume, (void*)v));
  swr_writer_destroy(w);
}

static swr_writer* pasting_writer(const volume* from, const swr_region* box) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, from);
  assert_ok(w, swr_set_paste_region(w, box));
  return w;
}

int64_t paste_into_shards(const volume* from, const swr_region* box) {
  swr_writer* w = pasting_writer(from, box);
  assert_ok(w, swr_write(w, pull_volume, (void*)from));
  assert_int_equal(statistic(w, SWR_STATISTIC_METHOD), SWR_METHOD_IN_PLACE);
  const int64_t written = statistic(w, SWR_STATISTIC_BYTES_OUT);
  swr_writer_destroy(w);
  return written;
}

void expect_no_paste(const volume* from, const swr_region* box, swr_status status,
                     const char* words) {
  snapshot* before = snapshot_take();
  swr_writer* w = pasting_writer(from, box);
  assert_status(w, status, swr_write(w, pull_volume, (void*)from));
  assert_says(swr_writer_message(w), words);
  swr_writer_destroy(w);
  assert_unchanged(before);
  snapshot_free(before);
}

int64_t paste_both(volume* v, const volume* from, const swr_region* box) {
  volume_copy(v, from, box);
  return paste_into_shards(from, box);
}

const char* shard_at(int z, int y, int x) {
  enum { names = 4 };
  static char name[names][64];
  static int next = 0;
  char* const at = name[next++ % names];
  snprintf(at, sizeof name[0], "image.zarr/0/c/%d/%d/%d", z, y, x);
  return at;
}

uint64_t number_at(const unsigned char* at) {
  uint64_t number = 0;
  for (int byte = 7; byte >= 0; --byte) number = number << 8 | at[byte];
  return number;
}

void volume_noise(volume* v, uint64_t seed) {
  uint64_t state = seed * 2654435761u + 1;
  for (int64_t i = 0; i < volume_bytes(v); ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    v->bytes[i] = (unsigned char)(state >> 56);
  }
}
