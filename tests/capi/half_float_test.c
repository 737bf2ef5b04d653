/* Floating numbers of 16 bits in files of other programs are read as float32, every one exactly;
 * such files are not changed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "support/support.h"

enum { all_values = 65536, nx = 64, ny = 32, nz = 32, most_head = 4096 };

typedef struct file_kind {
  const char* path;
  int (*head)(const struct file_kind* kind, unsigned char* out); /* its bytes */
  int big_endian;
  int gzip;
} file_kind;

static void put(unsigned char* to, uint32_t value, int bytes, int big_endian) {
  for (int i = 0; i < bytes; ++i) {
    const int shift = 8 * (big_endian ? bytes - 1 - i : i);
    to[i] = (unsigned char)(value >> shift);
  }
}

static int mrc_head(const file_kind* kind, unsigned char* out) {
  const uint32_t sizes[] = {nx, ny, nz};
  memset(out, 0, 1024);
  for (int axis = 0; axis < 3; ++axis) {
    put(out + 4 * axis, sizes[axis], 4, kind->big_endian);
    put(out + 28 + 4 * axis, sizes[axis], 4, kind->big_endian);
    put(out + 64 + 4 * axis, (uint32_t)axis + 1, 4, kind->big_endian);
  }
  put(out + 12, 12, 4, kind->big_endian);
  put(out + 88, 1, 4, kind->big_endian);
  put(out + 220, 1, 4, kind->big_endian);
  memcpy(out + 208, "MAP ", 4);
  memset(out + 212, kind->big_endian ? 0x11 : 0x44, 2);
  memcpy(out + 224, "what a label says", 17);
  return 1024;
}

static int npy_head(const file_kind* kind, unsigned char* out) {
  memcpy(out, "\x93NUMPY\x01\x00\x76\x00", 10);
  memset(out + 10, ' ', 118);
  const int n = snprintf((char*)out + 10, 117,
                         "{'descr': '%cf2', 'fortran_order': False, 'shape': (%d, %d, %d), }",
                         kind->big_endian ? '>' : '<', nz, ny, nx);
  out[10 + n] = ' ';
  out[127] = '\n';
  return 128;
}

/* A page of nz * ny rows in one strip that follows the directory. */
static int tiff_head(const file_kind* kind, unsigned char* out) {
  const uint32_t tags[][3] = {{256, 4, nx},
                              {257, 4, nz * ny},
                              {258, 3, 16},
                              {259, 3, 1},
                              {262, 3, 1},
                              {273, 4, 512},
                              {277, 3, 1},
                              {278, 4, nz * ny},
                              {279, 4, 2 * all_values},
                              {339, 3, 3 /* float */}};
  const int count = sizeof tags / sizeof tags[0];
  memset(out, 0, 512);
  memcpy(out, kind->big_endian ? "MM" : "II", 2);
  put(out + 2, 42, 2, kind->big_endian);
  put(out + 4, 8, 4, kind->big_endian);
  put(out + 8, (uint32_t)count, 2, kind->big_endian);
  for (int i = 0; i < count; ++i) {
    unsigned char* entry = out + 10 + 12 * i;
    put(entry, tags[i][0], 2, kind->big_endian);
    put(entry + 2, tags[i][1], 2, kind->big_endian);
    put(entry + 4, 1, 4, kind->big_endian);
    put(entry + 8, tags[i][2], tags[i][1] == 3 ? 2 : 4, kind->big_endian);
  }
  return 512;
}

static const file_kind kinds[] = {{"half.mrc", mrc_head, 0, 0},    {"half.mrc", mrc_head, 1, 0},
                                  {"half.mrc.gz", mrc_head, 0, 1}, {"half.mrc.gz", mrc_head, 1, 1},
                                  {"half.npy", npy_head, 0, 0},    {"half.npy", npy_head, 1, 0},
                                  {"half.tif", tiff_head, 0, 0},   {"half.tif", tiff_head, 1, 0}};
enum { kind_count = sizeof kinds / sizeof kinds[0] };

static void save_gzip(const char* path, const unsigned char* bytes, int count) {
  gzFile file = gzopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(gzwrite(file, bytes, (unsigned)count), count);
  assert_int_equal(gzclose(file), Z_OK);
}

