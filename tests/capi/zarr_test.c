/* New Zarr images: a folder with the files of the chunks, which is there as a whole or not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/chunks.h"

static const char* const path = "image.zarr";
static const char* const codecs[] = {NULL, "none", "deflate", "zstd", "lz4", "blosc"};
static const char* const versions[] = {"2", "3"};
enum { codec_count = sizeof codecs / sizeof codecs[0] };

static swr_writer* writer_of(const volume* v, const char* version, const char* codec,
                             const char* shape) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, v);
  if (codec) assert_ok(w, swr_set_compression(w, codec, 3));
  assert_ok(w, swr_set_option(w, "zarr.version", version));
  assert_ok(w, swr_set_option(w, "chunk.shape", shape));
  return w;
}

static void expect_write(swr_writer* w, const volume* v, swr_status expected) {
  source s = source_of(v);
  assert_status(w, expected, swr_check(w));
  assert_status(w, expected, swr_write(w, pull_source, &s));
  if (expected != SWR_OK) assert_int_equal(s.pulls, 0);
  source_free(&s);
}

static void make(const volume* v, const char* version, const char* codec, const char* shape) {
  swr_writer* w = writer_of(v, version, codec, shape);
  expect_write(w, v, SWR_OK);
  swr_writer_destroy(w);
}

static volume small(void) {
  const swr_region region = region_3d(0, 0, 0, 13, 11, 7);
  return volume_pattern(&region, SWR_UINT16, 1, 1);
}

/* Whether the library has the codec, and the version of Zarr too. */
static int has(const char* version, const char* codec) {
  volume v = small();
  swr_writer* w = writer_of(&v, version, codec, NULL);
  const swr_status status = swr_check(w);
  const char* const why = swr_writer_message(w);
  if (status != SWR_OK) assert_true(strstr(why, "built without") || strstr(why, "version 3"));
  swr_writer_destroy(w);
  volume_free(&v);
  return status == SWR_OK;
}

static void images_of_every_type_shape_and_codec_are_read_back(void** state) {
  static const char* const shapes[] = {NULL, "4", "5,3,2", "64,64,64", "1,1,3", "3,4,1,2"};
  static const int64_t sizes[] = {13, 6, 4, 2, 3};
  static const int64_t index[] = {0, -3, 7, 0, 2};
  for (int number = 0; number < 240; ++number) {
    const char* const version = versions[number % 2];
    const char* const codec = codecs[number / 2 % codec_count];
    const int32_t dimensions = 1 + number / 5 % 5;
    const char* const shape = shapes[number / 3 % 6];
    if (!is_of_the_part(*state, number)) continue;
    if (!has(version, codec) || (shape && (int32_t)strlen(shape) / 2 >= dimensions)) continue;
    const swr_region region = region_nd(dimensions, number % 7 ? NULL : index, sizes);
    const int32_t components = number % 4 == 1 ? 3 : 1;
    volume v = volume_pattern(&region, (swr_component)(SWR_UINT8 + number % 10), components,
                              (uint64_t)number);
    make(&v, version, codec, shape);
    assert_file_holds(path, &v);
    assert_file_count(1);
    volume_free(&v);
    clear_folder();
  }
}

static void metadata_says_what_was_asked_for(void** state) {
  (void)state;
  volume v = small();
  const double spacing[] = {0.5, 0.25, 2}, origin[] = {10, -20, 30};
  for (int number = 0; number < 2; ++number) {
    swr_writer* w = writer_of(&v, versions[number], "deflate", "4,5,6");
    for (int axis = 0; axis < 3; ++axis)
      assert_ok(w, swr_set_axis_unit(w, axis, SWR_UNIT_MILLIMETRE));
    assert_ok(w, swr_set_spacing(w, spacing, 3));
    assert_ok(w, swr_set_origin(w, origin, 3));
    expect_write(w, &v, SWR_OK);
    swr_writer_destroy(w);
    const int is_new = number == 1;
    const char* const array = is_new ? "image.zarr/0/zarr.json" : "image.zarr/0/.zarray";
    const char* const group = is_new ? "image.zarr/zarr.json" : "image.zarr/.zattrs";
    assert_file_says(array, is_new ? "\"gzip\"" : "\"zlib\"");
    assert_file_says(array, "7, 11, 13");
    assert_file_says(array, "6, 5, 4");
    assert_file_says(group, is_new ? "\"0.5\"" : "\"0.4\"");
    assert_file_says(group, "\"millimeter\"");
    assert_file_says(group, "2.0, 0.25, 0.5");
    assert_file_says(group, "30.0, -20.0, 10.0");
    assert_true(file_exists(is_new ? "image.zarr/0/c/1/2/3" : "image.zarr/0/1/2/3"));
    clear_folder();
  }
  volume_free(&v);
}

