/* Reading any region of any file, even damaged ones; and a reader as the source of a write. */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static volume medium(const test_case* t, uint64_t seed) {
  const swr_region region = held_region(t, region_3d(2, 3, 4, 31, 29, 27));
  return volume_pattern(&region, SWR_UINT16, 1, seed);
}

static void random_regions_are_read(void** state) {
  const test_case* t = *state;
  volume v = medium(t, 1);
  make_file(t, &v);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  unsigned random = 99;
  for (int round = 0; round < 100; ++round) {
    swr_region box = v.region;
    for (int axis = 0; axis < 3; ++axis) {
      random = random * 1103515245u + 12345u;
      const int64_t skip = (random >> 8) % v.region.size[axis];
      random = random * 1103515245u + 12345u;
      box.index[axis] += skip;
      box.size[axis] = 1 + (random >> 8) % (v.region.size[axis] - skip);
    }
    volume got = volume_new(&box, SWR_UINT16, 1), expected = volume_new(&box, SWR_UINT16, 1);
    volume_copy(&expected, &v, &box);
    assert_reader_ok(r, swr_reader_read(r, &box, got.bytes, volume_bytes(&got)));
    assert_volume_equal(&got, &expected);
    volume_free(&got);
    volume_free(&expected);
  }
  swr_reader_destroy(r);
  volume_free(&v);
}

static void a_small_memory_limit_and_one_thread_read_the_same(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 200, 150, 90);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1), got = volume_new(&region, SWR_UINT16, 1);
  make_file(t, &v);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_set_memory_limit(r, is_a_folder(t) ? 3 << 20 : 1 << 20));
  assert_reader_ok(r, swr_reader_set_threads(r, 1));
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_reader_ok(r, swr_reader_read(r, &region, got.bytes, volume_bytes(&got)));
  assert_volume_equal(&got, &v);
  swr_reader_destroy(r);
  volume_free(&v);
  volume_free(&got);
}

/* 1 if the file has the first pixels with their most significant bytes first. Files of which this
 * cannot be seen are little-endian, except those of formats that are big-endian. */
static int stored_big_endian(const test_case* t, const swr_reader* r, const volume* v) {
  if (t->kind->compressed || has_chunks(t)) return strstr(t->path, ".gipl") != NULL;
  enum { pixels = 8 };
  unsigned char native[2 * pixels], swapped[2 * pixels];
  memcpy(native, v->bytes, sizeof native);
  for (size_t i = 0; i < sizeof native; ++i) swapped[i] = native[i ^ 1];
  const char* data = NULL;
  assert_reader_ok(r, swr_reader_get_data_file(r, &data));
  int64_t bytes = 0;
  unsigned char* file = load_file(data, &bytes);
  const int is_native = memmem(file, (size_t)bytes, native, sizeof native) != NULL;
  const int is_swapped = memmem(file, (size_t)bytes, swapped, sizeof swapped) != NULL;
  free(file);
  assert_int_not_equal(is_native, is_swapped);
  const uint16_t one = 1;
  return *(const unsigned char*)&one ? is_swapped : is_native;
}

static void what_is_known_of_a_file_is_told(void** state) {
  const test_case* t = *state;
  volume v = medium(t, 2);
  make_file(t, &v);
  swr_reader* r = swr_reader_create();
  const char *format = NULL, *encoding = NULL, *data = NULL;
  int32_t slotted = -1, big = -1;
  double slope = 0, intercept = -1;
  swr_kind kind;
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_reader_ok(r, swr_reader_get_format(r, &format));
  assert_string_equal(format, t->kind->format);
  assert_reader_ok(r, swr_reader_get_encoding(r, &encoding, &slotted));
  if (t->kind->compressed || !is_a_folder(t))
    assert_string_equal(encoding, t->kind->compressed ? "deflate" : "none");
  if (!t->kind->compressed) assert_int_equal(slotted, 0);
  if (has_slots(t) && (t->kind->flags & SWR_CAN_PASTE_COMPRESSED)) assert_int_equal(slotted, 1);
  assert_reader_ok(r, swr_reader_get_big_endian(r, &big));
  assert_int_equal(big, stored_big_endian(t, r, &v));
  assert_reader_ok(r, swr_reader_get_value_scale(r, &slope, &intercept));
  assert_true(slope == 1 && intercept == 0);
  assert_reader_ok(r, swr_reader_get_data_file(r, &data));
  assert_true(file_exists(data));
  assert_reader_ok(r, swr_reader_get_pixel_type(r, NULL, NULL, &kind));
  assert_int_equal(kind, SWR_KIND_SCALAR);
  assert_reader_ok(r, swr_reader_verify(r));
  swr_reader_destroy(r);
  volume_free(&v);
}

