/* A source that reads the file that its write changes or replaces: the write uses the old pixels,
 * or is refused before anything changes. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "checked/checked.h"
#include "support/support.h"

enum { nx = 12, ny = 10, nz = 9 };

/* With the import library of Windows, and without dllimport as in these tests, swr_reader_pull has
 * another address in the program than in the library, which takes it for the program's own: the
 * write fails as well, but at the first pull. */
static void needs_own_pull(void) {
#ifdef _WIN32
  skip();
#endif
}

static swr_reader* opened(const char* path) {
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  return r;
}

static volume made(const test_case* t) {
  const swr_region region = region_3d(0, 0, 0, nx, ny, nz);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 7);
  make_file(t, &v);
  return v;
}

/* A source in several parts, so that late reads follow early writes. */
static swr_writer* writer_to(const char* path) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_divisions(w, nz));
  return w;
}

static void set_image(swr_writer* w, const volume* v) {
  assert_ok(w, swr_set_image_region(w, &v->region));
  assert_ok(w, swr_set_pixel_type(w, v->component, v->components, SWR_KIND_SCALAR));
}

static void a_paste_from_the_same_file_changes_no_pixel(void** state) {
  const test_case* t = *state;
  volume v = made(t);
  const swr_region boxes[] = {region_3d(0, 0, 0, nx, ny, nz), region_3d(2, 3, 1, 7, 5, 6)};
  for (int i = 0; i < 2; ++i) {
    for (int threads = 1; threads < 4; threads += 2) {
      swr_reader* r = opened(t->path);
      swr_writer* w = writer_to(t->path);
      assert_ok(w, swr_set_paste_region(w, &boxes[i]));
      assert_ok(w, swr_set_pull_threads(w, threads));
      assert_ok(w, swr_write(w, swr_reader_pull, r));
      swr_writer_destroy(w);
      swr_reader_destroy(r);
      assert_file_holds(t->path, &v);
    }
  }
  volume_free(&v);
}

static void an_image_that_replaces_itself_is_the_same(void** state) {
  const test_case* t = *state;
#ifdef _WIN32
  if (is_a_folder(t)) skip(); /* wine keeps its old chunks, which the source has open */
#endif
  volume v = made(t);
  const swr_region part = held_region(t, region_3d(0, 0, 2, nx, ny, nz - 3));
  swr_reader* r = opened(t->path);
  swr_writer* w = writer_to(t->path);
  set_image(w, &v);
  assert_ok(w, swr_set_image_region(w, &part));
  assert_ok(w, swr_write(w, swr_reader_pull, r));
  swr_writer_destroy(w);
  swr_reader_destroy(r);
  volume kept = volume_new(&part, v.component, 1);
  volume_copy(&kept, &v, &part);
  assert_file_holds(t->path, &kept);
  volume_free(&kept);
  volume_free(&v);
}

/* Growth before the source reveals what it reads is rolled back. */
static int32_t pull_in_disguise(swr_piece* piece, void* user) {
  return swr_reader_pull(piece, user);
}

static void save_text(const char* path, const char* text) {
  save_file(path, text, (int64_t)strlen(text));
}

static void save_header(const char* path, const char* data, int depth, int skip) {
  char text[512];
  snprintf(text, sizeof text,
           "ObjectType = Image\nNDims = 3\nDimSize = %d %d %4d\nElementType = MET_USHORT\n"
           "HeaderSize = %d\nElementDataFile = %s\n",
           nx, ny, depth, skip, data);
  save_text(path, text);
}

static volume shared_pixels(int depth) {
  const swr_region region = region_3d(0, 0, 0, nx, ny, depth);
  volume v = volume_pattern(&region, SWR_UINT16, 1, 5);
  save_file("pixels.raw", v.bytes, volume_bytes(&v));
  return v;
}

static const int slice_bytes = nx * ny * 2;

/* The library's own function, unlike the wrapped one: it knows the reader before the first
 * piece. */
