/* Data files of headers: the names of new ones, which files they replace, and what happens to the
 * old ones. Only data files of the replaced image are ever removed. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "support/support.h"

enum { nx = 6, ny = 5, nz = 4, pixels = nx * ny * nz };

static volume pattern(uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, nx, ny, nz);
  return volume_pattern(&region, SWR_UINT8, 1, seed);
}

static void save_header(const char* path, const char* data, int64_t skip, int compressed) {
  char head[1024];
  const int is_nrrd = strstr(path, ".nhdr") != NULL;
  const int n =
      is_nrrd ? snprintf(head, sizeof head,
                         "NRRD0004\ntype: uchar\ndimension: 3\nsizes: %d %d %d\nencoding: %s\n"
                         "byte skip: %d\ndata file: %s\n",
                         nx, ny, nz, compressed ? "gzip" : "raw", (int)skip, data)
              : snprintf(head, sizeof head,
                         "ObjectType = Image\nNDims = 3\nBinaryData = True\n"
                         "BinaryDataByteOrderMSB = False\nCompressedData = %s\nHeaderSize = %d\n"
                         "DimSize = %d %d %d\nElementType = MET_UCHAR\nElementDataFile = %s\n",
                         compressed ? "True" : "False", (int)skip, nx, ny, nz, data);
  save_file(path, head, n);
}

/* A header and a data file of another program. */
static void save_image(const char* header, const char* data, const volume* v, int compressed) {
  save_header(header, data, 0, compressed);
  if (compressed) {
    unsigned char out[4096];
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, strstr(header, ".nhdr") ? 31 : 15, 8, 0),
                     Z_OK);
    z.next_in = v->bytes;
    z.avail_in = pixels;
    z.next_out = out;
    z.avail_out = sizeof out;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    save_file(data, out, (int64_t)(sizeof out - z.avail_out));
    deflateEnd(&z);
  } else {
    save_file(data, v->bytes, pixels);
  }
  assert_file_holds(header, v);
}

static void expect_text_file(const char* path, const char* text) {
  int64_t bytes = 0;
  unsigned char* file = load_file(path, &bytes);
  assert_non_null(file);
  assert_int_equal(bytes, strlen(text));
  assert_memory_equal(file, text, strlen(text));
  free(file);
}

static void expect_data_path(const char* header, const char* data) {
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, header));
  const char* path = NULL;
  assert_reader_ok(r, swr_reader_get_data_file(r, &path));
  assert_string_equal(path, data);
  swr_reader_destroy(r);
}

/* What the file keeps when it is replaced. On Windows the mode says less: access lists decide. */
#ifdef _WIN32
enum { private_mode = 0666 };
#else
enum { private_mode = 0600 };
#endif
static int mode_of(const char* path) {
  struct stat facts;
  assert_int_equal(stat(path, &facts), 0);
  return (int)(facts.st_mode & 0777);
}

/* Both calls return `expected` before the first pull; a refused call leaves the folder
 * unchanged. */
static void write_and_expect(swr_writer* w, const volume* v, swr_status expected) {
  snapshot* before = snapshot_take();
  source s = source_of(v);
  assert_status(w, expected, swr_check(w));
  assert_status(w, expected, swr_write(w, pull_source, &s));
  if (expected != SWR_OK) {
    assert_int_equal(s.pulls, 0);
    assert_unchanged(before);
  }
  source_free(&s);
  snapshot_free(before);
}

static swr_writer* writer_of(const char* path, const volume* v, swr_existing policy) {
  test_case t = {.path = ""};
  snprintf(t.path, sizeof t.path, "%s", path);
  swr_writer* w = writer_for(&t, v);
  assert_ok(w, swr_set_existing(w, policy));
  return w;
}

/* Grows by a row, which moves every pixel: a rewrite. */
static swr_writer* growing_writer(const char* path, volume* grown) {
  const swr_region region = region_3d(0, 0, 0, nx, ny + 1, nz);
  *grown = volume_pattern(&region, SWR_UINT8, 1, 77);
  return writer_of(path, grown, SWR_EXISTING_EXTEND);
}

static const char* const headers[] = {"image.mhd", "image.nhdr"};

