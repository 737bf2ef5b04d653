/* Which changes of a file may run at the same time: each pair of kinds, in one process and in two.
 * The second one is refused immediately, or waits. */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capi/support/child.h"
#include "changes.h"
#include "checked/checked.h"

/* --- A process that has begun a change, and finishes it when it is told to --- */

static int hold_in_child(char** words) {
  checks_off("another write is under way");
  const change c = {
      .kind = (change_kind)atoi(words[0]), .number = atoi(words[1]), .path = words[2]};
  swr_writer* w = begin_change(&c);
  if (!child_says() || !child_hears()) return 1;
  finish_change(&c, w);
  return 0;
}

static child hold(const change* c) {
  const char kind[] = {(char)('0' + c->kind), 0}, number[] = {(char)('0' + c->number), 0};
  const child holder = child_start((const char* const[]){kind, number, c->path, NULL});
  child_wait(&holder);
  return holder;
}

static void release(const child* holder) {
  child_tell(holder);
  assert_int_equal(child_end(holder), 0);
}

/* --- Pairs --- */

static void check_reader(const char* path) {
  swr_reader* r = swr_reader_create();
  assert_reader_ok(r, swr_reader_open(r, path));
  assert_reader_ok(r, swr_reader_verify(r));
  swr_reader_destroy(r);
}

static void check_pair(const change* first, const change* second, int compressed,
                       int in_two_processes) {
  clear_folder();
  make_image(first->path, compressed);
  snapshot* begun = snapshot_take();
  const int files = snapshot_count(begun);
  snapshot_free(begun);
  child h = {0};
  swr_writer* w = NULL;
  if (in_two_processes) {
    h = hold(first);
  } else {
    w = begin_change(first);
  }
  char words[256];
  const swr_status status = make_change(second, words);
  const swr_status expected = may_be_together(first, second, compressed) ? SWR_OK : SWR_ERROR_BUSY;
  if (status != expected) {
    fail_msg("%s during %s of %s: %s: %s", change_names[second->kind], change_names[first->kind],
             first->path, swr_status_name(status), words);
  }
  if (status != SWR_OK) {
    assert_says(words, second->path);
    assert_says(words, "lock");
  }
  check_reader(first->path);
  if (in_two_processes) {
    release(&h);
  } else {
    finish_change(first, w);
  }
  volume v = image_before();
  apply_change(first, &v);
  if (status == SWR_OK) apply_change(second, &v);
  assert_file_holds(first->path, &v);
  if (compressed == WITH_LEVEL) expect_level(first->path, &v);
  assert_file_count(files);
  volume_free(&v);
}

static const struct form {
  const char* path;
  int compressed; /* or IN_CHUNKS */
} forms[] = {{"image.mha", 0},           {"image.mhd", 0},
             {"image.mha", 1},           {"image.nii.gz", 1},
             {"image.tif", 1},           {"image.tif", IN_CHUNKS},
             {"image.tif", WITH_LEVEL},  {"image.h5", 1},
             {"image.h5", IN_CHUNKS},    {"image.zarr", IN_CHUNKS},
             {"image.zarr", WITH_LEVEL}, {"image.chunks", 0},
             {"image.boxes", 0}};

static size_t form_count(void) {
  const size_t all = sizeof forms / sizeof forms[0];
  return has_chunked_formats() ? all : all - 2;
}

/* On Windows each commit has some of the forms. */
static int form_takes_its_turn(size_t form) {
  if (strstr(forms[form].path, ".h5") && !swr_format_suffixes("HDF5")) return 0;
#ifdef _WIN32
  return kind_takes_its_turn((int)form, 0);
#else
  (void)form;
  return 1;
#endif
}

static void check_table(int in_two_processes) {
  checks_off("another write is under way");
  for (size_t f = 0; f < form_count(); ++f) {
    if (!form_takes_its_turn(f)) continue;
    for (int a = 0; a < change_kinds; ++a) {
      for (int b = 0; b < change_kinds; ++b) {
        if (!can_be_made(forms[f].path, a) || !can_be_made(forms[f].path, b)) continue;
        const change first = {.kind = (change_kind)a, .number = 0, .path = forms[f].path};
        const change second = {.kind = (change_kind)b, .number = 1, .path = forms[f].path};
        check_pair(&first, &second, forms[f].compressed, in_two_processes);
      }
    }
  }
}

static void changes_of_two_writers_of_a_process_come_together_or_are_refused(void** state) {
  (void)state;
  check_table(0);
}

static void changes_of_two_processes_come_together_or_are_refused(void** state) {
  (void)state;
  check_table(1);
}