/* The number of the value is the value's bits. */
static void make_halves(const file_kind* kind) {
  unsigned char* bytes = malloc(most_head + 2 * all_values);
  assert_non_null(bytes);
  int count = kind->head(kind, bytes);
  for (uint32_t i = 0; i < all_values; ++i, count += 2) put(bytes + count, i, 2, kind->big_endian);
  if (kind->gzip) {
    save_gzip(kind->path, bytes, count);
  } else {
    save_file(kind->path, bytes, count);
  }
  free(bytes);
}

/* By the definition of binary16. */
static void expect_half(float got, uint32_t half) {
  const uint32_t exponent = half >> 10 & 31, fraction = half & 1023;
  uint32_t bits;
  memcpy(&bits, &got, sizeof bits);
  assert_int_equal(bits >> 31, half >> 15);
  if (exponent == 31 && fraction != 0) { /* a NaN keeps its bits */
    assert_int_equal(bits & 0x7fffffff, 0x7f800000 | fraction << 13);
    return;
  }
  double value =
      exponent == 0 ? ldexp(fraction, -24) : ldexp(1024.0 + fraction, (int)exponent - 25);
  if (exponent == 31) value = INFINITY;
  if (!(fabs((double)got) == value)) fail_msg("%04x is read as %.9g", half, (double)got);
}

static swr_reader* opened(const char* path) {
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  return r;
}

static swr_region whole(swr_reader* r) {
  swr_region region;
  assert_reader_ok(r, swr_reader_get_image_region(r, &region));
  assert_int_equal(region_pixels(&region), all_values);
  return region;
}

static void every_value_is_read_exactly(void** state) {
  (void)state;
  float* values = malloc(4 * all_values);
  assert_non_null(values);
  for (int i = 0; i < kind_count; ++i) {
    make_halves(&kinds[i]);
    swr_reader* r = opened(kinds[i].path);
    const swr_region region = whole(r);
    swr_component component;
    int32_t components, big_endian = -1;
    assert_reader_ok(r, swr_reader_get_pixel_type(r, &component, &components, NULL));
    assert_int_equal(component, SWR_FLOAT32);
    assert_int_equal(components, 1);
    assert_reader_ok(r, swr_reader_get_big_endian(r, &big_endian));
    assert_int_equal(big_endian, kinds[i].big_endian);
    assert_reader_ok(r, swr_reader_read(r, &region, values, 4 * all_values));
    for (uint32_t half = 0; half < all_values; ++half) expect_half(values[half], half);
    assert_reader_ok(r, swr_reader_verify(r));
    /* A box whose rows begin and end anywhere. */
    const int32_t n = region.dimensions;
    swr_region box = region;
    box.index[0] = 3;
    box.size[0] = nx - 8;
    box.index[1] = 5;
    box.size[1] = 7;
    if (n > 2) box.size[2] = 2;
    const int64_t pixels = region_pixels(&box);
    assert_reader_ok(r, swr_reader_read(r, &box, values, 4 * pixels));
    for (int64_t at = 0; at < pixels; ++at) {
      const int64_t x = 3 + at % (nx - 8), y = 5 + at / (nx - 8) % 7, z = at / (nx - 8) / 7;
      expect_half(values[at], (uint32_t)(x + nx * (y + ny * z)));
    }
    swr_reader_destroy(r);
  }
  free(values);
}

static void expect_refused(const char* path, swr_writer* w, const char* words) {
  volume v = volume_new(&(swr_region){3, 0, {0}, {1, 1, 1}}, SWR_FLOAT32, 1);
  int64_t before, after;
  unsigned char* old = load_file(path, &before);
  assert_status(w, SWR_ERROR_UNSUPPORTED, swr_write(w, pull_volume, &v));
  assert_says(swr_writer_message(w), path);
  assert_says(swr_writer_message(w), words);
  unsigned char* now = load_file(path, &after);
  assert_int_equal(before, after);
  assert_memory_equal(old, now, (size_t)before);
  free(old);
  free(now);
  volume_free(&v);
}

