/* Big-endian files, made by hand for each format: read, pasted into, grown. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "support/support.h"

enum { nx = 11, ny = 7, nz = 5 };

static swr_region whole(void) {
  return region_3d(0, 0, 0, nx, ny, nz);
}

/* The bytes of the pixels in a big-endian file; to be freed. */
static unsigned char* big_endian(const volume* v) {
  unsigned char* bytes = malloc((size_t)volume_bytes(v));
  memcpy(bytes, v->bytes, (size_t)volume_bytes(v));
  to_big_endian(bytes, volume_bytes(v), swr_component_bytes(v->component));
  return bytes;
}

static void save_two(const char* path, const void* head, int64_t head_bytes, const void* data,
                     int64_t data_bytes) {
  unsigned char* all = malloc((size_t)(head_bytes + data_bytes));
  memcpy(all, head, (size_t)head_bytes);
  memcpy(all + head_bytes, data, (size_t)data_bytes);
  save_file(path, all, head_bytes + data_bytes);
  free(all);
}

typedef struct made {
  const char* path; /* the header */
  const char* data;
  int64_t offset; /* of the pixels in `data` */
} made;

static const char* meta_type(swr_component type) {
  const char* names[] = {"",          "MET_UCHAR", "MET_CHAR",       "MET_USHORT",    "MET_SHORT",
                         "MET_UINT",  "MET_INT",   "MET_ULONG_LONG", "MET_LONG_LONG", "MET_FLOAT",
                         "MET_DOUBLE"};
  return names[type];
}

static const char* nrrd_type(swr_component type) {
  const char* names[] = {"",    "uchar",     "signed char", "ushort", "short", "uint",
                         "int", "ulonglong", "longlong",    "float",  "double"};
  return names[type];
}

static made make_meta(const volume* v, int detached) {
  const made m = {detached ? "big.mhd" : "big.mha", detached ? "big.raw" : "big.mha", 0};
  char head[512];
  const int n = snprintf(
      head, sizeof head,
      "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = "
      "True\nCompressedData = False\n"
      "ElementSpacing = 1 1 1\nDimSize = %d %d %d\nElementType = %s\nElementDataFile = %s\n",
      nx, ny, nz, meta_type(v->component), detached ? m.data : "LOCAL");
  unsigned char* pixels = big_endian(v);
  if (detached) {
    save_file(m.path, head, n);
    save_file(m.data, pixels, volume_bytes(v));
  } else {
    save_two(m.path, head, n, pixels, volume_bytes(v));
  }
  free(pixels);
  const made result = {m.path, m.data, detached ? 0 : n};
  return result;
}

static made make_nrrd(const volume* v, int detached) {
  char head[512];
  const int n =
      snprintf(head, sizeof head,
               "NRRD0004\ntype: %s\ndimension: 3\nsizes: %d %d %d\nendian: big\nencoding: raw\n%s",
               nrrd_type(v->component), nx, ny, nz, detached ? "data file: bignrrd.raw\n" : "\n");
  unsigned char* pixels = big_endian(v);
  if (detached) {
    save_file("big.nhdr", head, n);
    save_file("bignrrd.raw", pixels, volume_bytes(v));
  } else {
    save_two("big.nrrd", head, n, pixels, volume_bytes(v));
  }
  free(pixels);
  const made result = {detached ? "big.nhdr" : "big.nrrd", detached ? "bignrrd.raw" : "big.nrrd",
                       detached ? 0 : n};
  return result;
}

static void put_16(unsigned char* at, int value) {
  at[0] = (unsigned char)(value >> 8);
  at[1] = (unsigned char)value;
}

static void put_float(unsigned char* at, float value) {
  memcpy(at, &value, 4);
  to_big_endian(at, 4, 4);
}

static made make_nifti(const volume* v, int detached) {
  const int types[] = {0, 2, 256, 512, 4, 768, 8, 1280, 1024, 16, 64};
  unsigned char head[352] = {0};
  put_16(head + 2, 348); /* sizeof_hdr, 32 bits */
  put_16(head + 40, 3);
  put_16(head + 42, nx);
  put_16(head + 44, ny);
  put_16(head + 46, nz);
  for (int i = 4; i < 8; ++i) put_16(head + 40 + 2 * i, 1);
  put_16(head + 70, types[v->component]);
  put_16(head + 72, 8 * swr_component_bytes(v->component));
  for (int i = 0; i < 8; ++i) put_float(head + 76 + 4 * i, 1);
  put_float(head + 108, detached ? 0 : 352);
  put_float(head + 112, 1); /* scl_slope */
  memcpy(head + 344, detached ? "ni1" : "n+1", 4);
  unsigned char* pixels = big_endian(v);
  if (detached) {
    save_file("big.hdr", head, 348);
    save_file("big.img", pixels, volume_bytes(v));
  } else {
    save_two("big.nii", head, 352, pixels, volume_bytes(v));
  }
  free(pixels);
  const made result = {detached ? "big.hdr" : "big.nii", detached ? "big.img" : "big.nii",
                       detached ? 0 : 352};
  return result;
}