static void a_rewrite_keeps_the_data_file_s_own_name_and_mode(void** state) {
  (void)state;
  const char* const names[] = {"pixels.dat", "vol.gz", "image.bin"};
  for (int i = 0; i < 12; ++i) {
    const char* const header = headers[i % 2];
    const char* const data = names[i / 2 % 3];
    const int compressed = i / 6;
    volume v = pattern(1), grown;
    save_image(header, data, &v, compressed);
    assert_int_equal(chmod(data, 0600), 0);
    save_file("image.raw", "the user's", 10);
    save_file("image.zraw", "the user's", 10);
    save_file("image.raw.gz", "the user's", 10);
    swr_writer* w = growing_writer(header, &grown);
    write_and_expect(w, &grown, SWR_OK);
    assert_file_holds(header, &grown);
    expect_data_path(header, data);
    assert_int_equal(mode_of(data), private_mode);
    expect_text_file("image.raw", "the user's");
    expect_text_file("image.zraw", "the user's");
    expect_text_file("image.raw.gz", "the user's");
    assert_file_count(5);
    swr_writer_destroy(w);
    remove(header);
    remove(data);
    volume_free(&v);
    volume_free(&grown);
  }
}

static void a_rewrite_in_another_encoding_takes_a_free_name_and_removes_the_old_file(void** state) {
  (void)state;
  const struct {
    const char *header, *old, *now;
    int compressed;
  } cases[] = {
      {"image.mhd", "own.raw", "own.zraw", 0},    {"image.mhd", "own.zraw", "own.raw", 1},
      {"image.nhdr", "own.raw", "own.raw.gz", 0}, {"image.nhdr", "own.raw.gz", "own.raw", 1},
      {"image.nhdr", "own.gz", "own", 1},         {"image.mhd", "own.dat", "own.dat", 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    volume v = pattern(1), change = pattern(2);
    save_image(cases[i].header, cases[i].old, &v, cases[i].compressed);
    assert_int_equal(chmod(cases[i].old, 0600), 0);
    const int is_new = strcmp(cases[i].old, cases[i].now) != 0;
    const char* const setting = cases[i].compressed ? "none" : "deflate";
    if (is_new) { /* the name is not free */
      save_file(cases[i].now, "the user's", 10);
      swr_writer* w = writer_of(cases[i].header, &change, SWR_EXISTING_UPDATE);
      assert_ok(w, swr_set_compression(w, setting, 6));
      write_and_expect(w, &change, SWR_ERROR_EXISTS);
      assert_says(swr_writer_message(w), cases[i].now);
      swr_writer_destroy(w);
      remove(cases[i].now);
    }
    swr_writer* w = writer_of(cases[i].header, &change, SWR_EXISTING_UPDATE);
    assert_ok(w, swr_set_compression(w, setting, 6));
    write_and_expect(w, &change, SWR_OK);
    assert_file_holds(cases[i].header, &change);
    expect_data_path(cases[i].header, cases[i].now);
    assert_int_equal(mode_of(cases[i].now), private_mode);
    assert_file_count(2);
    swr_writer_destroy(w);
    remove(cases[i].header);
    remove(cases[i].now);
    volume_free(&v);
    volume_free(&change);
  }
}

static void a_new_header_never_replaces_a_file_that_is_there(void** state) {
  (void)state;
  const struct {
    const char *header, *data, *compression;
  } cases[] = {
      {"image.mhd", "image.raw", "none"},         {"image.mhd", "image.zraw", "deflate"},
      {"image.nhdr", "image.raw", "none"},        {"image.nhdr", "image.raw.gz", "deflate"},
      {"image.hdr", "image.img", "none"},         {"image.hdr", "image.img.gz", "deflate"},
      {"image.hdr.gz", "image.img.gz", "deflate"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    const swr_existing policies[] = {SWR_EXISTING_DEFAULT, SWR_EXISTING_FAIL, SWR_EXISTING_REPLACE,
                                     SWR_EXISTING_UPDATE, SWR_EXISTING_EXTEND};
    volume v = pattern(1);
    save_file(cases[i].data, "the user's", 10);
    for (int p = 0; p < 5; ++p) {
      swr_writer* w = writer_of(cases[i].header, &v, policies[p]);
      assert_ok(w, swr_set_compression(w, cases[i].compression, 6));
      write_and_expect(w, &v, SWR_ERROR_EXISTS);
      assert_says(swr_writer_message(w), cases[i].data);
      swr_writer_destroy(w);
    }
    remove(cases[i].data);
    volume_free(&v);
  }
}

static void a_copy_beside_another_header_of_the_same_stem_is_refused(void** state) {
  (void)state;
  volume v = pattern(1), change = pattern(2);
  save_image("image.nhdr", "image.raw", &v, 0);
  swr_writer* w = writer_of("image.mhd", &change, SWR_EXISTING_REPLACE);
  write_and_expect(w, &change, SWR_ERROR_EXISTS);
  swr_writer_destroy(w);
  assert_file_holds("image.nhdr", &v);
  volume_free(&v);
  volume_free(&change);
}

static void data_that_two_headers_name_are_not_rewritten(void** state) {
  (void)state;
  volume v = pattern(1), grown, change = pattern(2);
  save_image("image.mhd", "image.raw", &v, 0);
  save_image("image.nhdr", "image.raw", &v, 0);
  swr_writer* w = growing_writer("image.mhd", &grown);
  write_and_expect(w, &grown, SWR_ERROR_EXISTS);
  assert_says(swr_writer_message(w), "image.nhdr");
  swr_writer_destroy(w);
  w = writer_of("image.mhd", &change, SWR_EXISTING_REPLACE);
  write_and_expect(w, &change, SWR_ERROR_EXISTS);
  swr_writer_destroy(w);
  /* Both headers see a change in place. */
  w = writer_of("image.mhd", &change, SWR_EXISTING_UPDATE);
  write_and_expect(w, &change, SWR_OK);
  assert_file_holds("image.nhdr", &change);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&grown);
  volume_free(&change);
}

static void an_image_that_is_replaced_takes_its_own_data_file_along(void** state) {
  (void)state;
  volume v = pattern(1), change = pattern(2);
  for (int i = 0; i < 4; ++i) {
    const char* const header = headers[i % 2];
    const char* const old = i / 2 ? (i % 2 ? "image.raw.gz" : "image.zraw") : "image.raw";
    save_image(header, old, &v, i / 2);
    assert_int_equal(chmod(old, 0600), 0);
    swr_writer* w = writer_of(header, &change, SWR_EXISTING_REPLACE);
    assert_ok(w, swr_set_compression(w, i / 2 ? "none" : "deflate", 6));
    write_and_expect(w, &change, SWR_OK);
    assert_file_holds(header, &change);
    assert_file_count(2);
    assert_false(file_exists(old));
    const char* const now = i / 2 ? "image.raw" : (i % 2 ? "image.raw.gz" : "image.zraw");
    assert_int_equal(mode_of(now), private_mode);
    swr_writer_destroy(w);
    remove(header);
    remove(now);
  }
  volume_free(&v);
  volume_free(&change);
}

static void an_image_that_is_replaced_leaves_data_of_another_name(void** state) {
  (void)state;
  volume v = pattern(1), change = pattern(2);
  save_image("image.mhd", "instrument.dat", &v, 0);
  swr_writer* w = writer_of("image.mhd", &change, SWR_EXISTING_REPLACE);
  write_and_expect(w, &change, SWR_OK);
  swr_writer_destroy(w);
  assert_file_holds("image.mhd", &change);
  expect_data_path("image.mhd", "image.raw");
  save_header("image.mhd", "instrument.dat", 0, 0);
  assert_file_holds("image.mhd", &v);
  volume_free(&v);
  volume_free(&change);
}

/* Pixels between a head and other bytes: the bytes around them must be kept. */
static void a_data_file_that_holds_more_is_not_rewritten(void** state) {
  (void)state;
  volume v = pattern(1), grown, change = pattern(2);
  for (int i = 0; i < 4; ++i) {
    const char* const header = headers[i % 2];
    unsigned char file[pixels + 20];
    memset(file, 'h', sizeof file);
    const int64_t skip = i / 2 ? 10 : 0;
    memcpy(file + skip, v.bytes, pixels);
    save_file("shared.dat", file, pixels + 10);
    save_header(header, "shared.dat", skip, 0);
    swr_writer* w = growing_writer(header, &grown);
    write_and_expect(w, &grown, SWR_ERROR_UNSUPPORTED);
    assert_says(swr_writer_message(w), "shared.dat");
    swr_writer_destroy(w);
    w = writer_of(header, &change, SWR_EXISTING_UPDATE);
    assert_ok(w, swr_set_compression(w, "deflate", 6));
    write_and_expect(w, &change, SWR_ERROR_UNSUPPORTED);
    /* It can change in place. */
    assert_ok(w, swr_set_compression(w, NULL, 0));
    write_and_expect(w, &change, SWR_OK);
    assert_file_holds(header, &change);
    swr_writer_destroy(w);
    /* It can grow at its end only if nothing follows. */
    const swr_region longer = region_3d(0, 0, 0, nx, ny, nz + 1);
    volume more = volume_pattern(&longer, SWR_UINT8, 1, 5);
    w = writer_of(header, &more, SWR_EXISTING_EXTEND);
    write_and_expect(w, &more, i / 2 ? SWR_OK : SWR_ERROR_UNSUPPORTED);
    if (i / 2) assert_file_holds(header, &more);
    swr_writer_destroy(w);
    volume_free(&more);
    volume_free(&grown);
    remove(header);
  }
  volume_free(&v);
  volume_free(&change);
}

static void pixels_in_several_files_do_not_become_one(void** state) {
  (void)state;
  volume v = pattern(1), change = pattern(2);
  save_header("image.mhd", "s%d.raw 0 3 1", 0, 0);
  for (int z = 0; z < nz; ++z) {
    char name[16];
    snprintf(name, sizeof name, "s%d.raw", z);
    save_file(name, v.bytes + z * nx * ny, nx * ny);
  }
  swr_writer* w = writer_of("image.mhd", &change, SWR_EXISTING_UPDATE);
  assert_ok(w, swr_set_compression(w, "deflate", 6));
  write_and_expect(w, &change, SWR_ERROR_UNSUPPORTED);
  assert_ok(w, swr_set_compression(w, NULL, 0));
  write_and_expect(w, &change, SWR_OK);
  assert_file_holds("image.mhd", &change);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&change);
}

