/* Writers that are killed (SIGKILL) at random moments: whoever opens the file next finds the old
 * image or the new one, never a mixture. SWR_TEST_SEED repeats a run. */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "checked/checked.h"
#include "support/support.h"

static uint64_t random_state;

static uint64_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

static int64_t now_in_microseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* --- The images: every row, of one slice and one version, has a byte of its own --- */

static unsigned char row_byte(int64_t y, int64_t z, int version) {
  return (unsigned char)(1 + (y * 7 + z * 31 + version * 101) % 250);
}

/* A part of an image, and the versions of it that a write replaces and makes. */
typedef struct job {
  const char* path;
  swr_region image; /* after the write */
  swr_region part;
  swr_existing existing;
  int noisy; /* not to be compressed to nothing */
  int old_version, new_version;
} job;

static unsigned char pixel_byte(const job* j, int64_t x, int64_t y, int64_t z, int version) {
  const unsigned char base = row_byte(y, z, version);
  if (!j->noisy) return base;
  const uint32_t hash = (uint32_t)(x + y * 4099 + z * 65537) * 2654435761u;
  return (unsigned char)(base ^ (((hash ^ hash >> 13) * 2246822519u) >> 26));
}

static void fill_row(const job* j, unsigned char* row, int64_t x, int64_t bytes, int64_t y,
                     int64_t z, int version) {
  if (!j->noisy) {
    memset(row, row_byte(y, z, version), (size_t)bytes);
    return;
  }
  for (int64_t i = 0; i < bytes; ++i) row[i] = pixel_byte(j, x + i, y, z, version);
}

static int32_t pull_rows(swr_piece* piece, void* user) {
  const job* j = user;
  const swr_region* r = swr_piece_region(piece);
  unsigned char* at = swr_piece_buffer(piece);
  if (!at) return SWR_ERROR_MEMORY;
  for (int64_t z = r->index[2]; z < r->index[2] + r->size[2]; ++z) {
    for (int64_t y = r->index[1]; y < r->index[1] + r->size[1]; ++y, at += r->size[0]) {
      fill_row(j, at, r->index[0], r->size[0], y, z, j->new_version);
    }
  }
  return SWR_OK;
}

static swr_status write_job(const job* j, int report) {
  swr_writer* w = swr_writer_create();
  swr_set_path(w, j->path);
  swr_set_image_region(w, &j->image);
  swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR);
  swr_set_paste_region(w, &j->part);
  swr_set_existing(w, j->existing);
  const swr_status status = swr_write(w, pull_rows, (void*)j);
  if (report && status != SWR_OK) print_error("%s\n", swr_writer_message(w));
  swr_writer_destroy(w);
  return status;
}

/* --- Children --- */

static int write_in_child(const void* argument) {
  return write_job(argument, 1) == SWR_OK ? 0 : 1;
}

static int recover_in_child(const void* argument) {
  return swr_recover(((const job*)argument)->path, NULL) == SWR_OK ? 0 : 1;
}

static void sleep_for(int64_t microseconds) {
  const struct timespec wait = {(time_t)(microseconds / 1000000),
                                (long)(microseconds % 1000000) * 1000};
  nanosleep(&wait, NULL);
}

/* Returns when the file is there, or the child has ended. */
static void wait_for_file(const char* path, pid_t child) {
  siginfo_t ended;
  do {
    sleep_for(50);
    memset(&ended, 0, sizeof ended);
    waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT);
  } while (ended.si_pid == 0 && !file_exists(path));
}

/* Runs `act` in a child that is killed after a while, counted from when the file `sign` is there if
 * one is given; whether it was at its end by then. */
static int run_and_kill(int (*act)(const void*), const void* argument, int64_t microseconds,
                        const char* sign) {
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) _exit(act(argument));
  if (sign) wait_for_file(sign, child);
  sleep_for(microseconds);
  kill(child, SIGKILL);
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  if (WIFEXITED(status)) assert_int_equal(WEXITSTATUS(status), 0);
  return WIFEXITED(status);
}

/* How long the write takes when nothing disturbs it: half of the kills should strike it. */
static int64_t time_of(const job* j) {
  const int64_t begin = now_in_microseconds();
  assert_int_equal(write_job(j, 1), SWR_OK);
  return now_in_microseconds() - begin;
}

/* --- Looking --- */

static swr_reader* open_reader(const char* path) {
  swr_reader* reader = swr_reader_create();
  assert_reader_ok(reader, swr_reader_open(reader, path));
  return reader;
}

