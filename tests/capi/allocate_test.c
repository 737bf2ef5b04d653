/* A file that is created without pixels, and several processes that paste into it at the same
 * time. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>

#include "checked/checked.h"
#include "sanitized.h"
#include "support/child.h"
#include "support/support.h"

static void allocate_makes_a_file_of_the_fill_value(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 33, 21, 17);
  for (int fill = 0; fill < 2; ++fill) {
    volume model = volume_new(&region, SWR_INT16, 1);
    volume_fill(&model, fill ? -300 : 0);
    swr_writer* w = writer_for(t, &model);
    if (fill) assert_ok(w, swr_set_fill_value(w, -300));
    assert_ok(w, swr_allocate(w));
    assert_file_holds(t->path, &model);
    swr_writer_destroy(w);
    volume_free(&model);
  }
}

static void allocate_obeys_the_policy(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 9, 8, 7);
  volume v = volume_pattern(&region, SWR_UINT8, 1, 1), zeros = volume_new(&region, SWR_UINT8, 1);
  make_file(t, &v);
  snapshot* before = snapshot_take();
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_FAIL));
  assert_status(w, SWR_ERROR_EXISTS, swr_allocate(w));
  assert_unchanged(before);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_REPLACE));
  assert_ok(w, swr_allocate(w));
  assert_file_holds(t->path, &zeros);
  snapshot_free(before);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&zeros);
}

static void allocate_with_extend_makes_a_file_larger(void** state) {
  const test_case* t = *state;
  const swr_region region = region_3d(0, 0, 0, 9, 8, 7), larger = region_3d(0, 0, 0, 9, 8, 12);
  volume v = volume_pattern(&region, SWR_UINT8, 1, 1), model = volume_new(&larger, SWR_UINT8, 1);
  make_file(t, &v);
  swr_writer* w = writer_for(t, &model);
  assert_ok(w, swr_set_existing(w, SWR_EXISTING_EXTEND));
  assert_ok(w, swr_set_fill_value(w, 9));
  assert_ok(w, swr_allocate(w));
  volume_fill(&model, 9);
  volume_copy(&model, &v, &region);
  assert_file_holds(t->path, &model);
  swr_writer_destroy(w);
  volume_free(&v);
  volume_free(&model);
}

enum { processes = 4, divisions = SANITIZED ? 11 : 31 };

static volume shared_volume(int32_t components) {
  const swr_region region = region_3d(0, 0, 0, 64, 48, 61);
  return volume_pattern(&region, SWR_UINT16, components, 7);
}

/* Pastes every `processes`-th piece of the writer's own division. Returns 0 on success. */
static int paste_share(const char* path, const volume* v, int rank, int rollback) {
  swr_writer* w = swr_writer_create();
  if (!w || swr_set_path(w, path) != SWR_OK || swr_set_rollback(w, rollback) != SWR_OK ||
      swr_set_threads(w, 1) != SWR_OK)
    return 1;
  if (swr_set_image_region(w, &v->region) != SWR_OK || swr_set_divisions(w, 1) != SWR_OK) return 2;
  if (swr_set_existing(w, SWR_EXISTING_UPDATE) != SWR_OK) return 3;
  int64_t count = 0;
  if (swr_get_actual_divisions(w, divisions, &count) != SWR_OK) return 4;
  for (int64_t number = rank; number < count; number += processes) {
    swr_region piece;
    source s = source_of(v);
    s.how = number % 2 ? LENDS_ALL : FILLS;
    if (swr_set_paste_region(w, NULL) != SWR_OK ||
        swr_get_split_region(w, number, divisions, &piece) != SWR_OK)
      return 5;
    if (swr_set_paste_region(w, &piece) != SWR_OK) return 6;
    if (swr_write(w, pull_source, &s) != SWR_OK) {
      print_error("process %d: %s\n", rank, swr_writer_message(w));
      return 7;
    }
  }
  swr_writer_destroy(w);
  return 0;
}

/* One process. Words: the image, the number of components, that of the process, and whether there
 * is a rollback. */
static int paste_words(char** words) {
#ifdef _WIN32
  checks_off("nobody can rename what the checks read");
#else
  checks_own_pixels_only("each process writes a share");
#endif
  volume v = shared_volume(atoi(words[1]));
  const int failed = paste_share(words[0], &v, atoi(words[2]), atoi(words[3]));
  volume_free(&v);
  return failed;
}

static int files_here(void) {
  snapshot* here = snapshot_take();
  const int count = snapshot_count(here);
  snapshot_free(here);
  return count;
}

static void paste_side_by_side(const test_case* t, int32_t components, int rollback) {
  volume v = shared_volume(components);
  swr_writer* w = writer_for(t, &v);
  assert_ok(w, swr_allocate(w));
  swr_writer_destroy(w);
  const int files = files_here(); /* two where the pixels are in a file of their own */
  assert_in_range(files, 1, 2);
  child children[processes];
  for (int rank = 0; rank < processes; ++rank) {
    const char digits[] = {(char)('0' + components), 0, (char)('0' + rank), 0,
                           (char)('0' + rollback),   0};
    children[rank] =
        child_start((const char* const[]){t->path, digits, digits + 2, digits + 4, NULL});
  }
  for (int rank = 0; rank < processes; ++rank) assert_int_equal(child_end(&children[rank]), 0);
  assert_file_holds(t->path, &v);
  assert_file_count(files);
  volume_free(&v);
}

static void processes_paste_side_by_side(void** state) {
  paste_side_by_side(*state, 1, 1);
}
static void processes_paste_side_by_side_without_rollback(void** state) {
  paste_side_by_side(*state, 1, 0);
}
static void processes_paste_pixels_of_several_components(void** state) {
  paste_side_by_side(*state, 3, 1);
}

int main(int argc, char** argv) {
  act_as_child(argc, argv, paste_words);
  TEST_EACH(allocate_makes_a_file_of_the_fill_value, SWR_CAN_STREAM);
  TEST_EACH(allocate_obeys_the_policy, SWR_CAN_STREAM);
  TEST_EACH(allocate_with_extend_makes_a_file_larger, SWR_CAN_STREAM | SWR_CAN_EXTEND);
  TEST_EACH_PLAIN(processes_paste_side_by_side, SWR_CAN_STREAM | SWR_CAN_CONCURRENT);
  TEST_EACH_PLAIN(processes_paste_side_by_side_without_rollback,
                  SWR_CAN_STREAM | SWR_CAN_CONCURRENT);
  TEST_EACH_PLAIN(processes_paste_pixels_of_several_components,
                  SWR_CAN_STREAM | SWR_CAN_CONCURRENT);
  return run_all_tests("allocate");
}
