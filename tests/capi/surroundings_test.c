/* The library does not depend on, or change, the descriptors, the working directory and the
 * children of the process. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/support.h"

static swr_region image_region(void) {
  return region_3d(0, 0, 0, 40, 30, 20);
}

/* Before anything is open that a skipped test would not close. */
static void needs_fork(void) {
#ifdef _WIN32
  skip();
#endif
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

/* A pattern, and output of the program between the pieces. */
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

/* --- The working directory --- */

static char home[4096];

static void go_home(void) {
  assert_int_equal(chdir(home), 0);
}

static void be_elsewhere(void) {
  mkdir("elsewhere", 0777);
  assert_int_equal(chdir("elsewhere"), 0);
}

/* A source that changes the directory at its first piece. */
static int32_t pull_and_leave(swr_piece* piece, void* user) {
  unsigned char* at = swr_piece_buffer(piece);
  if (!at) return SWR_ERROR_MEMORY;
  char now[4096];
  if (getcwd(now, sizeof now) && strcmp(now, home) == 0) be_elsewhere();
  memset(at, *(const unsigned char*)user, (size_t)swr_piece_bytes(piece));
  return SWR_OK;
}

static swr_writer* writer_of(const char* path, const swr_region* image, const swr_region* box,
                             swr_existing existing) {
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, path));
  assert_ok(w, swr_set_image_region(w, image));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
  assert_ok(w, swr_set_paste_region(w, box));
  assert_ok(w, swr_set_existing(w, existing));
  assert_ok(w, swr_set_divisions(w, 4));
  return w;
}

static void leave_while_writing(const char* path, const swr_region* image, const swr_region* box,
                                swr_existing existing, unsigned char value) {
  swr_writer* w = writer_of(path, image, box, existing);
  assert_ok(w, swr_write(w, pull_and_leave, &value));
  go_home();
  swr_writer_destroy(w);
}

static void leave_while_putting(const char* path, const swr_region* image, const swr_region* box,
                                swr_existing existing, unsigned char value) {
  swr_writer* w = writer_of(path, image, box, existing);
  assert_ok(w, swr_begin(w));
  be_elsewhere();
  volume pixels = volume_new(box ? box : image, SWR_UINT8, 1);
  volume_fill(&pixels, value);
  assert_ok(w, swr_put(w, &pixels.region, pixels.bytes, volume_bytes(&pixels)));
  assert_ok(w, swr_finish(w));
  volume_free(&pixels);
  go_home();
  swr_writer_destroy(w);
}

static void write_ends_in_the_directory_in_which_it_began(void** state) {
  (void)state;
  const char* const paths[] = {"x.mha", "x.nhdr", "x.nii.gz", "x.hdr", "in/x.mhd"};
  const swr_region image = image_region(), box = region_3d(3, 4, 5, 6, 7, 8);
  mkdir("in", 0777);
  for (int i = 0; i < 5; ++i) {
    leave_while_putting(paths[i], &image, NULL, SWR_EXISTING_REPLACE, 7);
    leave_while_writing(paths[i], &image, NULL, SWR_EXISTING_REPLACE, 9);
    leave_while_writing(paths[i], &image, &box, SWR_EXISTING_UPDATE, 1);
    leave_while_putting(paths[i], &image, &box, SWR_EXISTING_UPDATE, 11);
    check_image(paths[i]);
    /* One that is a rewrite. */
    const swr_region wider = region_3d(0, 0, 0, 41, 30, 20), side = region_3d(40, 0, 0, 1, 30, 20);
    leave_while_writing(paths[i], &wider, &side, SWR_EXISTING_EXTEND, 5);
    check_image(paths[i]);
  }
  assert_int_equal(rmdir("elsewhere"), 0);
}

static void reader_keeps_the_directory_in_which_it_was_opened(void** state) {
  (void)state;
  const swr_region image = region_3d(0, 0, 0, 4, 4, 3);
  for (int i = 0; i < 3; ++i) {
    char name[16];
    snprintf(name, sizeof name, "s%d.raw", i);
    save_file(name, "0123456789ABCDEF", 16);
  }
  const char header[] =
      "ObjectType = Image\nNDims = 3\nDimSize = 4 4 3\nElementType = MET_UCHAR\n"
      "ElementDataFile = s%d.raw 0 2 1\n";
  save_file("slices.mhd", header, sizeof header - 1);
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, "slices.mhd"));
  be_elsewhere();
  unsigned char pixels[48];
  assert_reader_ok(r, swr_reader_read(r, &image, pixels, sizeof pixels));
  assert_memory_equal(pixels + 32, "0123456789ABCDEF", 16);
  assert_reader_ok(r, swr_reader_verify(r));
  const char* data = NULL;
  assert_reader_ok(r, swr_reader_get_data_file(r, &data));
  assert_string_equal(data, "s0.raw");
  go_home();
  unlink("s1.raw");
  assert_reader_status(r, SWR_ERROR_NOT_FOUND, swr_reader_verify(r));
  assert_memory_equal(swr_reader_message(r), "s1.raw: ", 8);
  swr_reader_destroy(r);
}

