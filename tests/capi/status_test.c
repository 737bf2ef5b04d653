/* Statuses: numbers and names never change, and each one can be reached. */
#include <stdio.h>
#include <string.h>

#include "sanitized.h"
#include "support/support.h"

static void numbers_and_names_are_pinned(void** state) {
  (void)state;
  const char* names[] = {"OK",
                         "CANCELLED",
                         "ERROR_ARGUMENT",
                         "ERROR_STATE",
                         "ERROR_MEMORY",
                         "ERROR_MEMORY_LIMIT",
                         "ERROR_IO",
                         "ERROR_NOT_FOUND",
                         "ERROR_EXISTS",
                         "ERROR_FORMAT",
                         "ERROR_CORRUPT",
                         "ERROR_UNSUPPORTED",
                         "ERROR_MISMATCH",
                         "ERROR_REGION",
                         "ERROR_SOURCE",
                         "ERROR_SOURCE_REGION",
                         "ERROR_INCOMPLETE",
                         "ERROR_CONVERSION",
                         "ERROR_INTERNAL",
                         "ERROR_BUSY"};
  for (int i = 0; i < 20; ++i) {
    assert_string_equal(swr_status_name((swr_status)i), names[i]);
    const char* text = swr_status_text((swr_status)i);
    assert_true(strlen(text) > 0 && text[strlen(text) - 1] != '.');
  }
  assert_int_equal(SWR_ERROR_INTERNAL, 18);
  assert_int_equal(SWR_ERROR_BUSY, 19);
  assert_int_equal(sizeof(swr_status), 4);
}

static void other_numbers_are_pinned(void** state) {
  (void)state;
  const char* types[] = {"uint8", "int8",   "uint16", "int16",   "uint32",
                         "int32", "uint64", "int64",  "float32", "float64"};
  const int32_t bytes[] = {1, 1, 2, 2, 4, 4, 8, 8, 4, 8};
  for (int i = 0; i < 10; ++i) {
    assert_string_equal(swr_component_name((swr_component)(i + 1)), types[i]);
    assert_int_equal(swr_component_bytes((swr_component)(i + 1)), bytes[i]);
    assert_int_equal(swr_component_from_name(types[i]), i + 1);
  }
  assert_string_equal(swr_component_name(SWR_COMPONENT_UNKNOWN), "unknown");
  const char* kinds[] = {"scalar", "vector", "rgb", "rgba", "complex"};
  for (int i = 0; i < 5; ++i) assert_string_equal(swr_kind_name((swr_kind)i), kinds[i]);
  assert_int_equal(sizeof(swr_region), 8 + 16 * 16);
  assert_int_equal(SWR_STATISTIC_FRAMES_KEPT, 18);
  assert_int_equal(SWR_STATISTIC_CHECKPOINTS, 19);
  assert_int_equal(SWR_STATISTIC_RESUMED, 20);
  assert_int_equal(SWR_STATISTIC_COUNT, 21);
  int major, minor, patch;
  assert_int_equal(sscanf(swr_version(), "%d.%d.%d", &major, &minor, &patch), 3);
}

static void every_format_names_its_suffixes_and_capabilities(void** state) {
  (void)state;
  assert_true(swr_format_count() >= 3);
  for (int32_t i = 0; i < swr_format_count(); ++i) {
    const char* name = swr_format_name(i);
    uint32_t flags = 0;
    int32_t least = 0, most = 0;
    assert_true(swr_format_suffixes(name)[0] == '.');
    assert_int_equal(swr_format_capabilities(name, &flags), SWR_OK);
    assert_true(flags & SWR_CAN_READ);
    assert_int_equal(swr_format_dimensions(name, &least, &most), SWR_OK);
    assert_in_range(least, 1, most);
    assert_in_range(most, 3, SWR_MAX_DIMENSIONS);
  }
}

static volume small(void) {
  const swr_region region = region_3d(0, 0, 0, 4, 4, 4);
  return volume_pattern(&region, SWR_UINT8, 1, 1);
}

/* Writes and expects; a message goes with everything but OK. */
static void write_expecting(swr_writer* w, source* s, swr_status expected) {
  assert_status(w, expected, swr_write(w, pull_source, s));
  if (expected == SWR_OK) {
    assert_string_equal(swr_writer_message(w), "");
  } else {
    assert_true(strlen(swr_writer_message(w)) > 0);
  }
}