static void a_header_in_the_data_file_of_a_rewrite_stays_there(void** state) {
  (void)state;
  volume v = pattern(1), grown;
  test_case t = {.path = "image.mha"};
  make_file(&t, &v);
  assert_int_equal(rename("image.mha", "image.mhd"), 0);
  save_file("image.raw", "the user's", 10);
  swr_writer* w = growing_writer("image.mhd", &grown);
  write_and_expect(w, &grown, SWR_OK);
  assert_file_holds("image.mhd", &grown);
  expect_text_file("image.raw", "the user's");
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&grown);
}

static void a_link_never_leads_a_replacement_out_of_the_folder(void** state) {
  (void)state;
  assert_int_equal(mkdir("sub", 0755), 0);
  volume v = pattern(1), change = pattern(2), grown;
  for (int rewrites = 0; rewrites < 2; ++rewrites) {
    save_file("victim", v.bytes, pixels);
    save_header("sub/image.mhd", "image.raw", 0, 0);
    remove("sub/image.raw");
    assert_int_equal(symlink("../victim", "sub/image.raw"), 0);
    swr_writer* w = rewrites ? growing_writer("sub/image.mhd", &grown)
                             : writer_of("sub/image.mhd", &change, SWR_EXISTING_REPLACE);
    const volume* const from = rewrites ? &grown : &change;
    write_and_expect(w, from, SWR_ERROR_UNSUPPORTED);
    assert_ok(w, swr_set_option(w, "detached.outside", "allow"));
    write_and_expect(w, from, SWR_OK);
    assert_file_holds("sub/image.mhd", from);
    swr_writer_destroy(w);
    if (rewrites) volume_free(&grown);
  }
  /* A dangling link is not a free name either. */
  remove("sub/image.mhd");
  remove("victim");
  swr_writer* w = writer_of("sub/image.mhd", &change, SWR_EXISTING_REPLACE);
  write_and_expect(w, &change, SWR_ERROR_UNSUPPORTED);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&change);
}

