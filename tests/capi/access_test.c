/* The rights of the effective user count, and are checked before the first pull: a folder in which
 * no files can be created, a file of another user. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/support.h"

enum { nobody = 65534 };

static volume pattern(const swr_region* region, uint64_t seed) {
  return volume_pattern(region, SWR_UINT8, 1, seed);
}

static swr_region image_region(void) {
  return region_3d(0, 0, 0, 12, 10, 8);
}

static swr_region box_region(void) {
  return region_3d(2, 3, 1, 5, 4, 6);
}

/* The statuses of swr_check and of swr_write, as a user who is not the superuser: effective,
 * while the real one stays. */
typedef struct outcome {
  swr_status check, write;
  char words[256];
} outcome;

static outcome paste_as_nobody(const char* path, int rollback) {
  int ends[2] = {-1, -1};
  outcome result = {SWR_ERROR_INTERNAL, SWR_ERROR_INTERNAL, ""};
  assert_int_equal(pipe(ends), 0);
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    const swr_region box = box_region();
    volume part = pattern(&box, 2);
    if (geteuid() == 0 && (setegid(nobody) != 0 || seteuid(nobody) != 0)) _exit(1);
    swr_writer* w = swr_writer_create();
    swr_status status = swr_set_path(w, path);
    if (!status) status = swr_set_paste_region(w, &box);
    if (!status) status = swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR);
    if (!status) status = swr_set_rollback(w, rollback);
    if (status) _exit(1);
    result.check = swr_check(w);
    result.write = swr_write(w, pull_volume, &part);
    snprintf(result.words, sizeof result.words, "%s", swr_writer_message(w));
    _exit(write(ends[1], &result, sizeof result) == sizeof result ? 0 : 1);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  assert_int_equal(read(ends[0], &result, sizeof result), sizeof result);
  close(ends[0]);
  close(ends[1]);
  return result;
}

static void give(const char* path) {
  if (geteuid() == 0) assert_int_equal(chown(path, nobody, nobody), 0);
}

static void expect(const char* path, volume* v, int pasted) {
  const swr_region box = box_region();
  volume part = pattern(&box, 2);
  if (pasted) volume_copy(v, &part, &box);
  assert_file_holds(path, v);
  volume_free(&part);
}

/* No file is created in the folder: no journal, because there is no rollback, and no new file. */
static void paste_without_rollback_needs_no_writable_folder(void** state) {
  (void)state;
  static const char* const paths[] = {"closed/image.mha", "closed/image.mhd",
                                      "closed/image.nii.gz"};
  for (int i = 0; i < 3; ++i) {
    const int compressed = i == 2;
    const swr_region region = image_region();
    volume v = pattern(&region, 1);
    assert_int_equal(chmod(".", 0755), 0);
    mkdir("closed", 0755);
    test_case t = {.path = ""};
    snprintf(t.path, sizeof t.path, "%s", paths[i]);
    make_file(&t, &v);
    give(paths[i]);
    if (i == 1) give("closed/image.raw");
    assert_int_equal(chmod("closed", 0555), 0);
    outcome o = paste_as_nobody(paths[i], 1);
    assert_int_equal(o.check, SWR_ERROR_IO);
    assert_int_equal(o.write, SWR_ERROR_IO);
    expect(paths[i], &v, 0);
    o = paste_as_nobody(paths[i], 0);
    if (!compressed && o.write != SWR_OK) fail_msg("%s", o.words);
    assert_int_equal(o.check, compressed ? SWR_ERROR_IO : SWR_OK);
    assert_int_equal(o.write, compressed ? SWR_ERROR_IO : SWR_OK);
    expect(paths[i], &v, !compressed);
    assert_int_equal(chmod("closed", 0755), 0);
    volume_free(&v);
  }
}

/* A superuser with another effective user has only the rights of that user. */
static void file_of_another_user_is_refused_before_the_first_pull(void** state) {
  (void)state;
  if (geteuid() != 0) skip();
  const swr_region region = image_region();
  volume v = pattern(&region, 1);
  assert_int_equal(chmod(".", 0755), 0);
  assert_int_equal(mkdir("open", 0777), 0);
  assert_int_equal(chmod("open", 0777), 0);
  test_case t = {.path = "open/image.mha"};
  make_file(&t, &v);
  assert_int_equal(chmod("open/image.mha", 0644), 0);
  const outcome o = paste_as_nobody("open/image.mha", 1);
  assert_int_equal(o.check, SWR_ERROR_IO);
  assert_int_equal(o.write, SWR_ERROR_IO);
  expect("open/image.mha", &v, 0);
  volume_free(&v);
}

int main(void) {
  TEST(paste_without_rollback_needs_no_writable_folder);
  TEST(file_of_another_user_is_refused_before_the_first_pull);
  return run_all_tests("access");
}