static void a_reader_opens_one_file_after_another(void** state) {
  const test_case* t = *state;
  volume v = medium(t, 3), second = medium(t, 4);
  make_file(t, &v);
  test_case other = *t;
  other_path(t, "second", other.path);
  make_file(&other, &second);
  swr_reader* r = swr_reader_create();
  for (int round = 0; round < 4; ++round) {
    const volume* expected = round % 2 ? &second : &v;
    volume got = volume_new(&v.region, SWR_UINT16, 1);
    assert_reader_ok(r, swr_reader_open(r, round % 2 ? other.path : t->path));
    assert_reader_ok(r, swr_reader_read(r, &v.region, got.bytes, volume_bytes(&got)));
    assert_volume_equal(&got, expected);
    if (round == 1) assert_reader_ok(r, swr_reader_close(r));
    volume_free(&got);
  }
  assert_reader_status(r, SWR_ERROR_NOT_FOUND, swr_reader_open(r, "missing.mha"));
  swr_reader_destroy(r);
  volume_free(&v);
  volume_free(&second);
}

static void a_file_cut_short_is_corrupt(void** state) {
  const test_case* t = *state;
  volume v = medium(t, 5);
  make_file(t, &v);
  swr_reader* r = swr_reader_create();
  const char* data = NULL;
  char path[256];
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_reader_ok(r, swr_reader_get_data_file(r, &data));
  snprintf(path, sizeof path, "%s", data);
  assert_reader_ok(r, swr_reader_close(r));
  int64_t bytes = 0;
  unsigned char* whole = load_file(path, &bytes);
  unsigned char* pixels = malloc((size_t)volume_bytes(&v));
  const int64_t cuts[] = {1, 2, bytes / 3, bytes / 2, bytes - 1};
  for (int i = 0; i < 5; ++i) {
    save_file(path, whole, bytes - cuts[i]);
    swr_status status = swr_reader_open(r, t->path);
    /* A chunk is looked at when it is read or verified. */
    if (status == SWR_OK && (t->kind->compressed || has_chunks(t))) status = swr_reader_verify(r);
    if (status == SWR_OK && cuts[i] == 1 && (!t->kind->compressed || is_a_folder(t))) {
      /* A byte that is no pixel's, such as a newline after them. */
      assert_reader_ok(r, swr_reader_read(r, &v.region, pixels, volume_bytes(&v)));
      assert_memory_equal(pixels, v.bytes, (size_t)volume_bytes(&v));
      continue;
    }
    if (status != SWR_ERROR_CORRUPT && status != SWR_ERROR_FORMAT) {
      print_error("%lld bytes cut: %s\n", (long long)cuts[i], swr_status_name(status));
      fail();
    }
    if (swr_reader_open(r, t->path) == SWR_OK)
      (void)swr_reader_read(r, &v.region, pixels, volume_bytes(&v)); /* must not crash */
  }
  save_file(path, whole, 0);
  assert_true(swr_reader_open(r, t->path) != SWR_OK || swr_reader_verify(r) == SWR_ERROR_CORRUPT);
  free(whole);
  free(pixels);
  swr_reader_destroy(r);
  volume_free(&v);
}

