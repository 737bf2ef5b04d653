/* HDF5 files whose pixels are in chunks: shapes, codecs and filters that are asked for; pastes that
 * reuse the room of chunks; growth; chunks that are damaged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sanitized.h"
#include "support/support.h"

typedef struct form {
  const char *codec, *shape, *filter; /* NULL: unset */
} form;

static const form forms[] = {
    {"deflate", NULL, NULL},          {"deflate", NULL, "shuffle"}, {"deflate", "32,16", NULL},
    {"deflate", "48,9,2", "shuffle"}, {"none", "32,32,2", NULL},    {"deflate", "70,3", NULL},
    {"deflate", "16,64,16", "none"},  {"none", "70,50,7", NULL},
};
enum { form_count = sizeof forms / sizeof forms[0] };
/* NULL: ITK's layout. */
static const char* const datasets[] = {NULL, "/entry/data"};

static int has_hdf5(void) {
  return swr_format_suffixes("HDF5") != NULL;
}

static swr_writer* writer_of(const char* path, const volume* v, const form* f) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, v);
  if (f->codec) assert_ok(w, swr_set_compression(w, f->codec, 6));
  assert_ok(w, swr_set_option(w, "chunk.shape", f->shape));
  assert_ok(w, swr_set_option(w, "chunk.filter", f->filter));
  return w;
}

static void make(const char* path, const volume* v, const form* f) {
  source s = source_of(v);
  swr_writer* w = writer_of(path, v, f);
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
}

/* Pastes a region of the volume. */
static swr_status paste_with(swr_writer* w, const char* path, volume* v, const swr_region* box) {
  source s = source_of(v);
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_paste_region(w, box));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  return swr_write(w, pull_source, &s);
}

static void paste(const char* path, volume* v, const swr_region* box) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, paste_with(w, path, v, box));
  int64_t method = -1;
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_METHOD, &method));
  assert_int_equal(method, SWR_METHOD_IN_PLACE);
  swr_writer_destroy(w);
}

/* Changes the volume, and the file with it. */
static void change(const char* path, volume* v, const swr_region* box, uint64_t seed) {
  volume part = volume_pattern(box, v->component, v->components, seed);
  volume_copy(v, &part, box);
  volume_free(&part);
  paste(path, v, box);
  assert_file_holds(path, v);
}

static const swr_component types[] = {SWR_UINT8, SWR_INT16, SWR_UINT32, SWR_FLOAT32, SWR_FLOAT64};

static void grow(const char* path, const volume* grown, const swr_region* added) {
  source s = source_of(grown);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_image_region(w, &grown->region));
  assert_ok(w, swr_set_paste_region(w, added));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  assert_ok(w, swr_write(w, pull_source, &s));
  int64_t method = -1;
  assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_METHOD, &method));
  assert_int_equal(method, SWR_METHOD_IN_PLACE);
  swr_writer_destroy(w);
}

static void every_form_is_written_pasted_into_and_grown(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  for (int number = 0; number < form_count * 5; ++number) {
    const form* f = &forms[number % form_count];
    const int32_t components = number % 3 == 1 ? 3 : 1;
    const swr_region region = region_3d(0, 0, 0, 70, 50, 3);
    volume v = volume_pattern(&region, types[number / form_count % 5], components, 1);
    source s = source_of(&v);
    swr_writer* w = writer_of("image.h5", &v, f);
    assert_ok(w, swr_set_option(w, "hdf5.dataset", datasets[number % 2]));
    assert_ok(w, swr_write(w, pull_source, &s));
    swr_writer_destroy(w);
    assert_file_holds("image.h5", &v);
    const swr_region inside = region_3d(30, 10, 1, 9, 30, 2), slice = region_3d(0, 0, 1, 70, 50, 1);
    change("image.h5", &v, &inside, 2);
    change("image.h5", &v, &slice, 3);
    const swr_region longer = region_3d(0, 0, 0, 70, 50, 21),
                     added = region_3d(0, 0, 3, 70, 50, 18);
    volume grown = volume_pattern(&longer, v.component, components, 4);
    volume_copy(&grown, &v, &region);
    grow("image.h5", &grown, &added);
    assert_file_holds("image.h5", &grown);
    change("image.h5", &grown, &added, 5);
    volume_free(&grown);
    volume_free(&v);
    assert_file_count(1);
    clear_folder();
  }
}

static void the_file_says_how_it_is_compressed(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  const swr_region region = region_3d(0, 0, 0, 40, 30, 2);
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  const char* const codecs[] = {"none", "deflate"};
  for (int i = 0; i < 2; ++i) {
    const form f = {codecs[i], i ? NULL : "7,8,9", NULL};
    make("image.h5", &v, &f);
    const char* encoding = NULL;
    int32_t slotted = 1;
    swr_reader* r = swr_reader_create();
    assert_reader_ok(r, swr_reader_open(r, "image.h5"));
    assert_reader_ok(r, swr_reader_get_encoding(r, &encoding, &slotted));
    assert_string_equal(encoding, codecs[i]);
    assert_int_equal(slotted, 0);
    swr_reader_destroy(r);
  }
  volume_free(&v);
  clear_folder();
}

