/* The shape of an image's chunks, as a reader tells it: what was asked for, what a format chose, in
 * levels and shards, in files of other programs, and zeros where there are no chunks. */
#include <stdio.h>
#include <string.h>

#include "support/chunks.h"
#include "support/pyramids.h"
#include "support/shards.h"

static void expect_shape(const swr_reader* r, const int64_t* expected) {
  swr_region region;
  assert_reader_ok(r, swr_reader_get_image_region(r, &region));
  int64_t sizes[SWR_MAX_DIMENSIONS];
  assert_reader_ok(r, swr_reader_get_chunk_shape(r, sizes, region.dimensions));
  for (int axis = 0; axis < region.dimensions; ++axis)
    assert_int_equal(sizes[axis], expected[axis]);
}

static void expect_shape_of(const char* path, int64_t x, int64_t y, int64_t z) {
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  expect_shape(r, (const int64_t[]){x, y, z});
  swr_reader_destroy(r);
}

static volume image_of(int64_t x, int64_t y, int64_t z) {
  const swr_region region = region_3d(0, 0, 0, x, y, z);
  return volume_pattern(&region, SWR_UINT16, 1, 1);
}

static void write_with(swr_writer* w, volume* v) {
  assert_ok(w, swr_write(w, pull_volume, v));
  swr_writer_destroy(w);
}

/* Other formats have none, or one that they choose. */
static int takes_a_shape(const test_case* t) {
  static const char* const formats[] = {"TIFF", "HDF5", "Zarr"};
  for (int i = 0; i < 3; ++i) {
    if (strcmp(t->kind->format, formats[i]) == 0) return 1;
  }
  return 0;
}

static void shape_that_was_asked_for_comes_back(void** state) {
  const test_case* t = *state;
  volume v = image_of(40, 36, 3);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_option(w, "chunk.shape", "32,16"));
  write_with(w, &v);
  if (takes_a_shape(t)) {
    expect_shape_of(t->path, 32, 16, 1);
  } else if (!has_chunks(t)) {
    expect_shape_of(t->path, 0, 0, 0);
  }
  volume_free(&v);
}

static void shape_that_the_format_chose_is_told(void** state) {
  const test_case* t = *state;
  volume v = image_of(40, 36, 3);
  make_file(t, &v);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  int64_t sizes[3];
  assert_reader_ok(r, swr_reader_get_chunk_shape(r, sizes, 3));
  for (int axis = 0; axis < 3; ++axis) assert_int_equal(sizes[axis] > 0, has_chunks(t));
  swr_reader_destroy(r);
  volume_free(&v);
}

/* Along the slowest axis a chunk may be longer than the image. */
static void shape_stays_when_the_image_grows(void** state) {
  (void)state;
  const char* paths[] = {"image.zarr", "image.h5"};
  for (int i = 0; i < 2; ++i) {
    if (i == 1 && !swr_format_suffixes("HDF5")) continue;
    volume v = image_of(20, 10, 2), grown = image_of(20, 10, 6);
    make_chunks(paths[i], &v, &(const chunk_form){"deflate", "16,16,4", NULL});
    swr_reader* r = swr_reader_create();
    assert_reader_ok(r, swr_reader_open(r, paths[i]));
    expect_shape(r, (const int64_t[]){16, 10, 4});
    const swr_region added = region_3d(0, 0, 2, 20, 10, 4);
    grow_in_place(paths[i], &grown, &added);
    assert_reader_ok(r, swr_reader_refresh(r));
    expect_shape(r, (const int64_t[]){16, 10, 4});
    swr_reader_destroy(r);
    volume_free(&v);
    volume_free(&grown);
  }
}

static void each_level_has_its_own_shape(void** state) {
  (void)state;
  const struct {
    const char *path, *shape;
    int64_t expected[2][3];
  } images[] = {{"image.tif", "32,16", {{32, 16, 1}, {32, 16, 1}}},
                {"image.zarr", "32,32,4", {{32, 32, 4}, {20, 18, 4}}}};
  for (int i = 0; i < 2; ++i) {
    volume v = image_of(40, 36, 6);
    swr_writer* w =
        chunk_writer(images[i].path, &v, &(const chunk_form){NULL, images[i].shape, NULL});
    assert_ok(w, swr_set_option(w, "pyramid.levels", "1"));
    write_with(w, &v);
    for (int level = 0; level < 2; ++level) {
      swr_reader* r = level_reader(level);
      assert_reader_ok(r, swr_reader_open(r, images[i].path));
      expect_shape(r, images[i].expected[level]);
      swr_reader_destroy(r);
    }
    volume_free(&v);
  }
}

static void shape_in_shards_is_that_of_the_chunks(void** state) {
  (void)state;
  volume v = image_of(13, 11, 7);
  make_shards(&v, "none", "4,4,3", "8,8,6");
  expect_shape_of("image.zarr", 4, 4, 3);
  volume_free(&v);
}