static void flipped_bytes_in_compressed_pixels_are_found(void** state) {
  const test_case* t = *state;
  if (!has_slots(t)) return;
  volume v = medium(t, 6);
  make_file(t, &v);
  swr_reader* r = swr_reader_create();
  const char* data = NULL;
  char path[256];
  assert_reader_ok(r, swr_reader_open(r, t->path));
  assert_reader_ok(r, swr_reader_get_data_file(r, &data));
  snprintf(path, sizeof path, "%s", data);
  int64_t bytes = 0;
  unsigned char* whole = load_file(path, &bytes);
  int found = 0;
  for (int i = 1; i < 10; ++i) {
    const int64_t at = bytes * i / 10;
    whole[at] ^= 0x55;
    save_file(path, whole, bytes);
    whole[at] ^= 0x55;
    const swr_status status =
        swr_reader_open(r, t->path) == SWR_OK ? swr_reader_verify(r) : SWR_ERROR_CORRUPT;
    found += status == SWR_ERROR_CORRUPT;
  }
  assert_true(found >= 8); /* one may fall on filler that no one reads */
  free(whole);
  swr_reader_destroy(r);
  volume_free(&v);
}

static void a_reader_is_a_source_for_every_other_kind(void** state) {
  const test_case* t = *state;
  volume v = medium(t, 7);
  make_file(t, &v);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  const char* targets[] = {"copy.mha",  "meta.mhd", "copy.nrrd",
                           "nrrd.nhdr", "copy.nii", "copy.nii.gz"};
  for (int i = 0; i < 6; ++i) {
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, targets[i]));
    describe(w, &v);
    assert_ok(w, swr_set_divisions(w, i % 2 ? -1 : i + 1));
    if (i % 2) assert_ok(w, swr_set_memory_limit(w, 4 << 20));
    assert_ok(w, swr_write(w, swr_reader_pull, r));
    assert_file_holds(targets[i], &v);
    swr_writer_destroy(w);
  }
  swr_reader_destroy(r);
  volume_free(&v);
}

static void a_reader_of_another_type_needs_a_conversion(void** state) {
  const test_case* t = *state;
  volume v = medium(t, 8), wide = volume_new(&v.region, SWR_FLOAT32, 1);
  for (int64_t i = 0; i < region_pixels(&v.region); ++i) {
    component_store(wide.bytes + 4 * i, SWR_FLOAT32, component_load(v.bytes + 2 * i, SWR_UINT16));
  }
  make_file(t, &v);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  test_case copy = *t;
  other_path(t, "copy", copy.path);
  swr_writer* w = writer_for(&copy, &wide);
  assert_int_not_equal(swr_write(w, swr_reader_pull, r),
                       SWR_OK); /* the source's type is not the reader's */
  assert_false(file_exists(copy.path));
  assert_ok(w, swr_set_source_type(w, SWR_UINT16));
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
  assert_ok(w, swr_write(w, swr_reader_pull, r));
  assert_file_holds(copy.path, &wide);
  swr_writer_destroy(w);
  swr_reader_destroy(r);
  volume_free(&v);
  volume_free(&wide);
}

static void a_file_is_pasted_into_itself_moved_by_nothing(void** state) {
  const test_case* t = *state;
  volume v = medium(t, 9);
  make_file(t, &v);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, t->path));
  swr_writer* w = writer_for(t, &v);
  const swr_region box = region_3d(5, 6, 7, 10, 10, 10);
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_set_divisions(w, 5));
  assert_ok(w, swr_write(w, swr_reader_pull, r));
  swr_reader_destroy(r);
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void recover_of_a_file_at_rest_finds_nothing(void** state) {
  const test_case* t = *state;
  volume v = medium(t, 10);
  make_file(t, &v);
  snapshot* before = snapshot_take();
  int32_t recovered = -1;
  assert_int_equal(swr_recover(t->path, &recovered), SWR_OK);
  assert_int_equal(recovered, 0);
  assert_int_equal(swr_recover(t->path, NULL), SWR_OK);
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&v);
}

/* Headers with wrong sizes. None may cause a crash, an access out of bounds, or a large
 * allocation. */
