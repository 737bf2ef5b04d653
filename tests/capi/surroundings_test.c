/* The process around the library: its descriptors, its working directory and its children are its own business. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/support.h"

static swr_region image_region(void) {
  return region_3d(0, 0, 0, 40, 30, 20);
}

/* In a child of its own; its exit code. */
static int in_child(int (*act)(const char*), const char* path) {
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) _exit(act(path));
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

/* A pattern, and what a program prints meanwhile. */
static int32_t pull_and_print(swr_piece* piece, void* user) {
  static const char line[] = "make   8%  721 kB of 8.4 MB  180 kB/s  0:43 left\n";
  for (int fd = 0; fd <= 2; ++fd) {
    if (write(fd, line, sizeof line - 1) >= 0) return SWR_CANCELLED;
  }
  unsigned char* at = swr_piece_buffer(piece);
  if (!at) return SWR_ERROR_MEMORY;
  memset(at, *(const unsigned char*)user, (size_t)swr_piece_bytes(piece));
  return SWR_OK;
}

static swr_status write_box(const char* path, const swr_region* box, swr_existing existing,
                            unsigned char value) {
  const swr_region image = image_region();
  swr_writer* w = swr_writer_create();
  swr_status status = swr_set_path(w, path);
  if (status == SWR_OK) status = swr_set_image_region(w, &image);
  if (status == SWR_OK) status = swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR);
  if (status == SWR_OK) status = swr_set_paste_region(w, box);
  if (status == SWR_OK) status = swr_set_existing(w, existing);
  if (status == SWR_OK) status = swr_set_divisions(w, 4);
  if (status == SWR_OK) status = swr_write(w, pull_and_print, &value);
  swr_writer_destroy(w);
  return status;
}

static int write_without_standard_streams(const char* path) {
  for (int fd = 0; fd <= 2; ++fd) close(fd);
  const swr_region box = region_3d(3, 4, 5, 6, 7, 8);
  if (write_box(path, NULL, SWR_EXISTING_REPLACE, 7) != SWR_OK) return 1;
  if (write_box(path, NULL, SWR_EXISTING_REPLACE, 9) != SWR_OK) return 2;
  if (write_box(path, &box, SWR_EXISTING_UPDATE, 11) != SWR_OK) return 3;
  return 0;
}

/* Whether the image is 9, and 11 in the box. */
static void check_image(const char* path) {
  const swr_region image = image_region(), box = region_3d(3, 4, 5, 6, 7, 8);
  volume expected = volume_new(&image, SWR_UINT8, 1), inner = volume_new(&box, SWR_UINT8, 1);
  volume_fill(&expected, 9);
  volume_fill(&inner, 11);
  volume_copy(&expected, &inner, &box);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  volume found = volume_new(&image, SWR_UINT8, 1);
  assert_reader_ok(r, swr_reader_read(r, &image, found.bytes, volume_bytes(&found)));
  assert_memory_equal(found.bytes, expected.bytes, (size_t)volume_bytes(&found));
  swr_reader_destroy(r);
  volume_free(&found);
  volume_free(&inner);
  volume_free(&expected);
}

static void program_that_closed_its_streams_does_not_print_into_the_image(void** state) {
  (void)state;
  const char* const paths[] = {"x.mha", "x.nhdr", "x.nii.gz"};
  for (int i = 0; i < 3; ++i) {
    assert_int_equal(in_child(write_without_standard_streams, paths[i]), 0);
    check_image(paths[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(program_that_closed_its_streams_does_not_print_into_the_image),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
