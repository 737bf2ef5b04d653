#include "support/side_by_side.h"

#include <stdio.h>
#include <stdlib.h>

#include "checked/checked.h"

enum { digits = 24 };
static const process_share* all_shares;

volume shared_volume(const swr_region* region) {
  return volume_pattern(region, SWR_UINT16, 1, 1);
}

/* Words: the place in all_shares, the image, the number of the process, three sizes. */
static int do_share(char** words) {
  int64_t size[3];
  for (int axis = 0; axis < 3; ++axis) size[axis] = strtoll(words[3 + axis], NULL, 10);
  const swr_region region = region_nd(3, NULL, size);
  volume v = shared_volume(&region);
  checks_off("others write shares too");
  const int failed = all_shares[atoi(words[0])](words[1], &v, atoi(words[2]));
  volume_free(&v);
  return failed;
}

void act_as_share(int argc, char** argv, const process_share* shares) {
  all_shares = shares;
  act_as_child(argc, argv, do_share);
}

child start_share(process_share share, const char* path, const swr_region* region, int rank) {
  char numbers[5][digits];
  int place = 0;
  while (all_shares[place] && all_shares[place] != share) ++place;
  assert_non_null(all_shares[place]);
  snprintf(numbers[0], digits, "%d", place);
  snprintf(numbers[1], digits, "%d", rank);
  for (int axis = 0; axis < 3; ++axis)
    snprintf(numbers[2 + axis], digits, "%lld", (long long)region->size[axis]);
  return child_start((const char* const[]){numbers[0], path, numbers[1], numbers[2], numbers[3],
                                           numbers[4], NULL});
}

void run_side_by_side(process_share share, const char* path, const swr_region* region) {
  checks_off("each process writes a share");
  child children[processes];
  for (int rank = 0; rank < processes; ++rank)
    children[rank] = start_share(share, path, region, rank);
  for (int rank = 0; rank < processes; ++rank) assert_int_equal(child_end(&children[rank]), 0);
  checks_on();
}

int paste_share(const char* path, const volume* v, const swr_region* box, int rank) {
  swr_writer* w = swr_writer_create();
  const int failed = swr_set_path(w, path) != SWR_OK ||
                     swr_set_existing(w, SWR_EXISTING_UPDATE) != SWR_OK ||
                     swr_set_paste_region(w, box) != SWR_OK || swr_set_threads(w, 1) != SWR_OK ||
                     swr_write(w, pull_volume, (void*)v) != SWR_OK;
  if (failed) print_error("process %d: %s\n", rank, swr_writer_message(w));
  swr_writer_destroy(w);
  return failed;
}

int paste_columns(const char* path, const volume* v, int rank) {
  for (int64_t x = rank; x < v->region.size[0]; x += processes) {
    const swr_region box = region_3d(x, 0, 0, 1, v->region.size[1], v->region.size[2]);
    if (paste_share(path, v, &box, rank)) return 1;
  }
  return 0;
}

int paste_pieces(const char* path, const volume* v, int rank, int64_t asked, int64_t slices) {
  swr_writer* w = swr_writer_create();
  int64_t count = 0;
  int failed = swr_set_path(w, path) != SWR_OK ||
               swr_set_existing(w, SWR_EXISTING_UPDATE) != SWR_OK ||
               swr_set_option(w, "split.align", "chunks") != SWR_OK ||
               swr_get_actual_divisions(w, asked, &count) != SWR_OK || count != 4;
  for (int64_t number = rank; number < count && !failed; number += processes) {
    swr_region piece;
    failed = swr_set_paste_region(w, NULL) != SWR_OK ||
             swr_get_split_region(w, number, asked, &piece) != SWR_OK ||
             piece.index[2] % slices != 0 || swr_set_paste_region(w, &piece) != SWR_OK ||
             swr_write(w, pull_volume, (void*)v) != SWR_OK;
  }
  if (failed) print_error("process %d: %s\n", rank, swr_writer_message(w));
  swr_writer_destroy(w);
  return failed;
}
