/* swr recover after killed writers. */
#define _DEFAULT_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "support/foreign.h"

static volume noise(const swr_region* region, uint32_t seed) {
  volume v = volume_new(region, SWR_INT16, 1);
  for (int64_t i = 0; i < volume_bytes(&v); ++i)
    v.bytes[i] = (unsigned char)((seed = seed * 1664525u + 1013904223u) >> 24);
  return v;
}

/* --- A writer that dies --- */

typedef struct dying {
  source from;
  int64_t dies_at; /* the number of the piece; -1: it lives */
} dying;

static int32_t pull_and_die(swr_piece* piece, void* user) {
  dying* d = user;
  if (d->from.pulls == d->dies_at) kill(getpid(), SIGKILL);
  return pull_source(piece, &d->from);
}

/* Only its statuses: a child of a test must not assert. */
static void paste_in_child(const test_case* t, const volume* part, int64_t divisions,
                           int64_t dies_at, int sync) {
  swr_writer* w = swr_writer_create();
  dying d = {source_of(part), dies_at};
  swr_status status = swr_set_path(w, t->path);
  if (!status) status = swr_set_pixel_type(w, part->component, part->components, SWR_KIND_SCALAR);
  if (!status) status = swr_set_existing(w, SWR_EXISTING_UPDATE);
  if (!status) status = swr_set_paste_region(w, &part->region);
  if (!status) status = swr_set_divisions(w, divisions);
  if (!status) status = swr_set_sync(w, sync);
  if (!status) status = swr_write(w, pull_and_die, &d);
  _exit(status == SWR_OK ? 0 : 1);
}

static void journal_path(const test_case* t, char out[128]) {
  snprintf(out, 128, ".%s.swr-undo",
           strstr(t->path, ".img") ? "image.hdr" : t->path); /* beside the header */
}

/* In place, pieces are stored while later ones are made: a process that dies at the last of many
 * has changed the file. */
static void die_between_pieces(const test_case* t, const volume* part) {
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) paste_in_child(t, part, 32, 30, 0);
  assert_int_equal(swr_wait(child), -SIGKILL);
}

/* Whether there is a journal, and what it says is not over: its byte 12 is 1 until the write is
 * complete. */
static int has_journal_in_use(const char* path) {
  FILE* file = fopen(path, "rb");
  if (!file) return 0;
  const int state = fseek(file, 12, SEEK_SET) == 0 ? fgetc(file) : EOF;
  fclose(file);
  return state == 1;
}

/* The file whose flush kills the process: it is changed by then, and its journal is not over. */
static const char* fatal;

/* Replaces the function of the C library, for the library too. */
__attribute__((visibility("default"))) int fsync(int fd) {
  struct stat flushed, named;
  if (fatal && fstat(fd, &flushed) == 0 && stat(fatal, &named) == 0 &&
      flushed.st_dev == named.st_dev && flushed.st_ino == named.st_ino)
    raise(SIGKILL);
  return (int)syscall(SYS_fsync, fd);
}

/* A compressed file changes when all its pixels are there. */
static void die_in_the_change(const test_case* t, const volume* part) {
  char data[64];
  stream_path(t, data);
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    fatal = data;
    paste_in_child(t, part, 1, -1, 1);
  }
  assert_int_equal(swr_wait(child), -SIGKILL);
}

/* --- Tests --- */

static swr_region image_region(void) {
  return region_3d(0, 0, 0, 200, 150, 32);
}

/* The file as it is before, and with a journal of a write that died. */
static snapshot* leave_a_journal(const test_case* t, const volume* old, const volume* part) {
  char journal[128];
  journal_path(t, journal);
  make_file(t, old);
  snapshot* before = snapshot_take();
  (t->kind->compressed ? die_in_the_change : die_between_pieces)(t, part);
  assert_true(has_journal_in_use(journal));
  return before;
}

static void recover_takes_back_the_write_of_a_killed_process(void** state) {
  const test_case* t = *state;
  if (is_a_folder(t)) return; /* kill_faults has it */
  const swr_region region = image_region(), box = region_3d(10, 5, 0, 180, 140, 32);
  volume old = noise(&region, 1), part = noise(&box, 2);
  for (int json = 0; json < 2; ++json) {
    snapshot* before = leave_a_journal(t, &old, &part);
    char journal[128];
    journal_path(t, journal);
    assert_true(file_exists(journal));
    if (json) {
      char* document = swr_json("recover %s --json", t->path);
      assert_int_equal((int)json_number(document, "recovered"), 1);
      free(document);
    } else {
      char* out = swr_output("recover %s", t->path);
      assert_has(out, "took back 1 unfinished write");
      free(out);
    }
    assert_unchanged(before); /* every byte, and no journal */
    snapshot_free(before);
    char* out = swr_output("recover %s", t->path);
    assert_has(out, "nothing to roll back");
    free(out);
    assert_file_holds(t->path, &old);
  }
  volume_free(&old);
  volume_free(&part);
}

/* The other commands do the same by themselves. */
static void opening_takes_it_back_too(void** state) {
  const test_case* t = *state;
  if (is_a_folder(t)) return; /* kill_faults has it */
  const swr_region region = image_region(), box = region_3d(10, 5, 0, 180, 140, 32);
  volume old = noise(&region, 3), part = noise(&box, 4);
  snapshot* before = leave_a_journal(t, &old, &part);
  swr_ok("verify %s", t->path);
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&old);
  volume_free(&part);
}

int main(void) {
  const uint32_t needs = SWR_CAN_STREAM | SWR_CAN_PASTE;
  TEST_EACH(recover_takes_back_the_write_of_a_killed_process, needs);
  TEST_EACH(opening_takes_it_back_too, needs);
  return run_all_tests("swr recover");
}