typedef made (*maker)(const volume* v, int detached);
static const maker makers[] = {make_meta, make_nrrd, make_nifti};

/* Runs for each format, attached and detached, and each component type. */
static void for_each_file(void (*run)(const made* m, volume* v)) {
  const swr_region region = whole();
  for (int format = 0; format < 3; ++format) {
    for (int detached = 0; detached < 2; ++detached) {
      for (int type = SWR_UINT8; type <= SWR_FLOAT64; ++type) {
        volume v = volume_pattern(&region, (swr_component)type, 1, (uint64_t)type);
        const made m = makers[format](&v, detached);
        run(&m, &v);
        volume_free(&v);
      }
    }
  }
}

static void expect_read(const made* m, volume* v) {
  assert_file_holds(m->path, v);
  if (swr_component_bytes(v->component) == 1) return;
  swr_reader* r = swr_reader_create();
  int32_t big = 0;
  assert_reader_ok(r, swr_reader_open(r, m->path));
  assert_reader_ok(r, swr_reader_get_big_endian(r, &big));
  assert_int_equal(big, 1);
  swr_reader_destroy(r);
}
static void big_endian_files_are_read(void** state) {
  (void)state;
  for_each_file(expect_read);
}

static void expect_paste(const made* m, volume* v) {
  const swr_region boxes[] = {region_3d(3, 2, 1, 5, 4, 3), region_3d(0, 0, 2, nx, ny, 2),
                              region_3d(0, 0, 0, nx, ny, nz)};
  int64_t head_bytes = 0;
  unsigned char* head = load_file(m->path, &head_bytes);
  for (int i = 0; i < 3; ++i) {
    volume change = volume_pattern(&v->region, v->component, 1, 1000u + (unsigned)i);
    swr_writer* w = swr_writer_create();
    source s = source_of(&change);
    s.how = i == 1 ? LENDS_ALL : i == 0 ? FILLS : LENDS_PIECE;
    assert_ok(w, swr_set_path(w, m->path));
    assert_ok(w, swr_set_paste_region(w, &boxes[i]));
    assert_ok(w, swr_set_divisions(w, 2));
    assert_ok(w, swr_write(w, pull_source, &s));
    volume_copy(v, &change, &boxes[i]);
    assert_file_holds(m->path, v);
    /* In the file they are big-endian as before, and the header is untouched. */
    unsigned char *expected = big_endian(v), *got = malloc((size_t)volume_bytes(v));
    load_bytes(m->data, m->offset, got, volume_bytes(v));
    assert_memory_equal(got, expected, volume_bytes(v));
    unsigned char* head_now = load_file(m->path, NULL);
    assert_memory_equal(head_now, head, m->offset ? m->offset : head_bytes);
    /* Lent memory is swapped in a copy. */
    volume original = volume_pattern(&v->region, v->component, 1, 1000u + (unsigned)i);
    assert_memory_equal(change.bytes, original.bytes, volume_bytes(v));
    volume_free(&original);
    free(head_now);
    free(expected);
    free(got);
    source_free(&s);
    swr_writer_destroy(w);
    volume_free(&change);
  }
  free(head);
}
static void big_endian_files_are_pasted_into(void** state) {
  (void)state;
  for_each_file(expect_paste);
}

static void expect_failure(const made* m, volume* v) {
  if (v->component != SWR_INT32) return;
  snapshot* before = snapshot_take();
  for (int64_t piece = 0; piece < 3; ++piece) {
    volume change = volume_pattern(&v->region, v->component, 1, 99);
    swr_writer* w = swr_writer_create();
    source s = source_of(&change);
    const swr_region box = region_3d(1, 1, 0, 9, 5, 3);
    s.fail_at = piece;
    s.fail_with = SWR_CANCELLED;
    assert_ok(w, swr_set_path(w, m->path));
    assert_ok(w, swr_set_paste_region(w, &box));
    assert_ok(w, swr_set_divisions(w, 3));
    assert_status(w, SWR_CANCELLED, swr_write(w, pull_source, &s));
    assert_unchanged(before);
    swr_writer_destroy(w);
    volume_free(&change);
  }
  snapshot_free(before);
}
static void big_endian_files_roll_back(void** state) {
  (void)state;
  for_each_file(expect_failure);
}