static void messages_name_files_as_the_application_did(void** state) {
  (void)state;
  const swr_region image = image_region();
  unsigned char value = 1;
  leave_while_writing("in/y.mha", &image, NULL, SWR_EXISTING_REPLACE, 1);
  swr_writer* w = writer_of("in/y.mha", &image, NULL, SWR_EXISTING_FAIL);
  assert_status(w, SWR_ERROR_EXISTS, swr_write(w, pull_and_leave, &value));
  assert_memory_equal(swr_writer_message(w), "in/y.mha: ", 10);
  char full[8192];
  snprintf(full, sizeof full, "%s/in/y.mha", home);
  for (char* at = full; *at; ++at) /* as the library has paths of Windows */
    if (*at == '\\') *at = '/';
  assert_ok(w, swr_set_path(w, full));
  assert_status(w, SWR_ERROR_EXISTS, swr_write(w, pull_and_leave, &value));
  assert_memory_equal(swr_writer_message(w), full, strlen(full));
  swr_writer_destroy(w);
}

/* --- Children --- */

static const char* const kinds[] = {"c.mha", "c.nhdr", "c.nii.gz"};
enum { kind_count = sizeof kinds / sizeof kinds[0] };

static void make_image(const char* path) {
  const swr_region image = image_region();
  swr_writer* w = writer_of(path, &image, NULL, SWR_EXISTING_REPLACE);
  volume pixels = volume_new(&image, SWR_UINT8, 1);
  volume_fill(&pixels, 9);
  assert_ok(w, swr_write(w, pull_volume, &pixels));
  volume_free(&pixels);
  swr_writer_destroy(w);
}

static swr_writer* inherited;
static swr_reader* inherited_reader;

/* What a child does with the handles that it inherited. */
static int go_on_with_the_writer(const char* path) {
  (void)path;
  const swr_region box = region_3d(3, 4, 5, 6, 7, 8);
  unsigned char pixels[6 * 7 * 8] = {0};
  if (swr_put(inherited, &box, pixels, sizeof pixels) != SWR_ERROR_STATE) return 1;
  if (swr_writer_message(inherited)[0] == '\0') return 2;
  if (swr_finish(inherited) != SWR_ERROR_STATE) return 3;
  swr_writer_destroy(inherited);
  return 0;
}

static void child_that_inherits_a_writer_changes_nothing(void** state) {
  (void)state;
  needs_fork();
  const swr_region image = image_region(), box = region_3d(3, 4, 5, 6, 7, 8);
  volume pixels = volume_new(&box, SWR_UINT8, 1);
  volume_fill(&pixels, 11);
  for (int i = 0; i < kind_count; ++i) {
    make_image(kinds[i]);
    inherited = writer_of(kinds[i], &image, &box, SWR_EXISTING_UPDATE);
    assert_ok(inherited, swr_begin(inherited));
    assert_int_equal(in_child(go_on_with_the_writer, kinds[i]), 0);
    assert_ok(inherited, swr_put(inherited, &box, pixels.bytes, volume_bytes(&pixels)));
    assert_int_equal(in_child(go_on_with_the_writer, kinds[i]), 0);
    assert_ok(inherited, swr_finish(inherited));
    swr_writer_destroy(inherited);
    check_image(kinds[i]);
  }
  volume_free(&pixels);
}

static int read_on(const char* path) {
  (void)path;
  const swr_region row = region_3d(0, 0, 19, 40, 1, 1);
  unsigned char pixels[40];
  if (swr_reader_read(inherited_reader, &row, pixels, sizeof pixels) != SWR_OK) return 1;
  for (int i = 0; i < 40; ++i) {
    if (pixels[i] != 9) return 2;
  }
  swr_reader_destroy(inherited_reader);
  return 0;
}