static void shapes_and_codecs_that_hdf5_has_not_are_refused(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  const swr_region region = region_3d(0, 0, 0, 70, 50, 4);
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  static const struct {
    form f;
    const char* words;
  } refused[] = {
      {{"deflate", "16,16,1,1", NULL}, "has 4 numbers; the image has 3 dimensions"},
      {{"deflate", "70,50,9000000", NULL}, "chunks of 4 GiB or more"},
      {{"deflate", NULL, "predictor"}, "HDF5 files have none or shuffle"},
      {{"none", "32,16", "shuffle"}, "only compressed pixels have"},
      {{"lz4", NULL, NULL}, "cannot be compressed with lz4; use none or deflate"},
      {{"zstd", NULL, NULL}, "cannot be compressed with zstd; use none or deflate"},
  };
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; ++i) {
    source s = source_of(&v);
    swr_writer* w = writer_of("image.h5", &v, &refused[i].f);
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_write(w, pull_source, &s));
    assert_says(swr_writer_message(w), "image.h5");
    assert_says(swr_writer_message(w), refused[i].words);
    assert_int_equal(s.pulls, 0);
    swr_writer_destroy(w);
  }
  assert_file_count(0);
  volume_free(&v);
}

/* Whatever the number of threads, of pieces, and the memory. */
static void the_bytes_depend_on_the_pixels_alone(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  const swr_region region = region_3d(0, 0, 0, 300, 200, 7);
  const swr_region box = region_3d(17, 33, 1, 200, 101, 5);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1),
         part = volume_pattern(&box, SWR_UINT16, 1, 2);
  volume changed = volume_pattern(&region, SWR_UINT16, 1, 1);
  volume_copy(&changed, &part, &box);
  unsigned char* first[2] = {NULL, NULL};
  int64_t bytes[2] = {0, 0};
  for (int i = 0; i < 6; ++i) {
    const form f = {"deflate", i % 2 ? "64,48,2" : NULL, "shuffle"};
    source s = source_of(&v);
    swr_writer* w = writer_of("image.h5", &v, &f);
    assert_ok(w, swr_set_threads(w, 1 + i));
    assert_ok(w, swr_set_divisions(w, i < 2 ? -1 : 2 * i));
    assert_ok(w, swr_set_memory_limit(w, i < 4 ? 0 : 4 << 20));
    assert_ok(w, swr_write(w, pull_source, &s));
    assert_ok(w, paste_with(w, "image.h5", &changed, &box));
    swr_writer_destroy(w);
    assert_file_holds("image.h5", &changed);
    int64_t count = 0;
    unsigned char* file = load_file("image.h5", &count);
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

/* Within a limit that is far below the size of a slice. */
static void memory_stays_within_the_limit(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  const swr_region region = region_3d(0, 0, 0, 2048, 2048, 2),
                   box = region_3d(5, 7, 0, 2000, 2000, 2);
  const int64_t limit = 4 << 20;
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  const char* const shapes[] = {NULL, "128,64"};
  for (int i = 0; i < 2; ++i) {
    const form f = {"deflate", shapes[i], NULL};
    source s = source_of(&v);
    swr_writer* w = writer_of("image.h5", &v, &f);
    assert_ok(w, swr_set_memory_limit(w, limit));
    assert_ok(w, swr_write(w, pull_source, &s));
    int64_t most = 0;
    assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PEAK_BUFFER_BYTES, &most));
    assert_in_range(most, 1, limit);
    volume part = volume_pattern(&box, SWR_UINT16, 1, 2);
    volume_copy(&v, &part, &box);
    volume_free(&part);
    assert_ok(w, paste_with(w, "image.h5", &v, &box));
    assert_ok(w, swr_get_statistics(w, SWR_STATISTIC_PEAK_BUFFER_BYTES, &most));
    assert_in_range(most, 1, limit);
    swr_writer_destroy(w);
    assert_file_holds("image.h5", &v);
  }
  volume_free(&v);
  clear_folder();
}

