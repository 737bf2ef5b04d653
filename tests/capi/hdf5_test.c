/* HDF5 through the public interface: which dataset is meant, its element sizes, and what a library
 * without HDF5 says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static int has_hdf5(void) {
  return swr_format_suffixes("HDF5") != NULL;
}

static void take_sample(const char* name) {
  char path[1024];
  int64_t bytes;
  snprintf(path, sizeof path, "%s/%s", SWR_TEST_DATA, name);
  unsigned char* content = load_file(path, &bytes);
  assert_non_null(content);
  save_file(name, content, bytes);
  free(content);
}

static swr_reader* reader_of(const char* dataset) {
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_set_option(r, "hdf5.dataset", dataset));
  return r;
}

static void expect_spacing(const char* path, const char* dataset, const double expected[3]) {
  double spacing[3];
  swr_reader* r = reader_of(dataset);
  assert_reader_ok(r, swr_reader_open(r, path));
  assert_reader_ok(r, swr_reader_get_spacing(r, spacing, 3));
  for (int axis = 0; axis < 3; ++axis)
    assert_true(spacing[axis] > expected[axis] * (1 - 1e-12) &&
                spacing[axis] < expected[axis] * (1 + 1e-12));
  swr_reader_destroy(r);
}

static void without_hdf5_its_files_are_refused_with_the_reason(void** state) {
  (void)state;
  if (has_hdf5()) skip();
  take_sample("plain_int8.h5");
  swr_reader* r = swr_reader_create();
  assert_reader_status(r, SWR_ERROR_UNSUPPORTED, swr_reader_open(r, "plain_int8.h5"));
  assert_says(swr_reader_message(r), "this build of swr has no HDF5");
  swr_reader_destroy(r);
  const swr_region region = region_3d(0, 0, 0, 2, 2, 2);
  volume v = volume_pattern(&region, SWR_UINT8, 1, 1);
  source s = source_of(&v);
  swr_writer* w = swr_writer_create();
  assert_status(w, SWR_ERROR_UNSUPPORTED, swr_set_format(w, "hdf5"));
  assert_says(swr_writer_message(w), "this build of swr has no HDF5");
  assert_ok(w, swr_set_path(w, "new.h5"));
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
  assert_status(w, SWR_ERROR_UNSUPPORTED, swr_write(w, pull_source, &s));
  assert_says(swr_writer_message(w), "new.h5: this build of swr has no HDF5");
  assert_false(file_exists("new.h5"));
  swr_writer_destroy(w);
  volume_free(&v);
  clear_folder();
}

static void dataset_of_a_new_file_has_the_path_and_the_sizes_that_are_asked_for(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  const swr_region region = region_3d(0, 0, 0, 6, 5, 4);
  const double spacing[3] = {0.0007, 0.5, 2.5};
  volume v = volume_pattern(&region, SWR_UINT16, 1, 1);
  source s = source_of(&v);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, "new.h5"));
  assert_ok(w, swr_set_image_region(w, &region));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_spacing(w, spacing, 3));
  assert_ok(w, swr_set_option(w, "hdf5.dataset", "entry//data/"));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  assert_file_holds("new.h5", &v);
  expect_spacing("new.h5", "/entry/data", spacing);
  expect_spacing("new.h5", NULL, spacing);
  swr_reader* r = reader_of("/entry/other");
  assert_reader_status(r, SWR_ERROR_NOT_FOUND, swr_reader_open(r, "new.h5"));
  assert_says(swr_reader_message(r), "no dataset /entry/other");
  assert_says(swr_reader_message(r), "/entry/data");
  swr_reader_destroy(r);
  volume_free(&v);
  clear_folder();
}

static void element_sizes_of_other_programs_are_the_spacing(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  const double spacing[3] = {0.0007, 0.0008, 0.0025};
  take_sample("groups_uint16.h5");
  expect_spacing("groups_uint16.h5", NULL, spacing);
  expect_spacing("groups_uint16.h5", "a/b/volume", spacing);
  clear_folder();
}

static void paste_changes_the_dataset_that_is_named_and_nothing_else(void** state) {
  (void)state;
  if (!has_hdf5()) skip();
  take_sample("several_uint16.h5");
  int64_t bytes, bytes_after;
  unsigned char* before = load_file("several_uint16.h5", &bytes);
  const swr_region image = region_2d(0, 0, 4, 3), box = region_2d(1, 1, 2, 1);
  volume v = volume_pattern(&box, SWR_UINT16, 1, 9);
  source s = source_of(&v);
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, "several_uint16.h5"));
  assert_ok(w, swr_set_image_region(w, &image));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT16, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_paste_region(w, &box));
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
  assert_status(w, SWR_ERROR_UNSUPPORTED, swr_write(w, pull_source, &s));
  assert_says(swr_writer_message(w), "2 datasets: /a/b, /c");
  assert_ok(w, swr_set_option(w, "hdf5.dataset", "/a/b"));
  assert_ok(w, swr_write(w, pull_source, &s));
  swr_writer_destroy(w);
  unsigned char* after = load_file("several_uint16.h5", &bytes_after);
  assert_int_equal(bytes, bytes_after);
  int64_t first = 0, last = bytes;
  while (first < bytes && before[first] == after[first]) ++first;
  while (last > first && before[last - 1] == after[last - 1]) --last;
  assert_true(last > first);
  assert_true(last - first <= 4);
  free(before);
  free(after);
  volume_free(&v);
  clear_folder();
}

static void value_of_the_option_that_is_no_path_is_refused(void** state) {
  (void)state;
  const char* const values[] = {"", "/", "//", "a/../b", "./a"};
  swr_writer* w = swr_writer_create();
  swr_reader* r = swr_reader_create();
  for (size_t i = 0; i < sizeof values / sizeof values[0]; ++i) {
    assert_status(w, SWR_ERROR_ARGUMENT, swr_set_option(w, "hdf5.dataset", values[i]));
    assert_reader_status(r, SWR_ERROR_ARGUMENT,
                         swr_reader_set_option(r, "hdf5.dataset", values[i]));
  }
  assert_ok(w, swr_set_option(w, "hdf5.dataset", NULL));
  swr_writer_destroy(w);
  swr_reader_destroy(r);
}

int main(void) {
  TEST(without_hdf5_its_files_are_refused_with_the_reason);
  TEST(dataset_of_a_new_file_has_the_path_and_the_sizes_that_are_asked_for);
  TEST(element_sizes_of_other_programs_are_the_spacing);
  TEST(paste_changes_the_dataset_that_is_named_and_nothing_else);
  TEST(value_of_the_option_that_is_no_path_is_refused);
  return run_all_tests("hdf5");
}