static void pastes_and_growth_are_refused(void** state) {
  (void)state;
  for (int i = 0; i < kind_count; ++i) {
    make_halves(&kinds[i]);
    swr_reader* r = opened(kinds[i].path);
    swr_region region = whole(r), box = region;
    swr_reader_destroy(r);
    for (int axis = 0; axis < box.dimensions; ++axis) box.size[axis] = 1;
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, kinds[i].path));
    assert_ok(w, swr_set_paste_region(w, &box));
    expect_refused(kinds[i].path, w, "16 bits");
    assert_says(swr_writer_message(w), "copy the image");
    swr_writer_destroy(w);
    w = swr_writer_create();
    const int last = region.dimensions - 1;
    box.index[last] = region.size[last];
    region.size[last] += 1;
    assert_ok(w, swr_set_path(w, kinds[i].path));
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
    assert_ok(w, swr_set_image_region(w, &region));
    assert_ok(w, swr_set_pixel_type(w, SWR_FLOAT32, 1, SWR_KIND_SCALAR));
    assert_ok(w, swr_set_paste_region(w, &box));
    expect_refused(kinds[i].path, w, "16 bits");
    swr_writer_destroy(w);
  }
}

/* A copy in the same format is of float32, in the byte order of the file, with its metadata. */
static void copies_hold_the_values_and_the_metadata(void** state) {
  (void)state;
  float* values = malloc(4 * all_values);
  assert_non_null(values);
  for (int i = 0; i < kind_count; ++i) {
    make_halves(&kinds[i]);
    char path[64];
    snprintf(path, sizeof path, "copy_%s", kinds[i].path);
    swr_reader* r = opened(kinds[i].path);
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, path));
    assert_ok(w, swr_set_header_from(w, r));
    assert_ok(w, swr_set_divisions(w, 5));
    assert_ok(w, swr_write(w, swr_reader_pull, r));
    swr_writer_destroy(w);
    swr_reader_destroy(r);
    r = opened(path);
    const swr_region region = whole(r);
    assert_reader_ok(r, swr_reader_read(r, &region, values, 4 * all_values));
    for (uint32_t half = 0; half < all_values; ++half) expect_half(values[half], half);
    if (kinds[i].head == mrc_head) {
      const char* label = NULL;
      assert_reader_ok(r, swr_reader_get_metadata(r, "label_1", &label));
      assert_string_equal(label, "what a label says");
    }
    swr_reader_destroy(r);
    w = swr_writer_create(); /* the copy can be changed */
    volume v = volume_new(&(swr_region){3, 0, {0}, {1, 1, 1}}, SWR_FLOAT32, 1);
    v.region.dimensions = region.dimensions;
    assert_ok(w, swr_set_path(w, path));
    assert_ok(w, swr_set_paste_region(w, &v.region));
    assert_ok(w, swr_write(w, pull_volume, &v));
    swr_writer_destroy(w);
    volume_free(&v);
  }
  free(values);
}

static void pixels_that_are_cut_off_are_found_out(void** state) {
  (void)state;
  for (int i = 0; i < kind_count; ++i) {
    make_halves(&kinds[i]);
    int64_t bytes;
    unsigned char* file = load_file(kinds[i].path, &bytes);
    save_file(kinds[i].path, file, bytes - (kinds[i].gzip ? 40 : 1));
    free(file);
    swr_reader* r = swr_reader_create();
    float value;
    swr_region last;
    swr_status status = swr_reader_open(r, kinds[i].path);
    if (status == SWR_OK) {
      last = whole(r);
      for (int axis = 0; axis < last.dimensions; ++axis) {
        last.index[axis] = last.size[axis] - 1;
        last.size[axis] = 1;
      }
      status = swr_reader_read(r, &last, &value, sizeof value);
    }
    assert_reader_status(r, SWR_ERROR_CORRUPT, status);
    assert_says(swr_reader_message(r), kinds[i].path);
    swr_reader_destroy(r);
  }
}

int main(void) {
  TEST(every_value_is_read_exactly);
  TEST(pastes_and_growth_are_refused);
  TEST(copies_hold_the_values_and_the_metadata);
  TEST(pixels_that_are_cut_off_are_found_out);
  return run_all_tests("half float");
}
