/* Two processes create the same image at the same moment with SWR_EXISTING_FAIL: one succeeds, the
 * other one gets SWR_ERROR_EXISTS. */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checked/checked.h"
#include "support/support.h"

enum { rounds = 300 };

typedef struct meeting {
  pthread_barrier_t barrier;
  swr_status statuses[2];
  char words[2][256];
} meeting;

static meeting* new_meeting(void) {
  meeting* m = mmap(NULL, sizeof *m, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(m != MAP_FAILED);
  pthread_barrierattr_t attributes;
  pthread_barrierattr_init(&attributes);
  pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init(&m->barrier, &attributes, 2);
  return m;
}

static volume image_of(int number) {
  const swr_region region = region_3d(0, 0, 0, 9, 7, 5);
  return volume_pattern(&region, SWR_UINT16, 1, (uint64_t)number + 1);
}

static swr_status create(const char* path, int compressed, int number, char words[256]) {
  volume v = image_of(number);
  swr_writer* w = swr_writer_create();
  swr_status status = swr_set_path(w, path);
  if (!status) status = swr_set_image_region(w, &v.region);
  if (!status) status = swr_set_pixel_type(w, v.component, v.components, SWR_KIND_SCALAR);
  if (!status) status = swr_set_existing(w, SWR_EXISTING_FAIL);
  if (!status && compressed) status = swr_set_compression(w, "deflate", 6);
  if (!status) status = swr_write(w, pull_volume, &v);
  snprintf(words, 256, "%s", swr_writer_message(w));
  swr_writer_destroy(w);
  volume_free(&v);
  return status;
}

static void meet(meeting* m, const char* path, int compressed, unsigned delay) {
  pid_t children[2];
  fflush(NULL);
  for (int i = 0; i < 2; ++i) {
    children[i] = fork();
    assert_true(children[i] >= 0);
    if (children[i] != 0) continue;
    pthread_barrier_wait(&m->barrier);
    if (i == 1 && delay > 0) usleep(delay);
    m->statuses[i] = create(path, compressed, i, m->words[i]);
    _exit(0);
  }
  for (int i = 0; i < 2; ++i) {
    int status = 0;
    assert_int_equal(waitpid(children[i], &status, 0), children[i]);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
}

static void run_rounds(const char* path, int compressed, int files) {
  checks_off("two writes are under way");
  meeting* m = new_meeting();
  for (int round = 0; round < rounds; ++round) {
    clear_folder();
    meet(m, path, compressed, round % 4 == 0 ? (unsigned)round : 0);
    const int winner = m->statuses[0] == SWR_OK ? 0 : 1, loser = 1 - winner;
    if (m->statuses[winner] != SWR_OK || m->statuses[loser] != SWR_ERROR_EXISTS) {
      fail_msg("round %d of %s: %s (%s) and %s (%s)", round, path, swr_status_name(m->statuses[0]),
               m->words[0], swr_status_name(m->statuses[1]), m->words[1]);
    }
    assert_says(m->words[loser], "image");
    volume v = image_of(winner);
    assert_file_holds(path, &v);
    assert_file_count(files);
    volume_free(&v);
  }
  munmap(m, sizeof *m);
}

static void second_creator_of_one_file_is_told_that_it_exists(void** state) {
  (void)state;
  run_rounds("image.mha", 0, 1);
  run_rounds("image.nii.gz", 1, 1);
}

static void second_creator_of_two_files_is_told_that_they_exist(void** state) {
  (void)state;
  run_rounds("image.mhd", 0, 2);
  run_rounds("image.nhdr", 1, 2);
}

int main(void) {
  TEST(second_creator_of_one_file_is_told_that_it_exists);
  TEST(second_creator_of_two_files_is_told_that_they_exist);
  return run_all_tests("two creators of one image");
}
