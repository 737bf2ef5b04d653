/* A child of fork() has copies of its parent's writers. Whatever it does with them, and however it
 * ends, the parent's write is not affected. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checked/checked.h"
#include "sanitized.h"
#include "support/foreign.h"

typedef enum deed { DESTROYS, ABANDONS, FINISHES, EXITS, deed_count } deed;
typedef enum kind_of_write { CREATES, REPLACES, PASTES, GROWS, REWRITES, kind_count } kind_of_write;

static const char* const deed_names[] = {"destroys the writer", "abandons", "finishes", "exits"};

static volume pattern(int64_t nz, uint64_t seed) {
  const swr_region region = region_3d(0, 0, 0, 20, 16, nz);
  return volume_pattern(&region, SWR_UINT16, 1, seed);
}

static swr_writer* open_in_child;

static void destroy_at_exit(void) {
  swr_writer_destroy(open_in_child);
}

/* Ends like a program of its own: its exit handlers run. */
static void do_in_child(swr_writer* w, deed what) {
  if (what == ABANDONS && swr_abandon(w) != SWR_ERROR_STATE) _exit(1);
  if (what == FINISHES && swr_finish(w) != SWR_ERROR_STATE) _exit(2);
  if (what == DESTROYS) {
    swr_writer_destroy(w);
    _exit(0);
  }
  open_in_child = w;
  if (SANITIZED) { /* its exit() may wait for a lock that a thread of the parent held */
    destroy_at_exit();
    _exit(0);
  }
  atexit(destroy_at_exit);
  exit(0);
}

static void let_child(swr_writer* w, deed what) {
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) do_in_child(w, what);
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    fail_msg("a child that %s ended with %d", deed_names[what], status);
}

static swr_writer* begin(const test_case* t, kind_of_write kind, const volume* old, volume* v) {
  const foreign_encoding foreign = {6, Z_DEFAULT_STRATEGY, 8, TRAILING_BYTES};
  if (kind == REWRITES) {
    make_foreign(t, old, &foreign);
  } else if (kind != CREATES) {
    make_file(t, old);
  }
  swr_writer* w = writer_for(t, v);
  const swr_region grown = region_3d(0, 0, 10, 20, 16, 3);
  if (kind == GROWS) {
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
    assert_ok(w, swr_set_paste_region(w, &grown));
  }
  if (kind == PASTES || kind == REWRITES) {
    assert_ok(w, swr_set_existing(w, SWR_EXISTING_UPDATE));
    assert_ok(w, swr_set_paste_region(w, &v->region));
  }
  assert_ok(w, swr_begin(w));
  return w;
}

static void put_slab(swr_writer* w, const volume* v, int64_t z, int64_t nz) {
  const swr_region slab = region_3d(0, 0, z, 20, 16, nz);
  const int64_t bytes = region_pixels(&slab) * 2;
  void* pixels = malloc((size_t)bytes);
  volume_get(v, &slab, pixels);
  assert_ok(w, swr_put(w, &slab, pixels, bytes));
  free(pixels);
}

static int applies(const test_case* t, kind_of_write kind) {
  if (kind == REWRITES) return has_slots(t);
  if (kind == GROWS && !(t->kind->flags & SWR_CAN_EXTEND)) return 0;
  return 1;
}

static void child_of_fork_changes_nothing_of_its_parent(void** state) {
  const test_case* t = *state;
  checks_off("a child has the writer too");
  for (int kind = 0; kind < kind_count; ++kind) {
    if (!applies(t, (kind_of_write)kind)) continue;
    for (int what = 0; what < deed_count; ++what) {
      clear_folder();
      volume old = pattern(10, 1), v = pattern(kind == GROWS ? 13 : 10, 2);
      if (kind == GROWS) volume_copy(&v, &old, &old.region);
      swr_writer* w = begin(t, (kind_of_write)kind, &old, &v);
      const int64_t first = kind == GROWS ? 10 : 0, count = kind == GROWS ? 3 : 10;
      put_slab(w, &v, first, count / 2);
      snapshot* before = snapshot_take();
      let_child(w, (deed)what);
      assert_unchanged(before);
      put_slab(w, &v, first + count / 2, count - count / 2);
      assert_ok(w, swr_finish(w));
      swr_writer_destroy(w);
      assert_file_holds(t->path, &v);
      const int names = strstr(t->path, ".mhd") || strstr(t->path, ".nhdr") ||
                                strstr(t->path, ".hdr") || strstr(t->path, ".img") ||
                                strstr(t->path, ".chunks")
                            ? 2
                            : 1;
      assert_file_count(names);
      snapshot_free(before);
      volume_free(&old);
      volume_free(&v);
    }
  }
}

int main(void) {
  TEST_EACH(child_of_fork_changes_nothing_of_its_parent, SWR_CAN_STREAM | SWR_CAN_PASTE);
  return run_all_tests("fork");
}
