/* Bytes of a header that follow the pixels, such as the tags of FreeSurfer's files, stay as they
 * are when pixels change, when the image grows, and in copies. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "support/support.h"

enum { head_bytes = 284, tail_bytes = 3000 };

typedef struct mgh {
  const char* path;
  int compressed;
} mgh;
static const mgh files[] = {{"image.mgh", 0}, {"image.mgz", 1}};
enum { file_count = 2 };

static void make_tail(unsigned char* tail) {
  for (int i = 0; i < tail_bytes; ++i) tail[i] = (unsigned char)(i * 37 % 251);
}

static volume picture(int64_t z, uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, 60, 50, z);
  return volume_pattern(&region, SWR_INT16, 1, seed);
}

/* All bytes of the file, inflated where they are compressed. */
static unsigned char* load_all(const char* path, int64_t* bytes) {
  const int64_t room = 64 << 20;
  unsigned char* data = malloc((size_t)room);
  gzFile file = gzopen(path, "rb");
  assert_non_null(file);
  *bytes = gzread(file, data, (unsigned)room);
  assert_int_equal(gzclose(file), Z_OK);
  return data;
}

static void expect_tail(const char* path, const volume* v) {
  unsigned char tail[tail_bytes];
  make_tail(tail);
  int64_t bytes = 0;
  unsigned char* data = load_all(path, &bytes);
  assert_int_equal(bytes, head_bytes + volume_bytes(v) + tail_bytes);
  assert_memory_equal(data + bytes - tail_bytes, tail, tail_bytes);
  free(data);
  assert_file_holds(path, v);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  assert_reader_ok(r, swr_reader_verify(r));
  swr_reader_destroy(r);
}

/* As another program writes it: one stream, if it is compressed. */
static void make_foreign(const mgh* file, const volume* v) {
  make_file_at("plain.mgh", v);
  int64_t bytes = 0;
  unsigned char* plain = load_file("plain.mgh", &bytes);
  unsigned char tail[tail_bytes];
  make_tail(tail);
  gzFile out = gzopen(file->path, file->compressed ? "wb6" : "wbT");
  assert_non_null(out);
  assert_int_equal(gzwrite(out, plain, (unsigned)bytes), bytes);
  assert_int_equal(gzwrite(out, tail, tail_bytes), tail_bytes);
  assert_int_equal(gzclose(out), Z_OK);
  free(plain);
  assert_int_equal(remove("plain.mgh"), 0);
  expect_tail(file->path, v);
}

static swr_writer* writer_at(const char* path, const swr_region* region) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  if (region) assert_ok(w, swr_set_image_region(w, region));
  assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
  return w;
}

static void write_part(swr_writer* w, const volume* v, const swr_region* part,
                       swr_existing policy) {
  assert_ok(w, swr_set_existing(w, policy));
  assert_ok(w, swr_set_paste_region(w, part));
  source s = source_of(v);
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  swr_writer_destroy(w);
}

static swr_method method_of_paste(const char* path, const swr_region* part) {
  swr_writer* w = writer_at(path, NULL);
  swr_method method;
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_set_paste_region(w, part));
  assert_ok(w, swr_get_method(w, &method, NULL, NULL));
  swr_writer_destroy(w);
  return method;
}

static int is_slotted(const char* path) {
  swr_reader* r = swr_reader_create();
  const char* encoding = NULL;
  int32_t slotted = 0;
  assert_reader_ok(r, swr_reader_open(r, path));
  assert_reader_ok(r, swr_reader_get_encoding(r, &encoding, &slotted));
  swr_reader_destroy(r);
  return slotted;
}

static void tail_stays_when_pixels_change(void** state) {
  (void)state;
  for (int i = 0; i < file_count; ++i) {
    volume v = picture(20, 1);
    make_foreign(&files[i], &v);
    swr_method last = SWR_METHOD_CREATE;
    for (int turn = 0; turn < 4; ++turn) {
      volume other = picture(20, (uint64_t)turn + 2);
      const swr_region part = region_3d(3 + turn, 5, 2 + 4 * turn, 30, 20, 3);
      last = method_of_paste(files[i].path, &part);
      write_part(writer_at(files[i].path, NULL), &other, &part, SWR_EXISTING_UPDATE);
      volume_copy(&v, &other, &part);
      expect_tail(files[i].path, &v);
      volume_free(&other);
    }
    /* Also a stream that began as another program's is one of swr's by now. */
    assert_int_equal(last, SWR_METHOD_IN_PLACE);
    volume_free(&v);
  }
}

