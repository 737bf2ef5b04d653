/* Existing Zarr arrays that change: which files of a folder a paste and a growth write. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checked/checked.h"
#include "support/side_by_side.h"
#include "support/support.h"

static const char* const path = "image.zarr";
static const char* const versions[] = {"2", "3"};

static void make(const volume* v, const char* version, const char* codec, const char* shape) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, v);
  assert_ok(w, swr_set_compression(w, codec, 3));
  assert_ok(w, swr_set_option(w, "zarr.version", version));
  assert_ok(w, swr_set_option(w, "chunk.shape", shape));
  source s = source_of(v);
  assert_ok(w, swr_write(w, pull_source, &s));
  source_free(&s);
  swr_writer_destroy(w);
}

static volume small(uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, 13, 11, 7);
  return volume_pattern(&region, SWR_UINT16, 1, seed);
}

/* Pastes the pixels of `from` in the box, and expects the status, also of swr_check(). */
static void paste(const volume* from, const swr_region* box, swr_status expected,
                  const char* words) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, from);
  assert_ok(w, swr_set_paste_region(w, box));
  source s = source_of(from);
  const swr_status status = swr_write(w, pull_source, &s);
  assert_int_equal(status, expected);
  if (words) assert_says(swr_writer_message(w), words);
  source_free(&s);
  swr_writer_destroy(w);
}

static swr_writer* extending_writer(const volume* v, const swr_region* box) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  assert_ok(w, swr_set_paste_region(w, box));
  return w;
}

static void extend(const volume* v, const swr_region* box) {
  swr_writer* w = extending_writer(v, box);
  source s = source_of(v);
  assert_ok(w, swr_write(w, pull_source, &s));
  assert_int_equal(statistic(w, SWR_STATISTIC_METHOD), SWR_METHOD_IN_PLACE);
  source_free(&s);
  swr_writer_destroy(w);
}

/* The chunk at these numbers, the slowest axis first. */
static const char* chunk_at(int is_new, int z, int y, int x) {
  static char name[64];
  snprintf(name, sizeof name, is_new ? "image.zarr/0/c/%d/%d/%d" : "image.zarr/0/%d/%d/%d", z, y,
           x);
  return name;
}

enum { chunks_z = 3, chunks_y = 3, chunks_x = 4 }; /* of 4 x 4 x 3 in small() */

static void note_files(int is_new, uint64_t numbers[chunks_z][chunks_y][chunks_x]) {
  for (int z = 0; z < chunks_z; ++z) {
    for (int y = 0; y < chunks_y; ++y) {
      for (int x = 0; x < chunks_x; ++x) numbers[z][y][x] = file_number(chunk_at(is_new, z, y, x));
    }
  }
}

static void only_the_files_of_chunks_that_change_are_replaced(void** state) {
  (void)state;
  for (int is_new = 0; is_new < 2; ++is_new) {
    static const char* const metadata[2][3] = {
        {"image.zarr/0/.zarray", "image.zarr/.zattrs", "image.zarr/.zgroup"},
        {"image.zarr/0/zarr.json", "image.zarr/zarr.json", "image.zarr/zarr.json"}};
    volume v = small(1), other = small(2);
    make(&v, versions[is_new], "deflate", "4,4,3");
    uint64_t before[chunks_z][chunks_y][chunks_x], after[chunks_z][chunks_y][chunks_x], header[3];
    note_files(is_new, before);
    for (int i = 0; i < 3; ++i) header[i] = file_number(metadata[is_new][i]);
    /* Whole chunks along x, parts along y and z. */
    const swr_region box = region_3d(4, 3, 2, 8, 3, 2);
    paste(&other, &box, SWR_OK, NULL);
    volume_copy(&v, &other, &box);
    assert_file_holds(path, &v);
    note_files(is_new, after);
    for (int z = 0; z < chunks_z; ++z) {
      for (int y = 0; y < chunks_y; ++y) {
        for (int x = 0; x < chunks_x; ++x) {
          const int changes = z < 2 && y < 2 && x >= 1 && x < 3;
          assert_int_equal(before[z][y][x] != after[z][y][x], changes);
        }
      }
    }
    for (int i = 0; i < 3; ++i) assert_true(header[i] == file_number(metadata[is_new][i]));
    volume_free(&v);
    volume_free(&other);
    clear_folder();
  }
}