/* Near cubes of a mebibyte at most, whatever the shape of the image. */
static void chunks_have_about_a_mebibyte(void** state) {
  (void)state;
  static const struct {
    int32_t dimensions;
    int64_t sizes[5];
    const char* chunks; /* the slowest axis first */
  } images[] = {
      {1, {3000000}, "[1048576]"},           {2, {2500, 1300}, "[1024, 1024]"},
      {2, {5000, 3}, "[3, 5000]"},           {3, {200, 150, 100}, "[64, 128, 128]"},
      {3, {20, 20, 3000}, "[2048, 20, 20]"}, {5, {1, 1, 700, 700, 3}, "[3, 512, 512, 1, 1]"},
  };
  for (size_t i = 0; i < sizeof images / sizeof images[0]; ++i) {
    const swr_region region = region_nd(images[i].dimensions, NULL, images[i].sizes);
    volume v = volume_pattern(&region, SWR_UINT8, 1, 1);
    make(&v, "2", "none", NULL);
    const int has_group = images[i].dimensions > 1 && images[i].dimensions < 5;
    assert_file_says(has_group ? "image.zarr/0/.zarray" : "image.zarr/.zarray", images[i].chunks);
    volume_free(&v);
    clear_folder();
  }
}

/* More axes than NGFF has: an array alone. */
static void image_that_ngff_cannot_hold_is_an_array_without_a_group(void** state) {
  (void)state;
  const int64_t sizes[] = {4, 3, 2, 2, 2};
  const swr_region region = region_nd(5, NULL, sizes);
  volume v = volume_pattern(&region, SWR_INT16, 1, 1);
  make(&v, "2", NULL, NULL);
  assert_true(file_exists("image.zarr/.zarray"));
  assert_false(file_exists("image.zarr/.zgroup"));
  assert_file_holds(path, &v);
  make(&v, "3", NULL, NULL);
  assert_true(file_exists("image.zarr/zarr.json"));
  assert_false(file_exists("image.zarr/.zarray"));
  assert_file_holds(path, &v);
  volume_free(&v);
}

static void bytes_do_not_depend_on_threads_divisions_or_memory(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 70, 50, 40);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  for (int codec = 0; codec < codec_count; ++codec) {
    if (!has("2", codecs[codec])) continue;
    snapshot* first = NULL;
    for (int number = 0; number < 4; ++number) {
      swr_writer* w = writer_of(&v, "2", codecs[codec], "16,20,12");
      assert_ok(w, swr_set_threads(w, number + 1));
      assert_ok(w, swr_set_divisions(w, 1 + 6 * number));
      if (number > 1) assert_ok(w, swr_set_memory_limit(w, 4 << 20));
      expect_write(w, &v, SWR_OK);
      swr_writer_destroy(w);
      if (!first) first = snapshot_take();
      assert_unchanged(first);
    }
    snapshot_free(first);
    clear_folder();
  }
  volume_free(&v);
}

/* 16 MiB are enough for them, with levels 32, whatever is converted on the way. */
static void usual_chunks_depend_on_the_image_alone(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 200, 180, 70);
  const struct {
    const char *codec, *levels, *shard;
    swr_component type;
  } forms[] = {{"none", "none", "none", SWR_UINT16},
               {"deflate", "none", "none", SWR_UINT8},
               {"zstd", "auto", "none", SWR_FLOAT32},
               {"blosc", "auto", "auto", SWR_FLOAT64}};
  volume v = volume_pattern(&region, SWR_UINT8, 1, 1);
  for (int form = 0; form < 4; ++form) {
    if (!has("2", forms[form].codec)) continue;
    const int has_levels = strcmp(forms[form].levels, "none") != 0;
    const int64_t limits[] = {0, 64 << 20, (has_levels ? 32 : 16) << 20};
    snapshot* first = NULL;
    for (int number = 0; number < 3; ++number) {
      swr_writer* w = writer_of(&v, "2", forms[form].codec, NULL);
      assert_ok(w, swr_set_option(w, "zarr.version", NULL));
      assert_ok(w, swr_set_option(w, "pyramid.levels", forms[form].levels));
      assert_ok(w, swr_set_option(w, "zarr.shard", forms[form].shard));
      assert_ok(w, swr_set_pixel_type(w, forms[form].type, 1, SWR_KIND_SCALAR));
      assert_ok(w, swr_set_source_type(w, SWR_UINT8));
      assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
      assert_ok(w, swr_set_memory_limit(w, limits[number]));
      expect_write(w, &v, SWR_OK);
      swr_writer_destroy(w);
      if (!first) first = snapshot_take();
      assert_unchanged(first);
    }
    swr_writer* w = writer_of(&v, "2", forms[form].codec, NULL);
    assert_ok(w, swr_set_memory_limit(w, 8 << 20)); /* a quarter of a mebibyte for a chunk */
    expect_write(w, &v, SWR_OK);
    swr_writer_destroy(w);
    assert_file_holds(path, &v);
    snapshot_free(first);
    clear_folder();
  }
  volume_free(&v);
}