/* A change that refers to pixels alone is spliced into a stream that ends in something else. */
static void small_change_is_spliced_into_a_stream_with_a_tail(void** state) {
  (void)state;
  const swr_region large = region_3d(0, 0, 0, 200, 100, 20);
  volume v = volume_pattern(&large, SWR_INT16, 1, 1);
  make_foreign(&files[1], &v);
  const swr_region part = region_3d(20, 30, 19, 20, 20, 1);
  assert_int_equal(method_of_paste("image.mgz", &part), SWR_METHOD_SPLICE);
  volume other = volume_pattern(&large, SWR_INT16, 1, 2);
  write_part(writer_at("image.mgz", NULL), &other, &part, SWR_EXISTING_UPDATE);
  volume_copy(&v, &other, &part);
  expect_tail("image.mgz", &v);
  assert_false(is_slotted("image.mgz"));
  volume_free(&other);
  volume_free(&v);
}

static void tail_goes_after_the_pixels_that_an_image_grows_by(void** state) {
  (void)state;
  const struct {
    swr_region grown, part;
  } growths[] = {{region_3d(0, 0, 0, 60, 50, 12), region_3d(0, 0, 8, 60, 50, 4)},
                 {region_3d(0, 0, -3, 60, 50, 13), region_3d(0, 0, -3, 60, 50, 3)},
                 {region_3d(0, 0, 0, 64, 50, 10), region_3d(60, 0, 0, 4, 50, 10)}};
  for (int i = 0; i < 2 * file_count * 3; ++i) {
    const mgh* file = &files[i % file_count];
    volume v = picture(10, 1);
    make_foreign(file, &v);
    /* Every second time the stream is one of swr's before. */
    for (int turn = 0; turn < i / (3 * file_count) * 3; ++turn)
      write_part(writer_at(file->path, NULL), &v, &v.region, SWR_EXISTING_UPDATE);
    expect_tail(file->path, &v);
    const swr_region grown = growths[i / file_count % 3].grown,
                     part = growths[i / file_count % 3].part;
    volume now = volume_new(&grown, SWR_INT16, 1), added = volume_pattern(&grown, SWR_INT16, 1, 7);
    volume_copy(&now, &v, &v.region);
    volume_copy(&now, &added, &part);
    write_part(writer_at(file->path, &grown), &added, &part, SWR_EXISTING_EXTEND);
    expect_tail(file->path, &now);
    volume_free(&now);
    volume_free(&added);
    volume_free(&v);
    clear_folder();
  }
}

static void tail_is_in_copies(void** state) {
  (void)state;
  for (int from = 0; from < file_count; ++from) {
    volume v = picture(5, 3);
    make_foreign(&files[from], &v);
    const char* const copies[] = {"copy.mgh", "copy.mgz", "again.mgh", "again.mgz"};
    for (int to = 0; to < 4; ++to) {
      swr_reader* r = swr_reader_create();
      assert_reader_ok(r, swr_reader_open(r, to < 2 ? files[from].path : "copy.mgz"));
      swr_writer* w = writer_at(copies[to], &v.region);
      assert_ok(w, swr_set_header_from(w, r));
      source s = source_of(&v);
      assert_ok(w, swr_write(w, pull_source, &s));
      source_free(&s);
      swr_writer_destroy(w);
      swr_reader_destroy(r);
      expect_tail(copies[to], &v);
    }
    volume_free(&v);
    clear_folder();
  }
}

/* Nothing else is taken for it. */
static void file_without_a_tail_gets_none(void** state) {
  (void)state;
  for (int i = 0; i < file_count; ++i) {
    volume v = picture(6, 4);
    make_file_at(files[i].path, &v);
    const swr_region grown = region_3d(0, 0, 0, 60, 50, 9), part = region_3d(0, 0, 6, 60, 50, 3);
    volume now = volume_pattern(&grown, SWR_INT16, 1, 5);
    volume_copy(&now, &v, &v.region);
    write_part(writer_at(files[i].path, &grown), &now, &part, SWR_EXISTING_EXTEND);
    assert_file_holds(files[i].path, &now);
    int64_t bytes = 0;
    free(load_all(files[i].path, &bytes));
    assert_int_equal(bytes, head_bytes + volume_bytes(&now));
    volume_free(&now);
    volume_free(&v);
  }
}

int main(void) {
  TEST(tail_stays_when_pixels_change);
  TEST(small_change_is_spliced_into_a_stream_with_a_tail);
  TEST(tail_goes_after_the_pixels_that_an_image_grows_by);
  TEST(tail_is_in_copies);
  TEST(file_without_a_tail_gets_none);
  return run_all_tests("tail");
}