static void paste_that_fails_leaves_every_file(void** state) {
  (void)state;
  volume v = small(1), other = small(2);
  make(&v, "2", "zstd", "4,4,3");
  snapshot* before = snapshot_take();
  const uint64_t chunk = file_number(chunk_at(0, 1, 1, 1));
  const swr_region box = region_3d(1, 1, 1, 10, 9, 5);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, &other);
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_set_divisions(w, 5));
  source s = source_of(&other);
  s.fail_at = 3;
  s.fail_with = 7;
  assert_status(w, SWR_ERROR_SOURCE, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  assert_unchanged(before);
  assert_true(chunk == file_number(chunk_at(0, 1, 1, 1)));
  snapshot_free(before);
  volume_free(&v);
  volume_free(&other);
}

static void damaged_chunk_is_replaced_unread_if_all_of_it_is_new(void** state) {
  (void)state;
  volume v = small(1), other = small(2);
  make(&v, "3", "zstd", "4,4,3");
  save_file(chunk_at(1, 1, 1, 1), "no chunk", 8);
  snapshot* before = snapshot_take();
  const swr_region part = region_3d(4, 4, 3, 4, 4, 2), all = region_3d(4, 4, 3, 4, 4, 3);
  paste(&other, &part, SWR_ERROR_CORRUPT, "0/c/1/1/1");
  assert_unchanged(before);
  paste(&other, &all, SWR_OK, NULL);
  volume_copy(&v, &other, &all);
  assert_file_holds(path, &v);
  snapshot_free(before);
  volume_free(&v);
  volume_free(&other);
}

/* The fill value of new files is 0. */
static void chunks_without_a_file_get_one_where_pixels_come(void** state) {
  (void)state;
  for (int is_new = 0; is_new < 2; ++is_new) {
    volume v = small(1), other = small(2);
    make(&v, versions[is_new], "none", "4,4,3");
    /* Of the slowest chunks no folder remains. */
    char folder[64];
    snprintf(folder, sizeof folder, "image.zarr/0/%s2", is_new ? "c/" : "");
    remove_tree(folder);
    assert_int_equal(unlink(chunk_at(is_new, 0, 0, 0)), 0);
    const swr_region absent = region_3d(0, 0, 6, 13, 11, 1), corner = region_3d(0, 0, 0, 4, 4, 3);
    volume zeros = volume_new(&v.region, SWR_UINT16, 1);
    volume_copy(&v, &zeros, &absent);
    volume_copy(&v, &zeros, &corner);
    assert_file_holds(path, &v);
    const swr_region box = region_3d(6, 1, 5, 3, 2, 2);
    paste(&other, &box, SWR_OK, NULL);
    volume_copy(&v, &other, &box);
    assert_file_holds(path, &v);
    assert_true(file_exists(chunk_at(is_new, 2, 0, 1)));
    assert_true(file_exists(chunk_at(is_new, 2, 0, 2)));
    assert_false(file_exists(chunk_at(is_new, 2, 1, 1)));
    assert_false(file_exists(chunk_at(is_new, 0, 0, 0)));
    volume_free(&zeros);
    volume_free(&v);
    volume_free(&other);
    clear_folder();
  }
}