/* The library's own chunks are flat enough for the memory, if it is less than 16 MiB. Layers of
 * others, which are not, wait on the disk. A chunk has to fit. */
static void chunks_fit_in_the_memory_limit(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 512, 512, 40);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  const int64_t limit = 12 << 20, all = volume_bytes(&v);
  const char* const shapes[] = {NULL, "64,64,40", "512,512,40"};
  for (int number = 0; number < 3; ++number) {
    swr_writer* w = writer_of(&v, "2", "deflate", shapes[number]);
    assert_ok(w, swr_set_threads(w, 2));
    assert_ok(w, swr_set_memory_limit(w, limit));
    if (number < 2) {
      int64_t need = 0, read = 0, written = 0;
      assert_ok(w, swr_get_memory_need(w, &need));
      assert_in_range(need, 1, limit);
      assert_ok(w, swr_get_method(w, NULL, &read, &written));
      assert_int_equal(read, number == 0 ? 0 : all);
      assert_int_equal(written, number == 0 ? 0 : all);
      expect_write(w, &v, SWR_OK);
      assert_in_range(statistic(w, SWR_STATISTIC_PEAK_BUFFER_BYTES), 1, limit);
      assert_file_holds(path, &v);
      snapshot* files = snapshot_take();
      assert_ok(w, swr_set_memory_limit(w, 0));
      expect_write(w, &v, SWR_OK);
      if (number == 1) assert_unchanged(files);
      snapshot_free(files);
    } else {
      expect_write(w, &v, SWR_ERROR_MEMORY_LIMIT);
    }
    swr_writer_destroy(w);
  }
  volume_free(&v);
}

static void pieces_end_where_chunks_do(void** state) {
  (void)state;
  expect_pieces_end_with_chunks(path);
}

static void regions_in_any_order_make_the_same_image(void** state) {
  (void)state;
  volume v = small();
  make(&v, "2", "zstd", "4,4,4");
  snapshot* whole = snapshot_take();
  swr_writer* w = writer_of(&v, "2", "zstd", "4,4,4");
  assert_ok(w, swr_begin(w));
  for (int64_t z = 6; z >= 0; --z) {
    const swr_region slice = region_3d(0, 0, z, 13, 11, 1);
    volume part = volume_new(&slice, SWR_UINT16, 1);
    volume_copy(&part, &v, &slice);
    assert_ok(w, swr_put(w, &slice, part.bytes, volume_bytes(&part)));
    volume_free(&part);
  }
  assert_ok(w, swr_finish(w));
  swr_writer_destroy(w);
  assert_unchanged(whole);
  snapshot_free(whole);
  volume_free(&v);
}

static void new_image_takes_the_place_of_the_old_one(void** state) {
  (void)state;
  volume v = small();
  make(&v, "2", "zstd", "2,2,2");
  make(&v, "3", "deflate", "8,8,8");
  assert_false(file_exists("image.zarr/.zgroup"));
  assert_false(file_exists("image.zarr/0/3/5/6"));
  assert_file_holds(path, &v);
  assert_file_count(1);
  /* A folder of the new image has the name of a file of the old one. */
  const swr_region line = region_nd(1, NULL, v.region.size);
  volume other = volume_pattern(&line, SWR_UINT16, 1, 2);
  make(&other, "2", NULL, NULL);
  make(&v, "2", NULL, NULL);
  assert_file_holds(path, &v);
  volume_free(&other);
  volume_free(&v);
}

/* There may be a note, of what cannot be removed yet. */
static void expect_pixels(const volume* v) {
  swr_reader* r = swr_reader_create();
  volume read = volume_new(&v->region, SWR_UINT16, 1);
  assert_int_equal(swr_reader_open(r, path), SWR_OK);
  assert_int_equal(swr_reader_read(r, &v->region, read.bytes, volume_bytes(&read)), SWR_OK);
  assert_volume_equal(&read, v);
  volume_free(&read);
  swr_reader_destroy(r);
}