static void headers_that_lie_get_a_status(void** state) {
  (void)state;
  const char* headers[] = {
      "ObjectType = Image\nNDims = 3\nDimSize = 4000000000 4000000000 4000000000\nElementType = "
      "MET_DOUBLE\nElementDataFile = LOCAL\n",
      "ObjectType = Image\nNDims = 3\nDimSize = -1 4 4\nElementType = MET_UCHAR\nElementDataFile = "
      "LOCAL\n",
      "ObjectType = Image\nNDims = 3\nDimSize = 0 4 4\nElementType = MET_UCHAR\nElementDataFile = "
      "LOCAL\n",
      "ObjectType = Image\nNDims = 3\nDimSize = 4 4\nElementType = MET_UCHAR\nElementDataFile = "
      "LOCAL\n",
      "ObjectType = Image\nNDims = 99\nDimSize = 4 4\nElementType = MET_UCHAR\nElementDataFile = "
      "LOCAL\n",
      "ObjectType = Image\nNDims = 2\nDimSize = 4 4\nElementType = MET_MAGIC\nElementDataFile = "
      "LOCAL\n0123456789abcdef",
      "ObjectType = Image\nNDims = 2\nDimSize = 4 4\nElementType = MET_UCHAR\nElementDataFile = "
      "missing.raw\n",
      "ObjectType = Image\nNDims = 2\nDimSize = 4 4\nElementType = MET_UCHAR\n",
      "ObjectType = Image\nNDims = 2\nDimSize = 4 4\nElementNumberOfChannels = "
      "1000000000\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n",
      "ObjectType = Image\nNDims = 2\nDimSize = 4 4\nHeaderSize = 99999999\nElementType = "
      "MET_UCHAR\nElementDataFile = LOCAL\n0123456789abcdef",
      "ObjectType = Image\nNDims = 2\nDimSize = 4 4\nCompressedData = True\nCompressedDataSize = "
      "16\nElementType = MET_UCHAR\nElementDataFile = "
      "LOCAL\n"
      "0123456789abcdef",
      "NRRD0004\ntype: uchar\ndimension: 2\nsizes: 4 4000000000000\nencoding: "
      "raw\n\n0123456789abcdef",
      "NRRD0004\ntype: uchar\ndimension: 2\nsizes: 4 -4\nencoding: raw\n\n0123456789abcdef",
      "NRRD0004\ntype: uchar\ndimension: 17\nsizes: 4 4\nencoding: raw\n\n0123456789abcdef",
      "NRRD0004\ntype: magic\ndimension: 2\nsizes: 4 4\nencoding: raw\n\n0123456789abcdef",
      "NRRD0004\ntype: uchar\ndimension: 2\nsizes: 4 4\nencoding: gzip\n\n0123456789abcdef",
      "NRRD0004\ntype: uchar\ndimension: 2\nsizes: 4 4\nbyte skip: 99999999999\nencoding: "
      "raw\n\n0123456789abcdef",
      "NRRD0004\n",
      "NRRD0004\ntype: uchar\n",
  };
  for (size_t i = 0; i < sizeof headers / sizeof headers[0]; ++i) {
    const char* path = headers[i][0] == 'N' ? "false.nrrd" : "false.mha";
    save_file(path, headers[i], (int64_t)strlen(headers[i]));
    swr_reader* r = swr_reader_create();
    swr_status status = swr_reader_open(r, path);
    if (status == SWR_OK) status = swr_reader_verify(r);
    if (status == SWR_OK) {
      print_error("taken: %s\n", headers[i]);
      fail();
    }
    swr_reader_destroy(r);
  }
}

int main(void) {
  const uint32_t needs = SWR_CAN_STREAM | SWR_CAN_READ;
  TEST_EACH(random_regions_are_read, needs);
  TEST_EACH(a_small_memory_limit_and_one_thread_read_the_same, needs);
  TEST_EACH(what_is_known_of_a_file_is_told, needs);
  TEST_EACH(a_reader_opens_one_file_after_another, needs);
  TEST_EACH(a_file_cut_short_is_corrupt, needs);
  TEST_EACH(flipped_bytes_in_compressed_pixels_are_found, needs);
  TEST_EACH(a_reader_is_a_source_for_every_other_kind, needs);
  TEST_EACH(a_reader_of_another_type_needs_a_conversion, needs);
  TEST_EACH(a_file_is_pasted_into_itself_moved_by_nothing, needs | SWR_CAN_PASTE);
  TEST_EACH(recover_of_a_file_at_rest_finds_nothing, needs);
  TEST(headers_that_lie_get_a_status);
  return run_all_tests("reader");
}
