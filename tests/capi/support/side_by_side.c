#define _XOPEN_SOURCE 700
#include "support/side_by_side.h"

#include <sys/wait.h>
#include <unistd.h>

#include "checked/checked.h"

void run_side_by_side(process_share share, const char* path, const volume* v) {
  checks_off("each process writes a share");
  pid_t children[processes];
  for (int rank = 0; rank < processes; ++rank) {
    children[rank] = fork();
    assert_true(children[rank] >= 0);
    if (children[rank] == 0) _exit(share(path, v, rank));
  }
  for (int rank = 0; rank < processes; ++rank) {
    int status = 0;
    assert_int_equal(waitpid(children[rank], &status, 0), children[rank]);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
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
