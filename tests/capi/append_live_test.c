/* Frames that another process appends: a reader sees each checkpoint and never a damaged file, and
 * when the process is killed, whatever it had told to be in the file is there. */
#define _DEFAULT_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checked/checked.h"
#include "support/support.h"

enum { width = 64, height = 48, kills = 12, seen_frames = 60 };

static volume frames(int64_t first, int64_t count) {
  const swr_region region = region_3d(0, 0, first, width, height, count);
  return volume_pattern(&region, SWR_INT16, 1, 1);
}

/* --- The other process. It must not assert; it ends with 1 if something failed. --- */

typedef struct acquisition {
  const test_case* t;
  int64_t first, count;
  volatile int64_t* kept; /* shared: the frames of the file that were told to be there */
} acquisition;

static int append_frames(swr_writer* w, const acquisition* a) {
  for (int64_t number = a->first; number < a->first + a->count; ++number) {
    volume v = frames(number, 1);
    const swr_status status = swr_append(w, v.bytes, volume_bytes(&v));
    volume_free(&v);
    if (status != SWR_OK) return 1;
    int64_t kept = 0;
    if (swr_get_statistics(w, SWR_STATISTIC_FRAMES_KEPT, &kept)) return 1;
    *a->kept = a->first + kept;
  }
  if (swr_finish(w)) return 1;
  *a->kept = a->first + a->count;
  return 0;
}

static pid_t start(const acquisition* a) {
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child != 0) return child;
  alarm(200);
  const swr_region one = region_3d(0, 0, 0, width, height, 1);
  swr_writer* w = new_writer(a->t);
  int failed = swr_set_image_region(w, &one) ||
               swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR) ||
               swr_set_existing(w, SWR_EXISTING_EXTEND) ||
               swr_set_option(w, "append.every_frames", "3") || append_frames(w, a);
  if (failed) fprintf(stderr, "%s\n", swr_writer_message(w));
  _exit(failed);
}

/* --- The test --- */

static volatile int64_t* shared_number(void) {
  void* const page =
      mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(page != MAP_FAILED);
  return page;
}

static void free_number(volatile int64_t* number) {
  munmap((void*)number, sizeof *number);
}

/* The frames of the file, each of which is right. */
static int64_t expect_right_frames(const char* path) {
  volume got = read_volume(path);
  volume expected = frames(0, got.region.size[2]);
  assert_volume_equal(&got, &expected);
  const int64_t count = got.region.size[2];
  volume_free(&got);
  volume_free(&expected);
  return count;
}

static void a_kill_loses_no_frame_of_a_checkpoint_and_the_next_run_goes_on(void** state) {
  const test_case* t = *state;
  volatile int64_t* const kept = shared_number();
  checks_off("processes are killed");
  int64_t count = 0;
  for (int i = 0; i < kills; ++i) {
    const acquisition a = {t, count, 1000000, kept};
    *kept = count;
    const pid_t child = start(&a);
    /* At another moment each time, most of them after some checkpoints. */
    for (int waits = 0; *kept < count + i % 4 && waits < 200000; ++waits) usleep(50);
    usleep((useconds_t)(i * 700 % 5000));
    kill(child, SIGKILL);
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
    if (count == 0 && !file_exists(t->path)) continue; /* before the first checkpoint */
    const int64_t told = *kept, now = expect_right_frames(t->path);
    if (now < told) fail_msg("%d frames were kept, and %d are there", (int)told, (int)now);
    count = now;
  }
  assert_true(count > 0);
  const acquisition rest = {t, count, 5, kept};
  int how = 0;
  assert_true(waitpid(start(&rest), &how, 0) > 0);
  assert_int_equal(how, 0);
  assert_int_equal(expect_right_frames(t->path), count + 5);
  checks_on();
  free_number(kept);
}

/* New frames of the reader, which knows `known` of them. Returns how many it has now. */
static int64_t follow(swr_reader* r, int64_t known) {
  swr_region now;
  assert_reader_ok(r, swr_reader_refresh(r));
  assert_reader_ok(r, swr_reader_get_image_region(r, &now));
  assert_true(now.size[2] >= known);
  if (now.size[2] == known) return known;
  volume expected = frames(known, now.size[2] - known);
  volume got = volume_new(&expected.region, SWR_INT16, 1);
  assert_reader_ok(r, swr_reader_read(r, &got.region, got.bytes, volume_bytes(&got)));
  assert_volume_equal(&got, &expected);
  volume_free(&got);
  volume_free(&expected);
  return now.size[2];
}

static void a_reader_sees_each_checkpoint_and_never_damage(void** state) {
  const test_case* t = *state;
  volatile int64_t* const kept = shared_number();
  checks_off("another process writes");
  const acquisition a = {t, 0, seen_frames, kept};
  const pid_t child = start(&a);
  swr_reader* r = swr_reader_create();
  /* Of several files, one has its name before the other. */
  for (int has_ended = 0; swr_reader_open(r, t->path) != SWR_OK;) {
    if (has_ended) fail_msg("the process has made no image");
    siginfo_t ended;
    memset(&ended, 0, sizeof ended);
    waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT);
    has_ended = ended.si_pid != 0;
    usleep(100);
  }
  int64_t known = 0;
  while (known < seen_frames) {
    const int64_t told = *kept;
    known = follow(r, known);
    assert_true(known >= told);
    assert_true(expect_right_frames(t->path) >= known); /* as one that opens it sees it */
  }
  int how = 0;
  assert_int_equal(waitpid(child, &how, 0), child);
  assert_int_equal(how, 0);
  swr_reader_destroy(r);
  checks_on();
  free_number(kept);
}

static void in_a_child_of_fork_the_frames_belong_to_the_parent(void** state) {
  const test_case* t = *state;
  volume v = frames(0, 1);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_append(w, v.bytes, volume_bytes(&v)));
  fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    const int wrong = swr_append(w, v.bytes, volume_bytes(&v)) != SWR_ERROR_STATE ||
                      swr_flush(w) != SWR_ERROR_STATE || swr_finish(w) != SWR_ERROR_STATE ||
                      swr_abandon(w) != SWR_ERROR_STATE;
    swr_writer_destroy(w);
    _exit(wrong);
  }
  int how = 0;
  assert_int_equal(waitpid(child, &how, 0), child);
  assert_int_equal(how, 0);
  assert_ok(w, swr_finish(w));
  assert_file_holds(t->path, &v);
  swr_writer_destroy(w);
  volume_free(&v);
}

int main(void) {
  TEST_EACH(a_kill_loses_no_frame_of_a_checkpoint_and_the_next_run_goes_on, SWR_CAN_EXTEND);
  TEST_EACH(a_reader_sees_each_checkpoint_and_never_damage, SWR_CAN_EXTEND);
  TEST_EACH(in_a_child_of_fork_the_frames_belong_to_the_parent, SWR_CAN_EXTEND);
  return run_all_tests("append_live");
}
