#include "support/chunks.h"

#include <stdlib.h>
#include <string.h>

#include "sanitized.h"

swr_writer* chunk_writer(const char* path, const volume* v, const chunk_form* f) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, v);
  if (f->codec) assert_ok(w, swr_set_compression(w, f->codec, 6));
  assert_ok(w, swr_set_option(w, "chunk.shape", f->shape));
  assert_ok(w, swr_set_option(w, "chunk.filter", f->filter));
  return w;
}

void make_chunks(const char* path, const volume* v, const chunk_form* f) {
  source s = source_of(v);
  swr_writer* w = chunk_writer(path, v, f);
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
}

swr_status paste_with(swr_writer* w, const char* path, volume* v, const swr_region* box) {
  source s = source_of(v);
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_paste_region(w, box));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  return swr_write(w, pull_source, &s);
}

void paste_in_place(const char* path, volume* v, const swr_region* box) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, paste_with(w, path, v, box));
  assert_int_equal(statistic(w, SWR_STATISTIC_METHOD), SWR_METHOD_IN_PLACE);
  swr_writer_destroy(w);
}

void change_in_place(const char* path, volume* v, const swr_region* box, uint64_t seed) {
  volume part = volume_pattern(box, v->component, v->components, seed);
  volume_copy(v, &part, box);
  volume_free(&part);
  paste_in_place(path, v, box);
  assert_file_holds(path, v);
}

void grow_in_place(const char* path, const volume* grown, const swr_region* added) {
  source s = source_of(grown);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_image_region(w, &grown->region));
  assert_ok(w, swr_set_paste_region(w, added));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(statistic(w, SWR_STATISTIC_METHOD), SWR_METHOD_IN_PLACE);
  swr_writer_destroy(w);
}

static uint32_t noise(uint32_t* state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

/* The byte in the middle of the file is one of a chunk's. */
static void damage(const char* path) {
  int64_t bytes = 0;
  unsigned char* file = load_file(path, &bytes);
  file[bytes / 2] ^= 0x55;
  save_file(path, file, bytes);
  free(file);
}

void expect_bytes_of_pixels_alone(const char* path, const char* shape, const char* filter) {
  const swr_region region = region_3d(0, 0, 0, 300, 200, 7);
  const swr_region box = region_3d(17, 33, 1, 200, 101, 5);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1),
         part = volume_pattern(&box, SWR_UINT16, 1, 2);
  volume changed = volume_pattern(&region, SWR_UINT16, 1, 1);
  volume_copy(&changed, &part, &box);
  unsigned char* first[2] = {NULL, NULL};
  int64_t bytes[2] = {0, 0};
  for (int i = 0; i < 6; ++i) {
    const chunk_form f = {"deflate", i % 2 ? shape : NULL, filter};
    source s = source_of(&v);
    swr_writer* w = chunk_writer(path, &v, &f);
    assert_ok(w, swr_set_threads(w, 1 + i));
    assert_ok(w, swr_set_divisions(w, i < 2 ? -1 : 2 * i));
    assert_ok(w, swr_set_memory_limit(w, i < 4 ? 0 : 4 << 20));
    assert_ok(w, swr_write(w, pull_source, &s));
    assert_ok(w, paste_with(w, path, &changed, &box));
    swr_writer_destroy(w);
    assert_file_holds(path, &changed);
    int64_t count = 0;
    unsigned char* file = load_file(path, &count);
    if (i < 2) {
      first[i] = file;
      bytes[i] = count;
      continue;
    }
    assert_int_equal(count, bytes[i % 2]);
    assert_memory_equal(file, first[i % 2], (size_t)count);
    free(file);
  }
  free(first[0]);
  free(first[1]);
  volume_free(&part);
  volume_free(&changed);
  volume_free(&v);
  clear_folder();
}

void expect_memory_within_limit(const char* path) {
  const swr_region region = region_3d(0, 0, 0, 2048, 2048, 2),
                   box = region_3d(5, 7, 0, 2000, 2000, 2);
  const int64_t limit = 4 << 20;
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  const char* const shapes[] = {NULL, "128,64", "256,256"};
  for (int i = 0; i < 3; ++i) {
    const chunk_form f = {"deflate", shapes[i], NULL};
    source s = source_of(&v);
    swr_writer* w = chunk_writer(path, &v, &f);
    assert_ok(w, swr_set_memory_limit(w, limit));
    assert_ok(w, swr_write(w, pull_source, &s));
    int64_t most = 0;
    assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PEAK_BUFFER_BYTES, &most));
    assert_in_range(most, 1, limit);
    volume part = volume_pattern(&box, SWR_UINT16, 1, 2);
    volume_copy(&v, &part, &box);
    volume_free(&part);
    assert_ok(w, paste_with(w, path, &v, &box));
    assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PEAK_BUFFER_BYTES, &most));
    assert_in_range(most, 1, limit);
    swr_writer_destroy(w);
    assert_file_holds(path, &v);
  }
  volume_free(&v);
  clear_folder();
}

typedef struct pieces {
  const volume* v;
  int64_t count, longest, astray; /* rows of the longest; how many do not begin with a chunk */
} pieces;

static const int64_t chunk_rows = 96;