/* Counts the rows of the slice that are of one version from end to end. */
static int64_t rows_of_version(const job* j, const unsigned char* rows, const swr_region* slice,
                               int version, int wholly) {
  int64_t count = 0;
  unsigned char* expected = malloc((size_t)slice->size[0]);
  assert_non_null(expected);
  for (int64_t row = 0; row < slice->size[1]; ++row) {
    const unsigned char* found = rows + row * slice->size[0];
    const int64_t y = slice->index[1] + row, z = slice->index[2], last = slice->size[0] - 1;
    if (wholly || j->noisy) {
      fill_row(j, expected, slice->index[0], slice->size[0], y, z, version);
      count += memcmp(found, expected, (size_t)slice->size[0]) == 0;
    } else {
      const unsigned char byte = row_byte(y, z, version);
      count += found[0] == byte && found[last / 2] == byte && found[last] == byte;
    }
  }
  free(expected);
  return count;
}

/* The version of the part in the file; fails if it is a mixture. */
static int version_of(const job* j, int wholly) {
  swr_reader* reader = open_reader(j->path);
  int64_t of_old = 0, of_new = 0, rows = 0;
  unsigned char* bytes = malloc((size_t)(j->part.size[0] * j->part.size[1]));
  assert_non_null(bytes);
  for (int64_t i = 0; i < j->part.size[2]; ++i) {
    swr_region slice = j->part;
    slice.index[2] += i;
    slice.size[2] = 1;
    assert_reader_ok(reader, swr_reader_read(reader, &slice, bytes, slice.size[0] * slice.size[1]));
    of_old += rows_of_version(j, bytes, &slice, j->old_version, wholly);
    of_new += rows_of_version(j, bytes, &slice, j->new_version, wholly);
    rows += slice.size[1];
  }
  free(bytes);
  swr_reader_destroy(reader);
  if (of_old != rows && of_new != rows)
    fail_msg("of %d rows %d are old and %d are new", (int)rows, (int)of_old, (int)of_new);
  return of_new == rows ? j->new_version : j->old_version;
}

static int is_inside(int64_t at, const swr_region* region, int axis) {
  return at >= region->index[axis] && at < region->index[axis] + region->size[axis];
}

/* A whole slice: pixels outside the part are of `version`, zeros if that is negative; those
 * inside are of `version_of_part`. */
static void check_slice(const job* j, int64_t z, int version, int version_of_part) {
  swr_reader* reader = open_reader(j->path);
  swr_region slice = j->image;
  slice.index[2] = z;
  slice.size[2] = 1;
  unsigned char* bytes = malloc((size_t)(slice.size[0] * slice.size[1]));
  unsigned char* expected = malloc((size_t)slice.size[0]);
  assert_true(bytes && expected);
  assert_reader_ok(reader, swr_reader_read(reader, &slice, bytes, slice.size[0] * slice.size[1]));
  for (int64_t y = 0; y < slice.size[1]; ++y) {
    if (version >= 0) fill_row(j, expected, 0, slice.size[0], y, z, version);
    if (version < 0) memset(expected, 0, (size_t)slice.size[0]);
    if (is_inside(z, &j->part, 2) && is_inside(y, &j->part, 1)) {
      fill_row(j, expected + j->part.index[0], j->part.index[0], j->part.size[0], y, z,
               version_of_part);
    }
    if (memcmp(bytes + y * slice.size[0], expected, (size_t)slice.size[0]) != 0)
      fail_msg("row %d of slice %d has changed", (int)y, (int)z);
  }
  free(expected);
  free(bytes);
  swr_reader_destroy(reader);
}

/* Nothing but the file in question is there. */
static void check_no_litter(const char* path) {
  DIR* folder = opendir(".");
  assert_non_null(folder);
  for (struct dirent* entry = readdir(folder); entry; entry = readdir(folder)) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
        strcmp(entry->d_name, path) == 0)
      continue;
    fail_msg("%s was left behind", entry->d_name);
  }
  closedir(folder);
}

/* Kills, recovers, sometimes killing the recovery too, and recovers again, which changes
 * nothing. Whether the child had come to its end. */