/* Two headers name the same pixels. */
static void changes_by_two_headers_come_together_or_are_refused(void** state) {
  (void)state;
  checks_off("another write is under way");
  const change_kind kinds[] = {PASTE, PASTE_AS_SOLE_WRITER, PASTE_AND_ERASE};
  for (int compressed = 0; compressed < 2; ++compressed) {
    for (int a = 0; a < 3; ++a) {
      for (int b = 0; b < 3; ++b) {
        clear_folder();
        make_image("a.mhd", compressed);
        int64_t bytes = 0;
        unsigned char* header = load_file("a.mhd", &bytes);
        save_file("b.mhd", header, bytes);
        free(header);
        const change first = {.kind = kinds[a], .number = 0, .path = "a.mhd"};
        const change second = {.kind = kinds[b], .number = 1, .path = "b.mhd"};
        swr_writer* w = begin_change(&first);
        char words[256];
        /* A compressed stream may have to be rewritten, which b.mhd must not do to a.mhd. */
        const swr_status expected = compressed                            ? SWR_ERROR_EXISTS
                                    : may_be_together(&first, &second, 0) ? SWR_OK
                                                                          : SWR_ERROR_BUSY;
        const swr_status status = make_change(&second, words);
        if (status != expected) fail_msg("%s: %s", swr_status_name(status), words);
        finish_change(&first, w);
      }
    }
  }
}

/* --- Waiting --- */

typedef struct waiting {
  change c;
  swr_status status;
  char words[256];
} waiting;

static void* make_change_in_thread(void* argument) {
  waiting* w = argument;
  w->status = make_change(&w->c, w->words);
  return NULL;
}

static void changes_that_wait_are_made_after_the_first(void** state) {
  (void)state;
  checks_off("another write is under way");
  for (size_t f = 0; f < form_count(); ++f) {
    if (!form_takes_its_turn(f)) continue;
    for (int a = 0; a < change_kinds; ++a) {
      for (int b = 0; b < change_kinds; ++b) {
        if (!can_be_made(forms[f].path, a) || !can_be_made(forms[f].path, b)) continue;
        const change first = {.kind = (change_kind)a, .number = 0, .path = forms[f].path};
        waiting second = {{.kind = (change_kind)b, .number = 1, .path = forms[f].path, .waits = 1},
                          SWR_ERROR_INTERNAL,
                          ""};
        clear_folder();
        make_image(first.path, forms[f].compressed);
        child h = hold(&first);
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, make_change_in_thread, &second), 0);
        usleep(2000);
        release(&h);
        pthread_join(thread, NULL);
        if (second.status != SWR_OK)
          fail_msg("%s after %s of %s: %s: %s", change_names[b], change_names[a], first.path,
                   swr_status_name(second.status), second.words);
        volume v = image_before();
        apply_change(&first, &v);
        apply_change(&second.c, &v);
        assert_file_holds(first.path, &v);
        if (forms[f].compressed == WITH_LEVEL) expect_level(first.path, &v);
        volume_free(&v);
      }
    }
  }
}

/* A writer that dies holds no lock any more, and its change is rolled back. */
static void change_after_a_writer_that_died_is_made(void** state) {
  (void)state;
  checks_off("another write is under way");
  for (size_t f = 0; f < form_count(); ++f) {
    if (!form_takes_its_turn(f)) continue;
    for (int b = 0; b < change_kinds; ++b) {
      if (!can_be_made(forms[f].path, b)) continue;
      const change first = {.kind = PASTE, .number = 0, .path = forms[f].path};
      const change second = {.kind = (change_kind)b, .number = 1, .path = forms[f].path};
      clear_folder();
      make_image(first.path, forms[f].compressed);
      child h = hold(&first);
      kill_process(h.process);
      assert_true(was_killed(child_end(&h)));
      char words[256];
      if (make_change(&second, words) != SWR_OK) fail_msg("%s", words);
      volume v = image_before();
      apply_change(&second, &v);
      assert_file_holds(first.path, &v);
      if (forms[f].compressed == WITH_LEVEL) expect_level(first.path, &v);
      volume_free(&v);
    }
  }
}

int main(int argc, char** argv) {
  act_as_child(argc, argv, hold_in_child);
  TEST(changes_of_two_writers_of_a_process_come_together_or_are_refused);
  TEST(changes_of_two_processes_come_together_or_are_refused);
  TEST(changes_by_two_headers_come_together_or_are_refused);
  TEST(changes_that_wait_are_made_after_the_first);
  TEST(change_after_a_writer_that_died_is_made);
  return run_all_tests("several writes of one file");
}