/* Windows renames no folder of which a reader has a file open: there the old image stays. */
static void image_that_is_being_read_is_replaced_or_stays(void** state) {
  (void)state;
  volume states[] = {small(), small()};
  states[1].bytes[0] ^= 1;
  make(&states[0], "2", "zstd", "2,2,2");
  int now = 0;
  swr_reader* r = swr_reader_create();
  for (int times = 0; times < 4; ++times) {
    assert_int_equal(swr_reader_open(r, path), SWR_OK);
    swr_writer* w = writer_of(&states[!now], "2", "zstd", "2,2,2");
    source s = source_of(&states[!now]);
    const swr_status status = swr_write(w, pull_source, &s);
    if (status == SWR_OK) {
      now = !now;
    } else {
      assert_int_equal(status, SWR_ERROR_IO);
      assert_says(swr_writer_message(w), path);
    }
    expect_pixels(&states[now]);
    source_free(&s);
    swr_writer_destroy(w);
  }
  swr_reader_destroy(r);
  assert_file_holds(path, &states[now]);
  assert_file_count(1);
  for (int i = 0; i < 2; ++i) volume_free(&states[i]);
}

static void write_that_fails_leaves_the_old_image(void** state) {
  (void)state;
  volume v = small();
  make(&v, "2", "zstd", "2,2,2");
  snapshot* before = snapshot_take();
  swr_writer* w = writer_of(&v, "3", "zstd", "4,4,4");
  source s = source_of(&v);
  s.fail_at = 3;
  s.fail_with = 7;
  assert_ok(w, swr_set_divisions(w, 7));
  assert_int_not_equal(swr_write(w, pull_source, &s), SWR_OK);
  swr_writer_destroy(w);
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&v);
}

static void other_folders_and_files_are_not_replaced(void** state) {
  (void)state;
  static const char* const others[] = {"image.zarr", "image.zarr/notes.txt",
                                       "image.zarr/0/0/notes.txt", "image.zarr/.hidden"};
  volume v = small();
  for (int number = 0; number < 4; ++number) {
    if (number > 0) make(&v, "2", NULL, NULL);
    save_file(others[number], "text", 4);
    snapshot* before = snapshot_take();
    swr_writer* w = writer_of(&v, "2", NULL, NULL);
    expect_write(w, &v, SWR_ERROR_EXISTS);
    assert_says(swr_writer_message(w), others[number]);
    swr_writer_destroy(w);
    assert_unchanged(before);
    snapshot_free(before);
    clear_folder();
  }
  volume_free(&v);
}

static void empty_folder_is_replaced(void** state) {
  (void)state;
  volume v = small();
  assert_int_equal(mkdir(path, 0777), 0);
  make(&v, "2", NULL, NULL);
  assert_file_holds(path, &v);
  volume_free(&v);
}

static void slashes_after_the_name_mean_the_same_folder(void** state) {
  (void)state;
  volume v = small();
  swr_writer* w = writer_of(&v, "2", NULL, NULL);
  assert_ok(w, swr_set_path(w, "image.zarr//"));
  expect_write(w, &v, SWR_OK);
  assert_file_holds("image.zarr/", &v);
  assert_file_holds(path, &v);
  int32_t recovered = -1;
  assert_int_equal(swr_recover("image.zarr/", &recovered), SWR_OK);
  assert_int_equal(recovered, 0);
  assert_ok(w, swr_set_path(w, "image.mha/"));
  assert_status(w, SWR_ERROR_NOT_FOUND, swr_check(w));
  swr_writer_destroy(w);
  assert_file_count(1);
  volume_free(&v);
}

static void version_3_has_no_lz4_of_its_own(void** state) {
  (void)state;
  if (!has("2", "lz4")) skip();
  volume v = small();
  swr_writer* w = writer_of(&v, "3", "lz4", NULL);
  expect_write(w, &v, SWR_ERROR_UNSUPPORTED);
  assert_says(swr_writer_message(w), "blosc");
  swr_writer_destroy(w);
  assert_file_count(0);
  volume_free(&v);
}

int main(void) {
  TEST_IN_PARTS(images_of_every_type_shape_and_codec_are_read_back, 7);
  TEST(metadata_says_what_was_asked_for);
  TEST(chunks_have_about_a_mebibyte);
  TEST(image_that_ngff_cannot_hold_is_an_array_without_a_group);
  TEST(bytes_do_not_depend_on_threads_divisions_or_memory);
  TEST(usual_chunks_depend_on_the_image_alone);
  TEST(chunks_fit_in_the_memory_limit);
  TEST(pieces_end_where_chunks_do);
  TEST(regions_in_any_order_make_the_same_image);
  TEST(new_image_takes_the_place_of_the_old_one);
  TEST(image_that_is_being_read_is_replaced_or_stays);
  TEST(write_that_fails_leaves_the_old_image);
  TEST(other_folders_and_files_are_not_replaced);
  TEST(empty_folder_is_replaced);
  TEST(slashes_after_the_name_mean_the_same_folder);
  TEST(version_3_has_no_lz4_of_its_own);
  return run_all_tests("zarr");
}