static uint32_t noise(uint32_t* state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

/* Pixels that compress well, and boxes of noise, which do not: chunks get longer and move. */
static void pastes_of_noise_reuse_the_room_that_chunks_leave(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  const swr_region region = region_3d(0, 0, 0, 512, 512, 64);
  const form f = {"deflate", "512,64", NULL};
  volume v = volume_new(&region, SWR_UINT16, 1);
  uint16_t* pixels = (uint16_t*)v.bytes;
  uint32_t random = 1;
  for (int64_t i = 0; i < region_pixels(&region); ++i)
    pixels[i] = (uint16_t)(i % 512 * 3 + i / 512 % 512 * 5 + noise(&random) % 64);
  make("image.h5", &v, &f);
  const int64_t before = file_bytes("image.h5");
  const int pastes = SANITIZED ? 20 : 120;
  for (int i = 0; i < pastes; ++i) {
    const swr_region box =
        region_3d(noise(&random) % 448, noise(&random) % 448, noise(&random) % 56, 64, 64, 8);
    uint16_t values[64 * 64 * 8];
    for (size_t k = 0; k < sizeof values / sizeof values[0]; ++k)
      values[k] = (uint16_t)noise(&random);
    volume_set(&v, &box, values);
    paste("image.h5", &v, &box);
  }
  assert_file_holds("image.h5", &v);
  const double ratio = (double)file_bytes("image.h5") / (double)before;
  print_message("after %d pastes of noise: %.3f of the first size\n", pastes, ratio);
  assert_true(ratio < 1.35);

  volume_free(&v);
  clear_folder();
}

/* The byte in the middle of the file is one of a chunk's. */
static void damage(const char* path) {
  int64_t bytes = 0;
  unsigned char* file = load_file(path, &bytes);
  file[bytes / 2] ^= 0x55;
  save_file(path, file, bytes);
  free(file);
}

static void a_damaged_chunk_stops_only_writes_that_need_it(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  const swr_region region = region_3d(0, 0, 0, 128, 64, 3), all = region;
  const swr_region part = region_3d(0, 0, 1, 127, 63, 1), slice = region_3d(0, 0, 1, 128, 64, 1);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  const form f = {"deflate", "128,64", NULL};
  make("image.h5", &v, &f);
  damage("image.h5");
  snapshot* before = snapshot_take();
  swr_writer* w = swr_writer_create();
  assert_status(w, SWR_ERROR_CORRUPT, paste_with(w, "image.h5", &v, &part));
  assert_says(swr_writer_message(w), "the chunk with the pixels (0,0,1)");
  assert_unchanged(before);
  snapshot_free(before);
  assert_ok(w, paste_with(w, "image.h5", &v, &slice));
  assert_file_holds("image.h5", &v);
  damage("image.h5");
  assert_ok(w, paste_with(w, "image.h5", &v, &all));
  swr_writer_destroy(w);
  assert_file_holds("image.h5", &v);
  volume_free(&v);
  clear_folder();
}

/* The list of the chunks, which has no checksum, is among what is cut off. */
static void a_file_that_is_cut_off_gives_no_wrong_pixels(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  const swr_region region = region_3d(0, 0, 0, 32, 16, 6);
  const form f = {"deflate", "16,8,1", "shuffle"};
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1), found = volume_new(&region, SWR_UINT16, 1);
  make("image.h5", &v, &f);
  int64_t bytes = 0;
  unsigned char* file = load_file("image.h5", &bytes);
  for (int64_t length = bytes - 1; length > 0; length -= SANITIZED ? 397 : 41) {
    save_file("image.h5", file, length);
    swr_reader* r = swr_reader_create();
    if (swr_reader_open(r, "image.h5") == SWR_OK)
      assert_int_not_equal(swr_reader_read(r, &region, found.bytes, volume_bytes(&found)), SWR_OK);
    swr_reader_destroy(r);
  }
  free(file);
  volume_free(&found);
  volume_free(&v);
  clear_folder();
}

/* None of the old pixels is in the file any more. */
static void erased_chunks_leave_no_bytes(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  const swr_region region = region_3d(0, 0, 0, 128, 64, 4);
  const form f = {"none", "64,64", NULL}, packed = {"deflate", "128,16", NULL};
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1), zeros = volume_new(&region, SWR_UINT16, 1);
  for (int i = 0; i < 2; ++i) {
    make("image.h5", &v, i ? &packed : &f);
    int64_t old_bytes = 0, new_bytes = 0;
    unsigned char* old = load_file("image.h5", &old_bytes);
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_option(w, "erase", "on"));
    assert_ok(w, paste_with(w, "image.h5", &zeros, &region));
    swr_writer_destroy(w);
    assert_file_holds("image.h5", &zeros);
    unsigned char* file = load_file("image.h5", &new_bytes);
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

int main(void) {
  TEST(every_form_is_written_pasted_into_and_grown);
  TEST(the_file_says_how_it_is_compressed);
  TEST(shapes_and_codecs_that_hdf5_has_not_are_refused);
  TEST(the_bytes_depend_on_the_pixels_alone);
  TEST(memory_stays_within_the_limit);
  TEST(pastes_of_noise_reuse_the_room_that_chunks_leave);
  TEST(a_damaged_chunk_stops_only_writes_that_need_it);
  TEST(a_file_that_is_cut_off_gives_no_wrong_pixels);
  TEST(erased_chunks_leave_no_bytes);
  return run_all_tests("hdf5_chunks");
}