static void ok_cancelled_and_the_sources_statuses_are_reached(void** state) {
  const test_case* t = *state;
  volume v = small();
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&v);
  write_expecting(w, &s, SWR_OK);
  s = source_of(&v);
  s.fail_at = 0;
  s.fail_with = SWR_CANCELLED;
  write_expecting(w, &s, SWR_CANCELLED);
  s = source_of(&v);
  s.fail_at = 0;
  s.fail_with = 1234;
  s.words = "the detector is on fire";
  write_expecting(w, &s, SWR_ERROR_SOURCE);
  assert_says(swr_writer_message(w), "the detector is on fire");
  s = source_of(&v);
  s.how = LENDS_SHORT;
  write_expecting(w, &s, SWR_ERROR_SOURCE_REGION);
  source_free(&s);
  s = source_of(&v);
  write_expecting(w, &s, SWR_OK);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void argument_and_state_are_reached(void** state) {
  const test_case* t = *state;
  volume v = small();
  swr_writer* w = writer_for(t, &v);
  assert_status(w, SWR_ERROR_ARGUMENT, swr_set_threads(w, -1));
  assert_true(strlen(swr_writer_message(w)) > 0);
  assert_status(w, SWR_ERROR_STATE, swr_finish(w));
  assert_true(strlen(swr_writer_message(w)) > 0);
  swr_writer_destroy(w);
  volume_free(&v);
}

static void memory_limit_is_reached(void** state) {
  (void)state;
  const swr_region vast = region_3d(0, 0, 0, 4096, 4096, 4096);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, "vast.mha"));
  assert_ok(w, swr_set_image_region(w, &vast));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_memory_limit(w, 1 << 20));
  assert_ok(w, swr_set_divisions(w, 1));
  assert_status(w, SWR_ERROR_MEMORY_LIMIT, swr_check(w));
  swr_writer_destroy(w);
}

static void io_and_not_found_are_reached(void** state) {
  (void)state;
  volume v = small();
  char name[300];
  memset(name, 'n', sizeof name);
  strcpy(name + sizeof name - 5, ".mha");
  test_case through_a_file = {.path = "file/image.mha"},
            no_folder = {.path = "no-folder/image.mha"};
  save_file("file", "x", 1);
  source s = source_of(&v);
  swr_writer* w = writer_for(&no_folder, &v);
  assert_ok(w, swr_set_path(w, name));
#ifdef _WIN32 /* as wine has it: such a name is not there */
  write_expecting(w, &s, SWR_ERROR_NOT_FOUND);
#else
  write_expecting(w, &s, SWR_ERROR_IO);
#endif
  assert_says(swr_writer_message(w), name);
  swr_writer_destroy(w);
  w = writer_for(&through_a_file, &v);
  write_expecting(w, &s, SWR_ERROR_NOT_FOUND);
  assert_says(swr_writer_message(w), "file/image.mha");
  swr_writer_destroy(w);
  w = writer_for(&no_folder, &v);
  write_expecting(w, &s, SWR_ERROR_NOT_FOUND);
  assert_says(swr_writer_message(w), "no-folder");
  swr_writer_destroy(w);
  swr_reader* r = swr_reader_create();
  assert_reader_status(r, SWR_ERROR_NOT_FOUND, swr_reader_open(r, "missing.mha"));
  assert_says(swr_reader_message(r), "missing.mha");
  assert_reader_status(r, SWR_ERROR_UNSUPPORTED, swr_reader_open(r, ".")); /* a folder is no file */
  swr_reader_destroy(r);
  assert_file_count(1);
  volume_free(&v);
}

static void exists_mismatch_region_and_incomplete_are_reached(void** state) {
  const test_case* t = *state;
  volume v = small();
  make_file(t, &v);
  source s = source_of(&v);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_FAIL));
  write_expecting(w, &s, SWR_ERROR_EXISTS);
  assert_says(swr_writer_message(w), t->path);
  const double spacing[] = {1, 2, 3};
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_ok(w, swr_set_spacing(w, spacing, 3));
  write_expecting(w, &s, SWR_ERROR_MISMATCH);
  swr_writer_destroy(w);
  w = writer_for(t, &v);
  const swr_region outside = region_3d(2, 2, 2, 4, 4, 4);
  const swr_status set = swr_set_paste_region(w, &outside);
  assert_int_equal(set == SWR_OK ? swr_check(w) : set, SWR_ERROR_REGION);
  swr_writer_destroy(w);
  w = writer_for(t, &v);
  assert_ok(w, swr_begin(w));
  assert_status(w, SWR_ERROR_INCOMPLETE, swr_finish(w));
  swr_writer_destroy(w);
  volume_free(&v);
}

