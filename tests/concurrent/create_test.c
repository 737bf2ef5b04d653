/* Two processes create the same image at the same moment with SWR_EXISTING_FAIL: one succeeds, the
 * other one gets SWR_ERROR_EXISTS. Several that update or extend an image which none of them finds
 * lose nothing. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checked/checked.h"
#include "meeting.h"

enum { rounds = 300 };

static void run_rounds(const char* path, int compressed, int count, int files) {
  checks_off("two writes are under way");
  meeting* m = meeting_new();
  for (int round = 0; round < count; ++round) {
    clear_folder();
    for (int i = 0; i < 2; ++i)
      m->changes[i] = (change){.kind = CREATE, .number = i, .path = path, .compressed = compressed};
    m->delays[1] = round % 4 == 0 ? (unsigned)round : 0;
    meet_in_processes(m);
    const int winner = m->statuses[0] == SWR_OK ? 0 : 1, loser = 1 - winner;
    if (m->statuses[winner] != SWR_OK || m->statuses[loser] != SWR_ERROR_EXISTS) {
      fail_msg("round %d of %s: %s (%s) and %s (%s)", round, path, swr_status_name(m->statuses[0]),
               m->words[0], swr_status_name(m->statuses[1]), m->words[1]);
    }
    assert_says(m->words[loser], "image");
    volume made = image_before();
    apply_change(&m->changes[winner], &made);
    if (!file_holds(path, &made)) fail_msg("round %d of %s: another image is there", round, path);
    assert_file_count(files);
  }
  meeting_free(m);
}

static void second_creator_of_one_file_is_told_that_it_exists(void** state) {
  (void)state;
  run_rounds("image.mha", 0, rounds, 1);
  run_rounds("image.nii.gz", 1, rounds, 1);
}

static void second_creator_of_two_files_is_told_that_they_exist(void** state) {
  (void)state;
  run_rounds("image.mhd", 0, rounds, 2);
  run_rounds("image.nhdr", 1, rounds, 2);
}

static void second_creator_of_chunks_is_told_that_they_exist(void** state) {
  (void)state;
  if (!swr_format_suffixes("Chunks")) return; /* see chunks/ */
  run_rounds("image.chunks", 0, rounds / 8, 2);
  run_rounds("image.boxes", 0, rounds / 8, 1);
}

/* --- An image that is absent at first, and that all of them extend --- */

enum { writers = 3, slices_each = 4 };

static volume slice_at(int64_t z) {
  const swr_region slice = region_3d(0, 0, z, 16, 12, 1);
  return volume_pattern(&slice, SWR_UINT16, 1, (uint64_t)z + 1);
}

static swr_status write_slice(const char* path, int compressed, int64_t z, int waits) {
  volume slice = slice_at(z);
  const swr_region image = region_3d(0, 0, 0, 16, 12, z + 1);
  swr_writer* w = swr_writer_create();
  swr_status status = swr_set_path(w, path);
  if (!status) status = swr_set_image_region(w, &image);
  if (!status) status = swr_set_pixel_type(w, SWR_UINT16, 1, SWR_KIND_SCALAR);
  if (!status) status = swr_set_paste_region(w, &slice.region);
  if (!status) status = swr_set_existing(w, SWR_EXISTING_EXTEND);
  if (!status && compressed) status = swr_set_compression(w, "deflate", 6);
  if (!status && waits) status = swr_set_option(w, "lock", "wait");
  if (!status) status = swr_write(w, pull_volume, &slice);
  const int may_be_refused = !waits && (status == SWR_ERROR_EXISTS || status == SWR_ERROR_BUSY);
  if (status && !may_be_refused) fprintf(stderr, "slice %d: %s\n", (int)z, swr_writer_message(w));
  swr_writer_destroy(w);
  volume_free(&slice);
  return status;
}

typedef struct slicing {
  int compressed, waits;
} slicing;