static int32_t pull_piece(swr_piece* piece, void* user) {
  pieces* p = user;
  const swr_region* region = swr_piece_region(piece);
  ++p->count;
  if (region->size[1] > p->longest) p->longest = region->size[1];
  if ((region->index[1] - p->v->region.index[1]) % chunk_rows != 0) ++p->astray;
  return pull_volume(piece, (void*)p->v);
}

static pieces pieces_of(const char* path, const volume* v, int64_t divisions, const char* align) {
  const chunk_form f = {"deflate", "128,96", NULL};
  pieces p = {v, 0, 0, 0};
  swr_writer* w = chunk_writer(path, v, &f);
  assert_ok(w, swr_set_divisions(w, divisions));
  assert_ok(w, swr_set_option(w, "split.align", align));
  assert_ok(w, swr_write(w, pull_piece, &p));
  swr_writer_destroy(w);
  assert_file_holds(path, v);
  return p;
}

void expect_pieces_end_with_chunks(const char* path) {
  const swr_region region = region_2d(0, 0, 1024, 4100);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  pieces p = pieces_of(path, &v, -1, "none");
  assert_in_range(p.count, 2, 10);
  assert_int_equal(p.astray, 0);
  assert_in_range(p.longest, chunk_rows, (2 << 20) / 2048 * 2);
  p = pieces_of(path, &v, 7, "none");
  assert_int_equal(p.count, 7);
  assert_true(p.astray > 0);
  p = pieces_of(path, &v, 7, "chunks");
  assert_in_range(p.count, 2, 7);
  assert_int_equal(p.astray, 0);
  volume_free(&v);
  clear_folder();
}

void expect_room_reused(const char* path) {
  const swr_region region = region_3d(0, 0, 0, 512, 512, 64);
  const chunk_form f = {"deflate", "512,64", NULL};
  volume v = volume_new(&region, SWR_UINT16, 1);
  uint16_t* pixels = (uint16_t*)v.bytes;
  uint32_t random = 1;
  for (int64_t i = 0; i < region_pixels(&region); ++i)
    pixels[i] = (uint16_t)(i % 512 * 3 + i / 512 % 512 * 5 + noise(&random) % 64);
  make_chunks(path, &v, &f);
  const int64_t before = file_bytes(path);
  const int pastes = SANITIZED ? 20 : 120;
  for (int i = 0; i < pastes; ++i) {
    const swr_region box =
        region_3d(noise(&random) % 448, noise(&random) % 448, noise(&random) % 56, 64, 64, 8);
    uint16_t values[64 * 64 * 8];
    for (size_t k = 0; k < sizeof values / sizeof values[0]; ++k)
      values[k] = (uint16_t)noise(&random);
    volume_set(&v, &box, values);
    paste_in_place(path, &v, &box);
  }
  assert_file_holds(path, &v);
  const double ratio = (double)file_bytes(path) / (double)before;
  print_message("after %d pastes of noise: %.3f of the first size\n", pastes, ratio);
  assert_true(ratio < 1.35);
  volume_free(&v);
  clear_folder();
}

void expect_damage_in_the_way(const char* path, const char* words) {
  const swr_region region = region_3d(0, 0, 0, 128, 64, 3), all = region;
  const swr_region part = region_3d(0, 0, 1, 127, 63, 1), slice = region_3d(0, 0, 1, 128, 64, 1);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  const chunk_form f = {"deflate", "128,64", NULL};
  make_chunks(path, &v, &f);
  damage(path);
  snapshot* before = snapshot_take();
  swr_writer* w = swr_writer_create();
  assert_status(w, SWR_ERROR_CORRUPT, paste_with(w, path, &v, &part));
  assert_says(swr_writer_message(w), words);
  assert_unchanged(before);
  snapshot_free(before);
  assert_ok(w, paste_with(w, path, &v, &slice));
  assert_file_holds(path, &v);
  damage(path);
  assert_ok(w, paste_with(w, path, &v, &all));
  swr_writer_destroy(w);
  assert_file_holds(path, &v);
  volume_free(&v);
  clear_folder();
}

void expect_chunks_erased(const char* path) {
  const swr_region region = region_3d(0, 0, 0, 128, 64, 4);
  const chunk_form f = {"none", "64,64", NULL}, packed = {"deflate", "128,16", NULL};
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1), zeros = volume_new(&region, SWR_UINT16, 1);
  for (int i = 0; i < 2; ++i) {
    make_chunks(path, &v, i ? &packed : &f);
    int64_t old_bytes = 0, new_bytes = 0;
    unsigned char* old = load_file(path, &old_bytes);
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_option(w, "erase", "on"));
    assert_ok(w, paste_with(w, path, &zeros, &region));
    swr_writer_destroy(w);
    assert_file_holds(path, &zeros);
    unsigned char* file = load_file(path, &new_bytes);
    /* Pieces of the old chunks. */
    for (int64_t at = old_bytes / 2; at + 16 <= old_bytes; at += 16) {
      for (int64_t k = 0; k + 16 <= new_bytes; ++k)
        assert_int_not_equal(memcmp(file + k, old + at, 16), 0);
    }
    free(old);
    free(file);
  }
  volume_free(&zeros);
  volume_free(&v);
  clear_folder();
}

void assert_file_says(const char* file, const char* words) {
  char* const text = (char*)load_file(file, NULL);
  if (!text) fail_msg("there is no %s", file);
  if (!strstr(text, words)) fail_msg("%s has no %s: %s", file, words, text);
  free(text);
}