static void image_grows_at_the_end_of_any_axis(void** state) {
  (void)state;
  static const swr_region boxes[] = {{3, 0, {13, 0, 0}, {2, 11, 7}},
                                     {3, 0, {0, 11, 0}, {15, 6, 7}},
                                     {3, 0, {0, 0, 7}, {15, 17, 1}},
                                     {3, 0, {3, 5, 4}, {20, 14, 9}}};
  for (int is_new = 0; is_new < 2; ++is_new) {
    volume v = small(1);
    make(&v, versions[is_new], "deflate", "4,4,3");
    for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; ++i) {
      swr_region grown = v.region;
      for (int axis = 0; axis < 3; ++axis) {
        const int64_t end = boxes[i].index[axis] + boxes[i].size[axis];
        if (end > grown.size[axis]) grown.size[axis] = end;
      }
      volume other = volume_pattern(&grown, SWR_UINT16, 1, 10 + i);
      volume now = volume_new(&grown, SWR_UINT16, 1);
      volume_copy(&now, &v, &v.region);
      volume_copy(&now, &other, &boxes[i]);
      extend(&other, &boxes[i]);
      assert_file_holds(path, &now);
      volume_free(&other);
      volume_free(&v);
      v = now;
    }
    volume_free(&v);
    clear_folder();
  }
}

static void replace_in_file(const char* file, const char* old, const char* now) {
  int64_t bytes = 0;
  char* text = (char*)load_file(file, &bytes);
  assert_non_null(text);
  char* const at = strstr(text, old);
  assert_non_null(at);
  char* const changed = malloc((size_t)bytes + strlen(now) + 1);
  assert_non_null(changed);
  const int length = sprintf(changed, "%.*s%s%s", (int)(at - text), text, now, at + strlen(old));
  save_file(file, changed, length);
  free(changed);
  free(text);
}

static void growth_changes_nothing_of_the_metadata_but_the_shape(void** state) {
  (void)state;
  volume v = small(1);
  make(&v, "3", "none", "4,4,3");
  replace_in_file("image.zarr/0/zarr.json", "\"attributes\": {}",
                  "\"attributes\": {\"a\" :[1,  2.50]}");
  int64_t bytes = 0;
  char* const expected = (char*)load_file("image.zarr/0/zarr.json", &bytes);
  char* const group = (char*)load_file("image.zarr/zarr.json", NULL);
  char* const shape = strstr(expected, "7, 11, 13");
  assert_non_null(shape);
  const swr_region grown = region_3d(0, 0, 0, 13, 11, 8), box = region_3d(0, 0, 7, 13, 11, 1);
  volume other = volume_pattern(&grown, SWR_UINT16, 1, 2);
  extend(&other, &box);
  shape[0] = '8';
  char* const found = (char*)load_file("image.zarr/0/zarr.json", NULL);
  assert_string_equal(found, expected);
  char* const group_now = (char*)load_file("image.zarr/zarr.json", NULL);
  assert_string_equal(group_now, group);
  free(found);
  free(group_now);
  free(expected);
  free(group);
  volume_free(&v);
  volume_free(&other);
}

/* Other programs leave chunks beyond the end when they make an array smaller. */
static void growth_does_not_bring_back_what_was_beyond_the_end(void** state) {
  (void)state;
  volume v = small(1);
  make(&v, "2", "none", "4,4,3");
  replace_in_file("image.zarr/0/.zarray", "7, 11, 13", "4, 11, 13");
  swr_region kept = v.region, box = region_3d(0, 0, 6, 13, 11, 1);
  kept.size[2] = 4;
  volume expected = volume_new(&v.region, SWR_UINT16, 1);
  volume_copy(&expected, &v, &kept);
  volume other = small(2);
  volume_copy(&expected, &other, &box);
  extend(&other, &box);
  assert_file_holds(path, &expected);
  volume_free(&v);
  volume_free(&other);
  volume_free(&expected);
}

