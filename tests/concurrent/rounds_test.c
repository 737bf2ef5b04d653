/* Two changes of one file begin at the same moment, in two processes or two threads, hundreds of
 * times: each succeeds or is refused, and none is lost. Also two writes that create one file, and
 * two that follow a write that died. */
#define _DEFAULT_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checked/checked.h"
#include "meeting.h"

enum { rounds = 400 };

static uint64_t random_state = 88172645463325252u;

static unsigned next_random(unsigned below) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (unsigned)(random_state >> 33) % below;
}

/* The image after those of the changes that were made, in this order. */
static volume after(const meeting* m, int first) {
  volume v = image_before();
  for (int i = 0; i < 2; ++i) {
    const int number = i == 0 ? first : 1 - first;
    if (m->statuses[number] == SWR_OK) apply_change(&m->changes[number], &v);
  }
  return v;
}

/* Chunks are many files, or many pieces of one. */
static int rounds_of(const char* path) {
  const int has_chunks =
      is_chunked(path) || strstr(path, ".tif") || strstr(path, ".h5") || strstr(path, ".zarr");
  return has_chunks ? rounds / 8 : rounds;
}

static change_kind next_kind(const char* path) {
  unsigned kind;
  do kind = next_random(change_kinds);
  while (!can_be_made(path, (int)kind));
  return (change_kind)kind;
}

static void run_rounds(const char* path, int compressed, int with_threads) {
  checks_off("two writes are under way");
  meeting* m = meeting_new();
  int made = 0, refused = 0;
  for (int round = 0; round < rounds_of(path); ++round) {
    clear_folder();
    make_image(path, compressed);
    const int waits = next_random(2) == 0;
    for (int i = 0; i < 2; ++i) {
      m->changes[i] = (change){.kind = next_kind(path), .number = i, .path = path, .waits = waits};
      m->delays[i] = next_random(3) == 0 ? next_random(1500) : 0;
    }
    with_threads ? meet_in_threads(m) : meet_in_processes(m);
    int ok = 0;
    for (int i = 0; i < 2; ++i) {
      if (m->statuses[i] == SWR_OK) {
        ++ok;
      } else if (m->statuses[i] != SWR_ERROR_BUSY || waits) {
        fail_msg("round %d, %s and %s of %s: %s: %s", round, change_names[m->changes[0].kind],
                 change_names[m->changes[1].kind], path, swr_status_name(m->statuses[i]),
                 m->words[i]);
      }
    }
    made += ok;
    refused += 2 - ok;
    if (ok == 0) fail_msg("round %d: each refused the other: %s", round, m->words[0]);
    volume one = after(m, 0), other = after(m, 1);
    if (!file_holds(path, &one) && !file_holds(path, &other)) {
      fail_msg("round %d, %s (%s) and %s (%s) of %s: a change is lost", round,
               change_names[m->changes[0].kind], swr_status_name(m->statuses[0]),
               change_names[m->changes[1].kind], swr_status_name(m->statuses[1]), path);
    }
    if (compressed == WITH_LEVEL) {
      volume v = read_volume(path);
      expect_level(path, &v);
      volume_free(&v);
    }
  }
  print_message("%s: %d made, %d refused\n", path, made, refused);
  meeting_free(m);
}

static void two_processes_lose_no_change_of_pixels_as_they_are(void** state) {
  (void)state;
  run_rounds("image.mha", 0, 0);
  run_rounds("image.mhd", 0, 0);
}

static void two_processes_lose_no_change_of_compressed_pixels(void** state) {
  (void)state;
  run_rounds("image.mha", 1, 0);
  run_rounds("image.nii.gz", 1, 0);
}

static void two_processes_lose_no_change_of_chunks(void** state) {
  (void)state;
  run_rounds("image.tif", 1, 0);
  run_rounds("image.tif", IN_CHUNKS, 0);
  run_rounds("image.tif", WITH_LEVEL, 0);
  run_rounds("image.zarr", IN_CHUNKS, 0);
  run_rounds("image.zarr", WITH_LEVEL, 0);
  if (swr_format_suffixes("HDF5")) run_rounds("image.h5", 1, 0);
  if (!has_chunked_formats()) return;
  run_rounds("image.chunks", 0, 0);
  run_rounds("image.boxes", 0, 0);
}

static void two_threads_lose_no_change(void** state) {
  (void)state;
  run_rounds("image.mha", 0, 1);
  run_rounds("image.nii.gz", 1, 1);
  run_rounds("image.tif", 1, 1);
  if (swr_format_suffixes("HDF5")) run_rounds("image.h5", 1, 1);
}

/* --- New files --- */