/* A plain file hides a compressed one of the same name from readers of NIfTI. */
static void a_pair_that_would_be_hidden_is_refused(void** state) {
  (void)state;
  volume v = pattern(1), other = pattern(2);
  save_file("image.img", "the user's", 10);
  swr_writer* w = writer_of("image.hdr", &v, SWR_EXISTING_REPLACE);
  assert_ok(w, swr_set_compression(w, "deflate", 6));
  write_and_expect(w, &v, SWR_ERROR_EXISTS);
  swr_writer_destroy(w);
  remove("image.img");
  test_case t = {.path = "image.hdr"};
  make_file(&t, &other);
  w = writer_of("image.hdr.gz", &v, SWR_EXISTING_REPLACE);
  write_and_expect(w, &v, SWR_ERROR_EXISTS);
  swr_writer_destroy(w);
  /* An image with its own data file can become compressed. */
  w = writer_of("image.hdr", &v, SWR_EXISTING_REPLACE);
  assert_ok(w, swr_set_compression(w, "deflate", 6));
  write_and_expect(w, &v, SWR_OK);
  assert_file_holds("image.hdr", &v);
  assert_false(file_exists("image.img"));
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&other);
}

/* The data file is missing, with an absolute and with a relative path. */
static void a_missing_data_file_is_not_found_however_the_path_is_spelled(void** state) {
  (void)state;
  char here[512], path[600];
  assert_non_null(getcwd(here, sizeof here));
  volume v = pattern(1);
  save_header("image.mhd", "image.raw", 0, 0);
  for (int full = 0; full < 2; ++full) {
    snprintf(path, sizeof path, "%s%simage.mhd", full ? here : "", full ? "/" : "");
    swr_writer* w = swr_writer_create();
    const swr_region box = region_3d(1, 1, 1, 2, 2, 2);
    assert_ok(w, swr_set_path(w, path));
    assert_ok(w, swr_set_paste_region(w, &box));
    write_and_expect(w, &v, SWR_ERROR_NOT_FOUND);
    assert_says(swr_writer_message(w), "image.raw");
    swr_writer_destroy(w);
  }
  volume_free(&v);
}