static void child_that_inherits_a_reader_can_use_it(void** state) {
  (void)state;
  needs_fork();
  for (int i = 0; i < kind_count; ++i) {
    make_image(kinds[i]);
    inherited_reader = swr_reader_create();
    assert_reader_ok(inherited_reader, swr_reader_open(inherited_reader, kinds[i]));
    assert_int_equal(in_child(read_on, kinds[i]), 0);
    assert_int_equal(read_on(kinds[i]), 0);
  }
}

/* --- Second names --- */

static int32_t die_at_the_third(swr_piece* piece, void* user) {
  if (swr_piece_number(piece) == 2) _exit(77);
  return pull_and_leave(piece, user);
}

static int paste_and_die(const char* path) {
  const swr_region image = image_region(), box = region_3d(3, 4, 5, 6, 7, 8);
  unsigned char value = 11;
  swr_writer* w = writer_of(path, &image, &box, SWR_EXISTING_UPDATE);
  swr_write(w, die_at_the_third, &value);
  return 1;
}

static void expect_all_nine(const char* path) {
  volume got = read_volume(path);
  for (int64_t i = 0; i < volume_bytes(&got); ++i) assert_int_equal(got.bytes[i], 9);
  volume_free(&got);
}

/* An empty folder, also after an earlier run of the test. */
static void make_folder_of_links(void) {
  static const char* const names[] = {"links/s.mha", "links/hard.nii.gz", "links/soft.nii.gz"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) unlink(names[i]);
  mkdir("links", 0777);
}

/* A write that died is rolled back, whichever name the application uses next. */
static void write_that_died_is_rolled_back_under_another_name(void** state) {
  (void)state;
  make_folder_of_links();
  assert_int_equal(symlink("../c.mha", "links/s.mha"), 0);
  make_image("c.mha");
  assert_int_equal(in_child(paste_and_die, "c.mha"), 77);
  expect_all_nine("links/s.mha");
  assert_int_equal(in_child(paste_and_die, "links/s.mha"), 77);
  expect_all_nine("c.mha");
  /* A second header of the same pixels. */
  make_image("c.nhdr");
  int64_t bytes = 0;
  unsigned char* header = load_file("c.nhdr", &bytes);
  save_file("d.nhdr", header, bytes);
  free(header);
  assert_int_equal(in_child(paste_and_die, "c.nhdr"), 77);
  expect_all_nine("d.nhdr");
  assert_int_equal(in_child(paste_and_die, "d.nhdr"), 77);
  expect_all_nine("c.nhdr");
}

static void second_write_under_another_name_is_told_to_wait(void** state) {
  (void)state;
  const swr_region image = image_region(), box = region_3d(3, 4, 5, 6, 7, 8);
  make_folder_of_links();
  make_image("b.nii.gz");
  assert_int_equal(link("b.nii.gz", "links/hard.nii.gz"), 0);
  assert_int_equal(symlink("../b.nii.gz", "links/soft.nii.gz"), 0);
  const char* const names[] = {"b.nii.gz", "./links/../b.nii.gz", "links/hard.nii.gz",
                               "links/soft.nii.gz"};
  for (int i = 0; i < 4; ++i) {
    swr_writer* first = writer_of(names[i], &image, &box, SWR_EXISTING_UPDATE);
    assert_ok(first, swr_begin(first));
    for (int k = 0; k < 4; ++k) {
      swr_writer* second = writer_of(names[k], &image, &box, SWR_EXISTING_UPDATE);
      assert_status(second, SWR_ERROR_BUSY, swr_begin(second));
      swr_writer_destroy(second);
    }
    assert_ok(first, swr_abandon(first));
    swr_writer_destroy(first);
  }
  expect_all_nine("links/hard.nii.gz");
}

int main(void) {
  if (!getcwd(home, sizeof home)) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(program_that_closed_its_streams_does_not_print_into_the_image),
      cmocka_unit_test(write_ends_in_the_directory_in_which_it_began),
      cmocka_unit_test(reader_keeps_the_directory_in_which_it_was_opened),
      cmocka_unit_test(messages_name_files_as_the_application_did),
      cmocka_unit_test(child_that_inherits_a_writer_changes_nothing),
      cmocka_unit_test(child_that_inherits_a_reader_can_use_it),
      cmocka_unit_test(write_that_died_is_rolled_back_under_another_name),
      cmocka_unit_test(second_write_under_another_name_is_told_to_wait),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