static const char* const paths[] = {"image.mha",  "image.mhd",    "image.nii.gz",
                                    "image.zarr", "image.chunks", "image.boxes"};

static int path_count(void) {
  return has_chunked_formats() ? 6 : 4;
}

static void replace_in_rounds(const char* path) {
  checks_off("two writes are under way");
  meeting* m = meeting_new();
  for (int round = 0; round < rounds_of(path) / 2; ++round) {
    clear_folder();
    for (int i = 0; i < 2; ++i) {
      m->changes[i] = (change){.kind = REPLACE, .number = i, .path = path};
      m->delays[i] = next_random(3) == 0 ? next_random(500) : 0;
    }
    meet_in_processes(m);
    /* Of an image of several files the names of one writer may be in the way of the other's. */
    const int may_fail = strstr(path, ".mhd") || strstr(path, ".chunks") || strstr(path, ".zarr");
    int ok = 0;
    for (int i = 0; i < 2; ++i) {
      ok += m->statuses[i] == SWR_OK;
      if (m->statuses[i] != SWR_OK &&
          (!may_fail || (m->statuses[i] != SWR_ERROR_EXISTS && m->statuses[i] != SWR_ERROR_BUSY)))
        fail_msg("round %d of %s: %s: %s", round, path, swr_status_name(m->statuses[i]),
                 m->words[i]);
    }
    assert_true(ok == 2 || (ok == 1 && may_fail));
    /* The pixels are those of one of the two. */
    volume one = image_before(), other = image_before();
    apply_change(&m->changes[0], &one);
    apply_change(&m->changes[1], &other);
    if (file_holds(path, &one) + file_holds(path, &other) != 1)
      fail_msg("round %d of %s: neither image is there", round, path);
  }
  meeting_free(m);
}

static void two_processes_that_put_a_new_file_in_one_place_leave_one_of_the_two(void** state) {
  (void)state;
  for (int i = 0; i < path_count(); ++i) replace_in_rounds(paths[i]);
}

/* --- Writers that died --- */

static void die_in_a_change(const change* c) {
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    begin_change(c);
    raise(SIGKILL);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status));
}

/* Each of them opens the file at the same moment, by the image or by a recovery. */
static int finds_it_as_it_was(meeting* m, int number) {
  const char* const path = m->changes[0].path;
  pthread_barrier_wait(&m->barrier);
  if (number == 1 && m->delays[1] % 2) return swr_recover(path, NULL) == SWR_OK;
  volume old = image_before(), found = volume_new(&old.region, SWR_UINT16, 1);
  swr_reader* r = swr_reader_create();
  const int same = swr_reader_open(r, path) == SWR_OK &&
                   swr_reader_read(r, &old.region, found.bytes, volume_bytes(&old)) == SWR_OK &&
                   memcmp(found.bytes, old.bytes, (size_t)volume_bytes(&old)) == 0;
  if (!same) fprintf(stderr, "%s: %s\n", path, swr_reader_message(r));
  swr_reader_destroy(r);
  return same;
}

static void all_who_come_after_a_death_find_the_file_as_it_was(void** state) {
  (void)state;
  checks_off("a write has died");
  meeting* m = meeting_new();
  const char* const paths[] = {"image.mha", "image.mhd", "image.boxes"};
  const int count = has_chunked_formats() ? 3 : 2;
  for (int round = 0; round < rounds; ++round) {
    clear_folder();
    m->changes[0] = (change){.kind = PASTE, .path = paths[round % count]};
    m->delays[1] = next_random(2);
    make_image(m->changes[0].path, 0);
    die_in_a_change(&m->changes[0]);
    fflush(NULL);
    pid_t children[2];
    for (int i = 0; i < 2; ++i) {
      children[i] = fork();
      if (children[i] == 0) _exit(finds_it_as_it_was(m, i) ? 0 : 1);
    }
    for (int i = 0; i < 2; ++i) {
      int status = 0;
      assert_int_equal(waitpid(children[i], &status, 0), children[i]);
      if (status != 0) fail_msg("round %d: process %d found something else", round, i);
    }
  }
  meeting_free(m);
}

int main(void) {
  TEST(two_processes_lose_no_change_of_pixels_as_they_are);
  TEST(two_processes_lose_no_change_of_compressed_pixels);
  TEST(two_processes_lose_no_change_of_chunks);
  TEST(two_threads_lose_no_change);
  TEST(two_processes_that_put_a_new_file_in_one_place_leave_one_of_the_two);
  TEST(all_who_come_after_a_death_find_the_file_as_it_was);
  return run_all_tests("two writes at the same moment");
}