static void data_in_a_folder_below_the_header_are_inside(void** state) {
  (void)state;
  assert_int_equal(mkdir("data", 0755), 0);
  volume v = pattern(1), change = pattern(2), grown;
  save_image("image.mhd", "data/pixels.dat", &v, 0);
  swr_writer* w = writer_of("image.mhd", &change, SWR_EXISTING_UPDATE);
  write_and_expect(w, &change, SWR_OK);
  assert_file_holds("image.mhd", &change);
  swr_writer_destroy(w);
  w = growing_writer("image.mhd", &grown);
  write_and_expect(w, &grown, SWR_OK);
  assert_file_holds("image.mhd", &grown);
  expect_data_path("image.mhd", "data/pixels.dat");
  swr_writer_destroy(w);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_set_option(r, "detached.outside", "refuse"));
  assert_reader_ok(r, swr_reader_open(r, "image.mhd"));
  swr_reader_destroy(r);
  volume_free(&v);
  volume_free(&change);
  volume_free(&grown);
}

int main(void) {
  TEST(a_rewrite_keeps_the_data_file_s_own_name_and_mode);
  TEST(a_rewrite_in_another_encoding_takes_a_free_name_and_removes_the_old_file);
  TEST(a_new_header_never_replaces_a_file_that_is_there);
  TEST(a_copy_beside_another_header_of_the_same_stem_is_refused);
  TEST(data_that_two_headers_name_are_not_rewritten);
  TEST(an_image_that_is_replaced_takes_its_own_data_file_along);
  TEST(an_image_that_is_replaced_leaves_data_of_another_name);
  TEST(a_data_file_that_holds_more_is_not_rewritten);
  TEST(pixels_in_several_files_do_not_become_one);
  TEST(a_header_in_the_data_file_of_a_rewrite_stays_there);
  TEST(a_link_never_leads_a_replacement_out_of_the_folder);
  TEST(a_pair_that_would_be_hidden_is_refused);
  TEST(a_missing_data_file_is_not_found_however_the_path_is_spelled);
  TEST(data_in_a_folder_below_the_header_are_inside);
  return run_all_tests("data_files");
}