static void copies_of_the_metadata_refuse_growth_and_no_paste(void** state) {
  (void)state;
  for (int is_new = 0; is_new < 2; ++is_new) {
    volume v = small(1), other = small(2);
    make(&v, versions[is_new], "none", "4,4,3");
    if (is_new) {
      replace_in_file(
          "image.zarr/zarr.json", "\"zarr_format\"",
          "\"consolidated_metadata\": {\"kind\": \"inline\", \"must_understand\": false, "
          "\"metadata\": {}}, \"zarr_format\"");
    } else {
      save_file("image.zarr/.zmetadata", "{}", 2);
    }
    snapshot* before = snapshot_take();
    const swr_region grown = region_3d(0, 0, 0, 13, 11, 8), more = region_3d(0, 0, 7, 13, 11, 1);
    volume larger = volume_pattern(&grown, SWR_UINT16, 1, 2);
    swr_writer* w = extending_writer(&larger, &more);
    source s = source_of(&larger);
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_write(w, pull_source, &s));
    assert_says(swr_writer_message(w), "consolidated");
    assert_int_equal(s.pulls, 0);
    source_free(&s);
    swr_writer_destroy(w);
    assert_unchanged(before);
    const swr_region box = region_3d(1, 2, 3, 4, 5, 4);
    paste(&other, &box, SWR_OK, NULL);
    volume_copy(&v, &other, &box);
    assert_file_holds(path, &v);
    snapshot_free(before);
    volume_free(&larger);
    volume_free(&other);
    volume_free(&v);
    clear_folder();
  }
}

/* A growth at the low side, and another compression. */
static swr_writer* rewriting_writer(int number, const volume* v) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  if (number == 0) {
    const swr_region lower = region_3d(-2, 0, 0, 15, 11, 7);
    assert_ok(w, swr_set_image_region(w, &lower));
  } else {
    assert_ok(w, swr_set_compression(w, "none", 0));
  }
  return w;
}

static void folder_that_is_written_again_keeps_its_form(void** state) {
  (void)state;
  for (int is_new = 0; is_new < 2; ++is_new) {
    for (int number = 0; number < 2; ++number) {
      volume v = small(1);
      make(&v, versions[is_new], "deflate", "4,4,3");
      swr_writer* w = rewriting_writer(number, &v);
      swr_method method = SWR_METHOD_CREATE;
      assert_ok(w, swr_get_method(w, &method, NULL, NULL));
      assert_int_equal(method, SWR_METHOD_REWRITE);
      swr_region region = v.region;
      if (number == 0) region = region_3d(-2, 0, 0, 15, 11, 7);
      volume other = volume_pattern(&region, SWR_UINT16, 1, 2);
      assert_ok(w, swr_write(w, pull_volume, &other));
      swr_writer_destroy(w);
      assert_file_holds(path, &other);
      char* const header =
          (char*)load_file(is_new ? "image.zarr/0/zarr.json" : "image.zarr/0/.zarray", NULL);
      assert_non_null(header);
      assert_int_equal(strstr(header, is_new ? "gzip" : "zlib") != NULL, number == 0);
      assert_non_null(strstr(header, "3, 4, 4"));
      assert_file_count(1);
      free(header);
      volume_free(&other);
      volume_free(&v);
      clear_folder();
    }
  }
}

static void expect_no_rewrite(const volume* v, const char* words) {
  snapshot* before = snapshot_take();
  for (int number = 0; number < 2; ++number) {
    swr_writer* w = rewriting_writer(number, v);
    source s = source_of(v);
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
    assert_status(w, SWR_ERROR_UNSUPPORTED, swr_write(w, pull_source, &s));
    assert_says(swr_writer_message(w), words);
    assert_int_equal(s.pulls, 0);
    source_free(&s);
    swr_writer_destroy(w);
  }
  assert_unchanged(before);
  snapshot_free(before);
}

