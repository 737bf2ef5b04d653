/* swr recover after writers that died. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifndef _WIN32
#include <sys/syscall.h>
#endif

#include "checked/checked.h"
#include "command.h"
#include "support/foreign.h"

static volume noise(const swr_region* region, uint32_t seed) {
  volume v = volume_new(region, SWR_INT16, 1);
  for (int64_t i = 0; i < volume_bytes(&v); ++i)
    v.bytes[i] = (unsigned char)((seed = seed * 1664525u + 1013904223u) >> 24);
  return v;
}

static swr_region image_region(void) {
  return region_3d(0, 0, 0, 200, 150, 32);
}

/* What is pasted. */
static volume part_of_noise(void) {
  const swr_region box = region_3d(10, 5, 0, 180, 140, 32);
  return noise(&box, 2);
}

/* --- A writer that dies --- */

static void journal_path(const char* path, char out[128]) {
  snprintf(out, 128, ".%s.swr-undo",
           strstr(path, ".img") ? "image.hdr" : path); /* beside the header */
}

typedef struct dying {
  source from;
  int64_t dies_at;   /* the number of the piece; -1: it lives */
  char journal[128]; /* which is there by then, when the pieces before it are stored */
} dying;

static int32_t pull_and_die(swr_piece* piece, void* user) {
  dying* d = user;
  if (d->from.pulls == d->dies_at) {
    for (int i = 0; i < 10000 && !file_exists(d->journal); ++i) usleep(1000);
    die();
  }
  return pull_source(piece, &d->from);
}

/* The file whose flush kills the process: it is changed by then, and its journal is not over. */
static const char* fatal;

#ifndef _WIN32
/* Replaces the function of the C library, for the library too. */
__attribute__((visibility("default"))) int fsync(int fd) {
  struct stat flushed, named;
  if (fatal && fstat(fd, &flushed) == 0 && stat(fatal, &named) == 0 &&
      flushed.st_dev == named.st_dev && flushed.st_ino == named.st_ino)
    die();
  return (int)syscall(SYS_fsync, fd);
}
#endif

static swr_status paste(const char* path, const volume* part, int64_t divisions, int64_t dies_at) {
  swr_writer* w = swr_writer_create();
  dying d = {source_of(part), dies_at, ""};
  journal_path(path, d.journal);
  swr_status status = swr_set_path(w, path);
  if (!status) status = swr_set_pixel_type(w, part->component, part->components, SWR_KIND_SCALAR);
  if (!status) status = swr_set_existing(w, SWR_EXISTING_UPDATE);
  if (!status) status = swr_set_paste_region(w, &part->region);
  if (!status) status = swr_set_divisions(w, divisions);
  if (!status) status = swr_set_sync(w, fatal != NULL);
  if (!status) status = swr_write(w, pull_and_die, &d);
  swr_writer_destroy(w);
  return status;
}

/* Words: the image, and the file whose flush is fatal, if there is one. In place, pieces are stored
 * while later ones are made: a process that dies at the last of many has changed the file. A
 * compressed file changes when all its pixels are there. */
static int paste_and_die(char** words) {
  checks_off("the process dies");
  volume part = part_of_noise();
  fatal = words[1];
  const swr_status status = fatal ? paste(words[0], &part, 1, -1) : paste(words[0], &part, 32, 30);
  volume_free(&part);
  return status == SWR_OK ? 0 : 1;
}

static void run_dying_process(const test_case* t) {
  char data[64];
  stream_path(t, data);
#ifdef _WIN32
  if (t->kind->compressed) skip(); /* the library's calls of the system cannot be replaced */
#endif
  const child dead =
      child_start((const char* const[]){t->path, t->kind->compressed ? data : NULL, NULL});
  assert_true(was_killed(child_end(&dead)));
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

/* --- Tests --- */

/* The file as it is before, and with a journal of a write that died. */
static snapshot* leave_a_journal(const test_case* t, const volume* old) {
  char journal[128];
  journal_path(t->path, journal);
  make_file(t, old);
  snapshot* before = snapshot_take();
  run_dying_process(t);
  assert_true(has_journal_in_use(journal));
  return before;
}

static void recover_takes_back_the_write_of_a_killed_process(void** state) {
  const test_case* t = *state;
  if (is_a_folder(t)) return; /* kill_faults has it */
  const swr_region region = image_region();
  volume old = noise(&region, 1);
  for (int json = 0; json < 2; ++json) {
    snapshot* before = leave_a_journal(t, &old);
    char journal[128];
    journal_path(t->path, journal);
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
}

/* The other commands do the same by themselves. */
static void opening_takes_it_back_too(void** state) {
  const test_case* t = *state;
  if (is_a_folder(t)) return; /* kill_faults has it */
  const swr_region region = image_region();
  volume old = noise(&region, 3);
  snapshot* before = leave_a_journal(t, &old);
  swr_ok("verify %s", t->path);
  assert_unchanged(before);
  snapshot_free(before);
  volume_free(&old);
}

int main(int argc, char** argv) {
  act_as_child(argc, argv, paste_and_die);
  const uint32_t needs = SWR_CAN_STREAM | SWR_CAN_PASTE;
  TEST_EACH(recover_takes_back_the_write_of_a_killed_process, needs);
  TEST_EACH(opening_takes_it_back_too, needs);
  return run_all_tests("swr recover");
}