/* Whoever does not wait tries again. */
static int write_slices(const char* path, int number, const void* how) {
  const slicing* s = how;
  for (int64_t z = number; z < writers * slices_each; z += writers) {
    swr_status status;
    do {
      status = write_slice(path, s->compressed, z, s->waits);
    } while (!s->waits && (status == SWR_ERROR_EXISTS || status == SWR_ERROR_BUSY));
    if (status) return 1;
  }
  return 0;
}

static void wait_for(pid_t child, const char* path) {
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail_msg("%s: a writer failed", path);
}

typedef int (*act)(const char* path, int number, const void* how);

/* Several writers, each in a process. One that waits for ever is killed. */
static void run_writers(const char* path, act write, const void* how) {
  clear_folder();
  fflush(NULL);
  pid_t children[writers];
  for (int i = 0; i < writers; ++i) {
    children[i] = fork();
    assert_true(children[i] >= 0);
    if (children[i] == 0) {
      alarm(60);
      _exit(write(path, i, how));
    }
  }
  for (int i = 0; i < writers; ++i) wait_for(children[i], path);
}

static void lose_no_slice(const char* path, int compressed, int waits) {
  checks_off("several writes are under way");
  const slicing how = {compressed, waits};
  for (int round = 0; round < 6; ++round) {
    run_writers(path, write_slices, &how);
    const swr_region image = region_3d(0, 0, 0, 16, 12, writers * slices_each);
    volume all = volume_new(&image, SWR_UINT16, 1);
    for (int64_t z = 0; z < image.size[2]; ++z) {
      volume slice = slice_at(z);
      volume_copy(&all, &slice, &slice.region);
      volume_free(&slice);
    }
    if (!file_holds(path, &all)) fail_msg("round %d of %s: a slice is lost", round, path);
    volume_free(&all);
  }
}

static void lose_no_slice_of_all_forms(int waits) {
  lose_no_slice("image.mha", 0, waits);
  lose_no_slice("image.mhd", 1, waits);
  lose_no_slice("image.nhdr", 0, waits);
  lose_no_slice("image.hdr", 0, waits);
  lose_no_slice("image.nii.gz", 1, waits);
  lose_no_slice("image.npy", 0, waits);
  lose_no_slice("image.tif", 0, waits);
  lose_no_slice("image.vti", 0, waits);
}

static void processes_that_wait_extend_an_absent_image_and_lose_no_slice(void** state) {
  (void)state;
  lose_no_slice_of_all_forms(1);
}

static void processes_that_try_again_extend_an_absent_image_and_lose_no_slice(void** state) {
  (void)state;
  lose_no_slice_of_all_forms(0);
}

/* --- Writers that wait, each of which needs both files of an image --- */

static int replace_or_extend(const char* path, int number, const void* how) {
  (void)how;
  const change replace = {.kind = REPLACE, .number = number, .path = path, .waits = 1};
  char words[256] = "";
  const swr_status status = number == 0 ? write_slice(path, 0, 3, 1) : make_change(&replace, words);
  if (status == SWR_OK || (number > 0 && status == SWR_ERROR_EXISTS)) return 0;
  fprintf(stderr, "%s\n", words);
  return 1;
}

static void writers_of_two_files_do_not_wait_for_each_other(void** state) {
  (void)state;
  checks_off("several writes are under way");
  const char* const paths[] = {"image.nhdr", "image.mhd", "image.hdr"};
  for (int round = 0; round < 60; ++round) {
    const char* const path = paths[round % 3];
    run_writers(path, replace_or_extend, NULL);
    swr_reader* r = swr_reader_create();
    assert_reader_ok(r, swr_reader_open(r, path));
    assert_reader_ok(r, swr_reader_verify(r));
    swr_reader_destroy(r);
  }
}

int main(void) {
  TEST(second_creator_of_one_file_is_told_that_it_exists);
  TEST(second_creator_of_two_files_is_told_that_they_exist);
  TEST(second_creator_of_chunks_is_told_that_they_exist);
  TEST(processes_that_wait_extend_an_absent_image_and_lose_no_slice);
  TEST(processes_that_try_again_extend_an_absent_image_and_lose_no_slice);
  TEST(writers_of_two_files_do_not_wait_for_each_other);
  return run_all_tests("two creators of one image");
}