static void folder_with_more_than_an_image_holds_is_not_written_again(void** state) {
  (void)state;
  volume v = small(1);
  make(&v, "2", "zstd", "4,4,3");
  replace_in_file("image.zarr/.zattrs", "{", "{\"omero\": {}, ");
  expect_no_rewrite(&v, "omero");
  make(&v, "2", "zstd", "4,4,3");
  save_file("image.zarr/0/.zattrs", "{\"a\": 1}", 8);
  expect_no_rewrite(&v, "image.zarr/0");
  make(&v, "2", "zstd", "4,4,3");
  assert_int_equal(rename(path, "other.zarr"), 0);
  make(&v, "2", "zstd", "4,4,3");
  assert_int_equal(rename("other.zarr/0", "image.zarr/labels"), 0);
  expect_no_rewrite(&v, "labels");
  clear_folder();
  make(&v, "3", "zstd", "4,4,3");
  replace_in_file("image.zarr/0/zarr.json", "\"attributes\": {}", "\"attributes\": {\"a\": 1}");
  expect_no_rewrite(&v, "image.zarr/0");
  volume_free(&v);
}

/* Debian's libblosc has no Snappy. */
static void chunks_of_a_compressor_that_blosc_lacks_are_not_changed(void** state) {
  (void)state;
  volume v = small(1);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, &v);
  assert_ok(w, swr_set_compression(w, "blosc", 3));
  const int has_blosc = swr_check(w) == SWR_OK;
  swr_writer_destroy(w);
  if (!has_blosc) {
    volume_free(&v);
    skip();
  }
  make(&v, "2", "blosc", "4,4,3");
  replace_in_file("image.zarr/0/.zarray", "\"zstd\"", "\"snappy\"");
  snapshot* before = snapshot_take();
  w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, &v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  source s = source_of(&v);
  const swr_status status = swr_write(w, pull_source, &s);
  if (status != SWR_OK) { /* this libblosc lacks it */
    assert_int_equal(status, SWR_ERROR_UNSUPPORTED);
    assert_says(swr_writer_message(w), "blosc");
    assert_int_equal(s.pulls, 0);
    assert_unchanged(before);
  }
  source_free(&s);
  swr_writer_destroy(w);
  snapshot_free(before);
  volume_free(&v);
}

/* Those of Zstandard go to 22; Blosc has 0, which stores the bytes as they are. */
static void levels_that_deflate_has_not_are_kept(void** state) {
  (void)state;
  static const char* const codec[] = {"zstd", "blosc"};
  static const char* const fields[][2] = {{"\"level\": 3", "\"level\": 13"},
                                          {"\"clevel\": 3", "\"clevel\": 0"}};
  for (int number = 0; number < 2; ++number) {
    volume v = small(1), other = small(2);
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, path));
    describe(w, &v);
    assert_ok(w, swr_set_compression(w, codec[number], 3));
    const int is_there = swr_check(w) == SWR_OK;
    swr_writer_destroy(w);
    if (is_there) {
      make(&v, "2", codec[number], "4,4,3");
      replace_in_file("image.zarr/0/.zarray", fields[number][0], fields[number][1]);
      const swr_region box = region_3d(1, 2, 3, 4, 5, 4);
      paste(&other, &box, SWR_OK, NULL);
      volume_copy(&v, &other, &box);
      assert_file_holds(path, &v);
    }
    volume_free(&v);
    volume_free(&other);
    clear_folder();
  }
}

static void old_pixels_of_a_folder_are_not_erased(void** state) {
  (void)state;
  volume v = small(1);
  make(&v, "2", "zstd", "4,4,3");
  snapshot* before = snapshot_take();
  const swr_region box = region_3d(1, 2, 3, 4, 5, 4);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  describe(w, &v);
  assert_ok(w, swr_set_option(w, "erase", "on"));
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_status(w, SWR_ERROR_UNSUPPORTED, swr_check(w));
  assert_says(swr_writer_message(w), "cannot be erased");
  swr_writer_destroy(w);
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&v);
}

/* Every process meets no chunk of another one. */
static int paste_pieces_of_chunks(const char* where, const volume* v, int rank) {
  return paste_pieces(where, v, rank, 5, 3);
}