static void uncompressed_strips_are_no_chunks(void** state) {
  (void)state;
  volume v = image_of(40, 36, 2);
  make_chunks("image.tif", &v, &(const chunk_form){NULL, "40,16", NULL});
  expect_shape_of("image.tif", 0, 0, 0);
  make_chunks("image.tif", &v, &(const chunk_form){"deflate", "40,16", NULL});
  expect_shape_of("image.tif", 40, 16, 1);
  volume_free(&v);
}

static void files_of_other_programs_tell_their_shape(void** state) {
  (void)state;
  const struct {
    const char *file, *dataset;
    int64_t shape[3];
  } files[] = {{"hdf5/chunk_uint16.h5", NULL, {8, 4, 2}},
               {"hdf5/gzip_uint16.h5", NULL, {8, 4, 2}},
               {"hdf5/slices_uint16.h5", NULL, {13, 7, 2}}, /* stretches of the file */
               {"hdf5/itk_int16.h5", NULL, {13, 7, 1}},
               {"hdf5/itk_float32x3_z.h5", NULL, {13, 7, 1}}, /* of three components */
               {"hdf5/lzf_uint16.h5", NULL, {13, 7, 1}},
               {"hdf5/netcdf4_int16.nc", "/image", {8, 4, 2}},
               {"hdf5/plain_int8.h5", NULL, {0, 0, 0}},
               {"hdf5/compact_uint16.h5", NULL, {0, 0, 0}},
               {"hdf5/late_uint16.h5", NULL, {0, 0, 0}},
               {"tiff/deflate_uint16.tif", NULL, {13, 3, 1}},
               {"tiff/tiled_raw_uint16.tif", NULL, {16, 16, 1}},
               {"tiff/tiled_uint8.tif", NULL, {16, 16, 1}},
               {"tiff/deflate_tiled_uint16.tif", NULL, {32, 16, 1}},
               {"tiff/vips_pyramid_uint16.tif", NULL, {64, 64, 1}},
               {"tiff/strips2_uint16.tif", NULL, {0, 0, 0}},
               {"tiff/rgb_planar_uint8.tif", NULL, {0, 0, 0}},
               {"vti/base64_int16.vti", NULL, {0, 0, 0}},
               {"vti/zlib_int16.vti", NULL, {0, 0, 0}},
               {"vti/raw_int16.vti", NULL, {0, 0, 0}},
               {"zarr/v2_raw_uint8.zarr", NULL, {8, 4, 2}},
               {"zarr/v2_F_uint16.zarr", NULL, {8, 4, 2}},
               {"zarr/v3_gzip_uint16.zarr", NULL, {8, 4, 2}},
               {"zarr/v3_shard_end_uint16.zarr", NULL, {8, 4, 2}},
               {"zarr/zarrita_v3_transpose_uint16.zarr", NULL, {8, 4, 2}},
               {"zarr/ngff05_zyx_uint16.ome.zarr", NULL, {8, 6, 4}} /* in shards */};
  for (size_t i = 0; i < sizeof files / sizeof files[0]; ++i) {
    if (strncmp(files[i].file, "hdf5", 4) == 0 && !swr_format_suffixes("HDF5")) continue;
    char path[512];
    snprintf(path, sizeof path, "%s/%s", SWR_TEST_DATA, files[i].file);
    swr_reader* r = swr_reader_create();
    assert_reader_ok(r, swr_reader_set_option(r, "hdf5.dataset", files[i].dataset));
    assert_reader_ok(r, swr_reader_open(r, path));
    expect_shape(r, files[i].shape);
    swr_reader_destroy(r);
  }
}

static void wrong_arguments_are_refused(void** state) {
  (void)state;
  volume v = image_of(5, 4, 3);
  make_file_at("image.mha", &v);
  int64_t sizes[4];
  swr_reader* r = swr_reader_create();
  assert_int_equal(swr_reader_get_chunk_shape(r, sizes, 3), SWR_ERROR_STATE);
  assert_reader_ok(r, swr_reader_open(r, "image.mha"));
  assert_int_equal(swr_reader_get_chunk_shape(r, sizes, 4), SWR_ERROR_ARGUMENT);
  assert_says(swr_reader_message(r), "chunk shape has 3 values; the count is 4");
  assert_int_equal(swr_reader_get_chunk_shape(r, NULL, 3), SWR_ERROR_ARGUMENT);
  assert_int_equal(swr_reader_get_chunk_shape(NULL, sizes, 3), SWR_ERROR_ARGUMENT);
  swr_reader_destroy(r);
  volume_free(&v);
}

int main(void) {
  TEST_EACH(shape_that_was_asked_for_comes_back, SWR_CAN_STREAM);
  TEST_EACH(shape_that_the_format_chose_is_told, SWR_CAN_STREAM);
  TEST(shape_stays_when_the_image_grows);
  TEST(each_level_has_its_own_shape);
  TEST(shape_in_shards_is_that_of_the_chunks);
  TEST(uncompressed_strips_are_no_chunks);
  TEST(files_of_other_programs_tell_their_shape);
  TEST(wrong_arguments_are_refused);
  return run_all_tests("chunk_shape");
}