int32_t __real_swr_reader_pull(swr_piece* piece, void* reader);

static swr_status write_from(swr_writer* w, swr_reader* r, int disguised) {
  if (disguised) return swr_write(w, pull_in_disguise, r);
  checks_off("the source is given as it is");
  const swr_status status = swr_write(w, __real_swr_reader_pull, r);
  checks_on();
  return status;
}

static void refused_in_place(const char* from, swr_existing existing, int32_t depth,
                             int32_t rollback) {
  const swr_region box = region_3d(0, 0, 0, nx, ny, depth);
  for (int disguised = 0; disguised < 2; ++disguised) {
    if (disguised && !rollback) continue;
    snapshot* before = snapshot_take();
    swr_reader* r = opened(from);
    swr_writer* w = writer_to("a.mhd");
    assert_ok(w, swr_set_existing(w, existing));
    assert_ok(w, swr_set_image_region(w, &box));
    assert_ok(w, swr_set_rollback(w, rollback));
    assert_status(w, disguised ? SWR_ERROR_SOURCE : SWR_ERROR_UNSUPPORTED,
                  write_from(w, r, disguised));
    assert_non_null(strstr(swr_writer_message(w), "the source reads "));
    assert_non_null(strstr(swr_writer_message(w), from));
    swr_writer_destroy(w);
    swr_reader_destroy(r);
    assert_unchanged(before);
    snapshot_free(before);
  }
}

static void pixels_that_would_move_under_the_source_are_refused(void** state) {
  needs_own_pull();
  (void)state;
  volume v = shared_pixels(nz + 1);
  save_header("a.mhd", "pixels.raw", nz, 0);
  save_header("b.mhd", "pixels.raw", nz, slice_bytes); /* the pixels begin a slice later */
  refused_in_place("b.mhd", SWR_EXISTING_UPDATE, nz, 1);
  refused_in_place("b.mhd", SWR_EXISTING_UPDATE, nz, 0);
  assert_int_equal(link("pixels.raw", "second name.raw"), 0);
  save_header("b.mhd", "second name.raw", nz, slice_bytes);
  refused_in_place("b.mhd", SWR_EXISTING_UPDATE, nz, 1);
  assert_int_equal(symlink("pixels.raw", "third name.raw"), 0);
  save_header("b.mhd", "third name.raw", nz, slice_bytes);
  refused_in_place("b.mhd", SWR_EXISTING_UPDATE, nz, 1);
  volume_free(&v);
}

/* Other files have got the names of the source's files since they were opened. */
static void a_source_is_known_by_the_file_that_it_has_open(void** state) {
  needs_own_pull();
  (void)state;
  volume v = shared_pixels(nz + 1);
  save_header("b.mhd", "pixels.raw", nz, slice_bytes);
  swr_reader* r = opened("b.mhd");
  assert_int_equal(rename("pixels.raw", "moved.raw"), 0);
  save_file("pixels.raw", v.bytes, volume_bytes(&v));
  save_header("a.mhd", "moved.raw", nz, 0);
  snapshot* before = snapshot_take();
  swr_writer* w = writer_to("a.mhd");
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_status(w, SWR_ERROR_UNSUPPORTED, write_from(w, r, 0));
  assert_non_null(strstr(swr_writer_message(w), "the source reads "));
  swr_writer_destroy(w);
  swr_reader_destroy(r);
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&v);
}