static void format_corrupt_and_unsupported_are_reached(void** state) {
  (void)state;
  volume v = small();
  test_case unknown = {.path = "image.xyz"};
  source s = source_of(&v);
  swr_writer* w = writer_for(&unknown, &v);
  write_expecting(w, &s, SWR_ERROR_FORMAT);
  swr_writer_destroy(w);
  save_file("text.txt", "no image at all", 15);
  const char lying[] =
      "ObjectType = Image\nNDims = 2\nDimSize = 100 100\nElementType = MET_UCHAR\nElementDataFile "
      "= LOCAL\nshort";
  save_file("lying.mha", lying, sizeof lying - 1);
  swr_reader* r = swr_reader_create();
  assert_reader_status(r, SWR_ERROR_FORMAT, swr_reader_open(r, "text.txt"));
  assert_reader_status(r, SWR_ERROR_CORRUPT, swr_reader_open(r, "lying.mha"));
  assert_says(swr_reader_message(r), "lying.mha");
  swr_reader_destroy(r);
  int64_t size[16];
  for (int i = 0; i < 16; ++i) size[i] = 1;
  const swr_region many = region_nd(16, NULL, size);
  volume sixteen = volume_new(&many, SWR_UINT8, 1);
  test_case nifti = {.path = "image.nii"};
  w = writer_for(&nifti, &sixteen);
  s = source_of(&sixteen);
  write_expecting(w, &s, SWR_ERROR_UNSUPPORTED);
  assert_int_equal(s.pulls, 0);
  swr_writer_destroy(w);
  volume_free(&sixteen);
  volume_free(&v);
}

static void conversion_is_reached(void** state) {
  const test_case* t = *state;
  volume v = small();
  const swr_region region = v.region;
  volume deep = volume_new(&region, SWR_INT16, 1);
  volume_fill(&deep, 300);
  swr_writer* w = writer_for(t, &v);
  source s = source_of(&deep);
  assert_ok(w, swr_set_source_type(w, SWR_INT16));
  write_expecting(w, &s, SWR_ERROR_MISMATCH);
  assert_ok(w, swr_set_conversion(w, SWR_CONVERSION_EXACT));
  write_expecting(w, &s, SWR_ERROR_CONVERSION);
  assert_file_count(0);
  swr_writer_destroy(w);
  volume_free(&deep);
  volume_free(&v);
}

/* More than the address space holds; the buffer is asked for inside the pull. */
static int32_t ask_for_the_buffer(swr_piece* piece, void* user) {
  (void)user;
  return swr_piece_buffer(piece) ? SWR_OK : SWR_ERROR_MEMORY;
}

static void memory_is_reached(void** state) {
  (void)state;
#if SANITIZED
  skip();
#endif
  const swr_region vast = region_3d(0, 0, 0, 1 << 20, 1 << 20, 1 << 10);
  const swr_region part = region_3d(0, 0, 0, 1 << 20, 1 << 20, 1 << 9);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, "vast.mha"));
  assert_ok(w, swr_set_image_region(w, &vast));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_paste_region(w, &part));
  assert_ok(w, swr_set_memory_limit(w, INT64_C(1) << 60));
  assert_ok(w, swr_set_divisions(w, 1));
  const swr_status status = swr_write(w, ask_for_the_buffer, NULL);
  /* A file system without room for a petabyte may refuse earlier. */
  if (status != SWR_ERROR_IO) assert_int_equal(status, SWR_ERROR_MEMORY);
  assert_file_count(0);
  swr_writer_destroy(w);
}

int main(void) {
  TEST(numbers_and_names_are_pinned);
  TEST(other_numbers_are_pinned);
  TEST(every_format_names_its_suffixes_and_capabilities);
  TEST(ok_cancelled_and_the_sources_statuses_are_reached);
  TEST(argument_and_state_are_reached);
  TEST(memory_limit_is_reached);
  TEST(io_and_not_found_are_reached);
  TEST(exists_mismatch_region_and_incomplete_are_reached);
  TEST(format_corrupt_and_unsupported_are_reached);
  TEST(conversion_is_reached);
  TEST(memory_is_reached);
  return run_all_tests("status");
}