static void processes_that_share_chunks_lose_no_pixel(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 24, 9, 5);
  volume v = shared_volume(&region), zeros = volume_new(&region, SWR_UINT16, 1);
  for (int is_new = 0; is_new < 2; ++is_new) {
    make(&zeros, versions[is_new], "deflate", "16,4,3");
    run_side_by_side(paste_columns, path, &region);
    assert_file_holds(path, &v);
    clear_folder();
  }
  volume_free(&v);
  volume_free(&zeros);
}

static void allocated_image_has_metadata_alone(void** state) {
  (void)state;
  const swr_region huge = region_3d(0, 0, 0, 1 << 20, 1 << 20, 1 << 12),
                   box = region_3d(5, 6, 7, 3, 2, 1);
  for (int is_new = 0; is_new < 2; ++is_new) {
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, path));
    assert_ok(w, swr_set_image_region(w, &huge));
    assert_ok(w, swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR));
    assert_ok(w, swr_set_option(w, "zarr.version", versions[is_new]));
    assert_ok(w, swr_set_fill_value(w, -7));
    checks_off("the image has terabytes");
    assert_ok(w, swr_allocate(w));
    checks_on();
    swr_writer_destroy(w);
    assert_false(file_exists(chunk_at(is_new, 0, 0, 0)));
    volume v = volume_new(&box, SWR_INT16, 1), got = volume_new(&box, SWR_INT16, 1);
    volume_fill(&v, -7);
    swr_reader* r = swr_reader_create();
    assert_reader_ok(r, swr_reader_open(r, path));
    assert_reader_ok(r, swr_reader_read(r, &box, got.bytes, volume_bytes(&got)));
    assert_volume_equal(&got, &v);
    swr_reader_destroy(r);
    volume_free(&v);
    volume_free(&got);
    clear_folder();
  }
}

static void pieces_of_whole_chunks_are_pasted_side_by_side(void** state) {
  (void)state;
  const swr_region region = region_3d(0, 0, 0, 24, 9, 11);
  volume v = shared_volume(&region);
  for (int is_new = 0; is_new < 2; ++is_new) {
    swr_writer* w = swr_writer_create();
    assert_ok(w, swr_set_path(w, path));
    describe(w, &v);
    assert_ok(w, swr_set_option(w, "zarr.version", versions[is_new]));
    assert_ok(w, swr_set_option(w, "chunk.shape", "16,4,3"));
    assert_ok(w, swr_allocate(w));
    swr_writer_destroy(w);
    run_side_by_side(paste_pieces_of_chunks, path, &region);
    assert_file_holds(path, &v);
    clear_folder();
  }
  volume_free(&v);
}

int main(int argc, char** argv) {
  static const process_share shares[] = {paste_columns, paste_pieces_of_chunks, NULL};
  act_as_share(argc, argv, shares);
  TEST(only_the_files_of_chunks_that_change_are_replaced);
  TEST(paste_that_fails_leaves_every_file);
  TEST(damaged_chunk_is_replaced_unread_if_all_of_it_is_new);
  TEST(chunks_without_a_file_get_one_where_pixels_come);
  TEST(image_grows_at_the_end_of_any_axis);
  TEST(growth_changes_nothing_of_the_metadata_but_the_shape);
  TEST(growth_does_not_bring_back_what_was_beyond_the_end);
  TEST(copies_of_the_metadata_refuse_growth_and_no_paste);
  TEST(folder_that_is_written_again_keeps_its_form);
  TEST(folder_with_more_than_an_image_holds_is_not_written_again);
  TEST(old_pixels_of_a_folder_are_not_erased);
  TEST(processes_that_share_chunks_lose_no_pixel);
  TEST(allocated_image_has_metadata_alone);
  TEST(levels_that_deflate_has_not_are_kept);
  TEST(chunks_of_a_compressor_that_blosc_lacks_are_not_changed);
  TEST(pieces_of_whole_chunks_are_pasted_side_by_side);
  return run_all_tests("zarr changes");
}