static void a_growing_image_does_not_read_itself_through_another_header(void** state) {
  needs_own_pull();
  (void)state;
  volume v = shared_pixels(nz);
  save_header("a.mhd", "pixels.raw", nz, 0);
  const char* header =
      "NRRD0004\ntype: uint16\nendian: little\nencoding: raw\ndimension: 3\nsizes: 10 12 9\n"
      "data file: pixels.raw\n";
  save_text("b.nhdr", header); /* the same bytes, axes of other lengths */
  const swr_region box = region_3d(0, 0, 0, 10, 10, nz + 2);
  for (int32_t rollback = 0; rollback < 2; ++rollback) {
    snapshot* before = snapshot_take();
    swr_reader* r = opened("b.nhdr");
    swr_writer* w = writer_to("a.mhd");
    const swr_region grown = region_3d(0, 0, 0, nx, ny, nz + 2);
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
    assert_ok(w, swr_set_image_region(w, &grown));
    assert_ok(w, swr_set_paste_region(w, &box));
    assert_ok(w, swr_set_rollback(w, rollback));
    assert_status(w, SWR_ERROR_UNSUPPORTED, write_from(w, r, 0));
    swr_writer_destroy(w);
    swr_reader_destroy(r);
    assert_unchanged(before);
    snapshot_free(before);
  }
  volume_free(&v);
}

static void pixels_elsewhere_in_the_same_file_are_read(void** state) {
  (void)state;
  volume v = shared_pixels(2 * nz);
  save_header("a.mhd", "pixels.raw", nz, 0);
  save_header("b.mhd", "pixels.raw", nz, nz * slice_bytes);
  swr_reader* r = opened("b.mhd");
  swr_writer* w = writer_to("a.mhd");
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_write(w, swr_reader_pull, r));
  swr_writer_destroy(w);
  swr_reader_destroy(r);
  volume expected = read_volume("b.mhd");
  assert_file_holds("a.mhd", &expected);
  volume_free(&expected);
  volume_free(&v);
}

static void another_header_of_the_same_pixels_is_a_source(void** state) {
  (void)state;
  volume v = shared_pixels(nz);
  save_header("a.mhd", "pixels.raw", nz, 0);
  save_header("b.mhd", "pixels.raw", nz, 0);
  const swr_region box = region_3d(1, 1, 1, 5, 5, 5);
  swr_reader* r = opened("b.mhd");
  swr_writer* w = writer_to("a.mhd");
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_write(w, swr_reader_pull, r));
  swr_writer_destroy(w);
  swr_reader_destroy(r);
  assert_file_holds("a.mhd", &v);
  volume_free(&v);
}

/* The header that is replaced names the file; so does that of the source, of which no name
 * tells. */
static void a_data_file_that_the_source_reads_is_not_replaced(void** state) {
  needs_own_pull();
  (void)state;
  volume v = shared_pixels(nz);
  assert_int_equal(rename("pixels.raw", "a.raw"), 0);
  save_header("a.mhd", "a.raw", nz, 0);
  save_header("unlike.mhd", "a.raw", nz, 0);
  const char* const compressions[] = {"none", "deflate"};
  for (int i = 0; i < 4; ++i) {
    snapshot* before = snapshot_take();
    swr_reader* r = opened("unlike.mhd");
    swr_writer* w = writer_to("a.mhd");
    set_image(w, &v);
    assert_ok(w, swr_set_compression(w, compressions[i / 2], 6));
    assert_status(w, i % 2 ? SWR_ERROR_SOURCE : SWR_ERROR_EXISTS, write_from(w, r, i % 2));
    assert_non_null(strstr(swr_writer_message(w), "a.raw"));
    swr_writer_destroy(w);
    swr_reader_destroy(r);
    assert_unchanged(before);
    snapshot_free(before);
  }
  volume_free(&v);
}

int main(void) {
  const uint32_t needs = SWR_CAN_STREAM | SWR_CAN_PASTE;
  TEST_EACH(a_paste_from_the_same_file_changes_no_pixel, needs);
  TEST_EACH(an_image_that_replaces_itself_is_the_same, SWR_CAN_STREAM);
  TEST(pixels_that_would_move_under_the_source_are_refused);
  TEST(a_source_is_known_by_the_file_that_it_has_open);
  TEST(a_growing_image_does_not_read_itself_through_another_header);
  TEST(pixels_elsewhere_in_the_same_file_are_read);
  TEST(another_header_of_the_same_pixels_is_a_source);
  TEST(a_data_file_that_the_source_reads_is_not_replaced);
  return run_all_tests("own_source");
}