static int strike(const job* j, int64_t duration, int* recoveries) {
  char journal[256];
  snprintf(journal, sizeof journal, ".%s.swr-undo", j->path);
  /* Any moment; every second time one when the file is being changed, which may be short. */
  const int at_once = next_random() % 2 == 0;
  const int64_t moment =
      (int64_t)(next_random() % (uint64_t)(at_once ? duration / 32 + 1 : duration * 5 / 4 + 1));
  const int ended = run_and_kill(write_in_child, j, moment, at_once ? journal : NULL);
  if (next_random() % 4 == 0)
    run_and_kill(recover_in_child, j, (int64_t)(next_random() % (uint64_t)(duration / 2 + 1)),
                 NULL);
  int32_t recovered = 0;
  assert_int_equal(swr_recover(j->path, &recovered), SWR_OK);
  *recoveries += recovered;
  struct stat before, after;
  assert_int_equal(stat(j->path, &before), 0);
  assert_int_equal(swr_recover(j->path, &recovered), SWR_OK);
  assert_int_equal(recovered, 0);
  assert_int_equal(stat(j->path, &after), 0);
  assert_int_equal(after.st_size, before.st_size);
  assert_true(after.st_mtim.tv_sec == before.st_mtim.tv_sec &&
              after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
  check_no_litter(j->path);
  return ended;
}

static void tell(const char* what, int rounds, int ended, int renewed, int recoveries) {
  print_message(
      "             %s: %d writers killed, %d were at their end, %d new images, %d recoveries\n",
      what, rounds - ended, ended, renewed, recoveries);
}

/* --- The tests --- */

static void make_image(const job* j) {
  unlink("image.mha");
  unlink("image.nii.gz");
  swr_writer* w = swr_writer_create();
  assert_ok(w, swr_set_path(w, j->path));
  assert_ok(w, swr_set_image_region(w, &j->image));
  assert_ok(w, swr_set_pixel_type(w, SWR_UINT8, 1, SWR_KIND_SCALAR));
  if (j->new_version < 0) {
    assert_ok(w, swr_allocate(w));
  } else {
    assert_ok(w, swr_write(w, pull_rows, (void*)j));
  }
  swr_writer_destroy(w);
}

static void paste_and_kill(job* j, const char* what, int rounds, int64_t before, int64_t after,
                           int version_outside) {
  int ended = 0, renewed = 0, recoveries = 0;
  j->old_version = j->new_version;
  j->new_version = 1;
  const int64_t duration = time_of(j);
  const int64_t size = file_bytes(j->path);
  for (int round = 0; round < rounds; ++round) {
    const int now = j->new_version;
    j->old_version = now;
    j->new_version = now + 1;
    const int at_its_end = strike(j, duration, &recoveries);
    const int found = version_of(j, round % 10 == 0);
    if (at_its_end) assert_int_equal(found, j->new_version);
    ended += at_its_end;
    renewed += found == j->new_version;
    j->new_version = found;
    check_slice(j, before, version_outside, found);
    check_slice(j, before + 1, version_outside, found);
    check_slice(j, after - 1, version_outside, found);
    check_slice(j, after, version_outside, found);
    if (!j->noisy) assert_int_equal(file_bytes(j->path), size);
  }
  tell(what, rounds, ended, renewed, recoveries);
  /* Slots change in a moment, which a busy machine may let slip every time; plain pixels take as
   * long as all the rest. */
  if (!j->noisy) assert_true(recoveries > 0);
}

/* 64 MiB of a file of 1 GiB, which lie together. */
static void pastes_that_are_killed_leave_the_old_or_the_new_image(void** state) {
  (void)state;
  job j = {"image.mha",
           region_3d(0, 0, 0, 1024, 1024, 1024),
           region_3d(0, 0, 400, 1024, 1024, 64),
           SWR_EXISTING_UPDATE,
           0,
           -1,
           -1};
  make_image(&j);
  paste_and_kill(&j, "64 MiB in 1 GiB", 120, 399, 464, -1);
  assert_int_equal(unlink(j.path), 0);
}

/* The same in thousands of rows. */
static void pastes_of_rows_that_are_killed_leave_the_old_or_the_new_image(void** state) {
  (void)state;
  job j = {"image.mha",
           region_3d(0, 0, 0, 1024, 1024, 1024),
           region_3d(10, 20, 400, 1000, 1000, 67),
           SWR_EXISTING_UPDATE,
           0,
           -1,
           -1};
  make_image(&j);
  paste_and_kill(&j, "64 MiB in rows in 1 GiB", 80, 399, 467, -1);
  assert_int_equal(unlink(j.path), 0);
}

/* Slots of some 20 MB that are compressed. */
static void compressed_pastes_that_are_killed_leave_the_old_or_the_new_image(void** state) {
  (void)state;
  job j = {"image.nii.gz",
           region_3d(0, 0, 0, 300, 300, 290),
           region_3d(0, 0, 0, 300, 300, 290),
           SWR_EXISTING_REPLACE,
           1,
           -1,
           0};
  make_image(&j);
  assert_true(file_bytes(j.path) > 15000000);
  j.existing = SWR_EXISTING_UPDATE;
  j.part = region_3d(40, 50, 100, 150, 160, 60);
  paste_and_kill(&j, "compressed", 50, 99, 160, 0);
  swr_reader* reader = open_reader(j.path);
  assert_reader_ok(reader, swr_reader_verify(reader));
  swr_reader_destroy(reader);
  assert_int_equal(unlink(j.path), 0);
}

static void extend_and_kill(const char* path, int noisy, const char* what) {
  int ended = 0, renewed = 0, recoveries = 0;
  job j = {path,
           region_3d(0, 0, 0, 512, 512, 16),
           region_3d(0, 0, 0, 512, 512, 16),
           SWR_EXISTING_REPLACE,
           noisy,
           -1,
           0};
  make_image(&j);
  j.existing = SWR_EXISTING_EXTEND;
  int64_t duration = 0;
  const int rounds = 50;
  for (int round = 0; round <= rounds; ++round) {
    const int64_t slices = j.image.size[2];
    j.part.index[2] = slices;
    j.part.size[2] = 32;
    j.image.size[2] = slices + 32;
    if (round == 0) {
      duration = time_of(&j);
      continue;
    }
    const int at_its_end = strike(&j, duration, &recoveries);
    swr_reader* reader = open_reader(path);
    swr_region found;
    assert_reader_ok(reader, swr_reader_get_image_region(reader, &found));
    swr_reader_destroy(reader);
    const int grown = found.size[2] == slices + 32;
    if (!grown) assert_int_equal(found.size[2], slices);
    if (at_its_end) assert_true(grown);
    ended += at_its_end;
    renewed += grown;
    j.image = found;
    /* The slices at the seam, and one that was there from the beginning. */
    check_slice(&j, 3, 0, 0);
    check_slice(&j, slices - 1, 0, 0);
    if (grown) check_slice(&j, slices + 17, 0, 0);
    if (grown) check_slice(&j, slices + 31, 0, 0);
  }
  tell(what, rounds, ended, renewed, recoveries);
  assert_int_equal(unlink(path), 0);
}

static void extensions_that_are_killed_leave_the_old_or_the_new_image(void** state) {
  (void)state;
  extend_and_kill("image.mha", 0, "extended");
}

static void compressed_extensions_that_are_killed_leave_the_old_or_the_new_image(void** state) {
  (void)state;
  extend_and_kill("image.nii.gz", 1, "extended, compressed");
}

/* A folder in memory, if it has the room: a process that is killed leaves there what it leaves
 * on a disk. */
static char home[64] = "";

static void find_home(void) {
  struct statvfs facts;
  if (statvfs("/dev/shm", &facts) != 0 || (uint64_t)facts.f_bavail * facts.f_frsize < UINT64_C(1)
                                                                                          << 30)
    snprintf(home, sizeof home, "kill-XXXXXX");
  else
    snprintf(home, sizeof home, "/dev/shm/swr-kill-XXXXXX");
  if (!mkdtemp(home) || chdir(home) != 0) abort();
}

static void leave_home(void) {
  unlink("image.mha");
  unlink("image.nii.gz");
  if (chdir("/") == 0 && home[0] == '/') rmdir(home);
}

int main(void) {
  const char* seed = getenv("SWR_TEST_SEED");
  random_state = seed ? strtoull(seed, NULL, 10) : 1;
  printf("SWR_TEST_SEED=%llu\n", (unsigned long long)random_state);
  if (random_state == 0) random_state = 1;
  checks_off("the tests look for themselves, after each kill");
  find_home();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pastes_that_are_killed_leave_the_old_or_the_new_image),
      cmocka_unit_test(pastes_of_rows_that_are_killed_leave_the_old_or_the_new_image),
      cmocka_unit_test(compressed_pastes_that_are_killed_leave_the_old_or_the_new_image),
      cmocka_unit_test(extensions_that_are_killed_leave_the_old_or_the_new_image),
      cmocka_unit_test(compressed_extensions_that_are_killed_leave_the_old_or_the_new_image),
  };
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  leave_home();
  return failed;
}