static void expect_converted_paste(const made* m, volume* v) {
  swr_writer* w = swr_writer_create();
  volume change = volume_new(&v->region, SWR_FLOAT64, 1),
         exact = volume_new(&v->region, v->component, 1);
  for (int64_t i = 0; i < region_pixels(&v->region); ++i) {
    component_store(change.bytes + 8 * i, SWR_FLOAT64, (double)(i % 100));
    component_store(exact.bytes + swr_component_bytes(v->component) * i, v->component,
                    (double)(i % 100));
  }
  source s = source_of(&change);
  const swr_region box = region_3d(1, 1, 1, 8, 5, 3);
  assert_ok(w, swr_set_path(w, m->path));
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_set_source_type(w, SWR_FLOAT64));
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
  assert_ok(w, swr_write(w, pull_source, &s));
  volume_copy(v, &exact, &box);
  assert_file_holds(m->path, v);
  swr_writer_destroy(w);
  volume_free(&change);
  volume_free(&exact);
}
static void big_endian_files_take_converted_pixels(void** state) {
  (void)state;
  for_each_file(expect_converted_paste);
}

static void expect_growth(const made* m, volume* v) {
  const swr_region larger[] = {region_3d(0, 0, 0, nx, ny, nz + 3),
                               region_3d(0, 0, 0, nx + 2, ny, nz)};
  for (int i = 0; i < 2; ++i) {
    makers[strstr(m->path, ".m")                              ? 0
           : strstr(m->path, ".nr") || strstr(m->path, ".nh") ? 1
                                                              : 2](v,
                                                                   strcmp(m->path, m->data) != 0);
    volume model = volume_pattern(&larger[i], v->component, 1, 55);
    swr_writer* w = swr_writer_create();
    source s = source_of(&model);
    const swr_region box = i == 0 ? region_3d(0, 0, nz, nx, ny, 3) : region_3d(nx, 0, 0, 2, ny, nz);
    assert_ok(w, swr_set_path(w, m->path));
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
    assert_ok(w, swr_set_image_region(w, &larger[i]));
    assert_ok(w, swr_set_paste_region(w, &box));
    assert_ok(w, swr_write(w, pull_source, &s));
    volume_copy(&model, v, &v->region);
    assert_file_holds(m->path, &model);
    swr_writer_destroy(w);
    volume_free(&model);
  }
}
static void big_endian_files_grow(void** state) {
  (void)state;
  for_each_file(expect_growth);
}

static void a_compressed_big_endian_stream_of_another_program_is_pasted_into(void** state) {
  (void)state;
  const swr_region region = whole(), box = region_3d(3, 2, 1, 5, 4, 3);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1),
         change = volume_pattern(&region, SWR_UINT16, 1, 2);
  unsigned char* pixels = big_endian(&v);
  unsigned char packed[4096];
  uLongf packed_bytes = sizeof packed;
  assert_int_equal(compress(packed, &packed_bytes, pixels, (uLong)volume_bytes(&v)), Z_OK);
  char head[512];
  const int n = snprintf(head, sizeof head,
                         "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB "
                         "= True\nCompressedData = True\nCompressedDataSize = %lu\n"
                         "DimSize = %d %d %d\nElementType = MET_USHORT\nElementDataFile = LOCAL\n",
                         (unsigned long)packed_bytes, nx, ny, nz);
  save_two("packed.mha", head, n, packed, (int64_t)packed_bytes);
  assert_file_holds("packed.mha", &v);
  uint32_t flags = 0;
  assert_int_equal(swr_format_capabilities("MetaImage", &flags), SWR_OK);
  if (flags & SWR_CAN_PASTE_COMPRESSED) {
    swr_writer* w = swr_writer_create();
    source s = source_of(&change);
    assert_ok(w, swr_set_path(w, "packed.mha"));
    assert_ok(w, swr_set_paste_region(w, &box));
    assert_ok(w, swr_write(w, pull_source, &s));
    volume_copy(&v, &change, &box);
    assert_file_holds("packed.mha", &v);
    swr_writer_destroy(w);
  }
  free(pixels);
  volume_free(&v);
  volume_free(&change);
}

int main(void) {
  TEST(big_endian_files_are_read);
  TEST(big_endian_files_are_pasted_into);
  TEST(big_endian_files_roll_back);
  TEST(big_endian_files_take_converted_pixels);
  TEST(big_endian_files_grow);
  TEST(a_compressed_big_endian_stream_of_another_program_is_pasted_into);
  return run_all_tests("byte order");
}
