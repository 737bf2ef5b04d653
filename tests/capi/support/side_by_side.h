/* Processes that write to one image at the same time. */
#ifndef SWR_TESTS_SIDE_BY_SIDE_H
#define SWR_TESTS_SIDE_BY_SIDE_H

#include "support/child.h"
#include "support/support.h"

enum { processes = 4 };

/* What a process does, by its number; it must not assert. Returns whether it failed. */
typedef int (*process_share)(const char* path, const volume* v, int rank);
/* The pixels that all of them write; the region begins at 0 and has three dimensions. */
volume shared_volume(const swr_region* region);

/* Each program calls this first in main(), with all its shares and NULL: a process that does one
 * of them does not return from it. */
void act_as_share(int argc, char** argv, const process_share* shares);
/* All processes at once; none fails. */
void run_side_by_side(process_share share, const char* path, const swr_region* region);
/* One of them; child_end() returns 0 if it did not fail. */
child start_share(process_share share, const char* path, const swr_region* region, int rank);

/* --- Shares --- */

/* Pastes the pixels of the box. */
int paste_share(const char* path, const volume* v, const swr_region* box, int rank);
/* Every fourth column of pixels, so that all chunks belong to all processes. */
int paste_columns(const char* path, const volume* v, int rank);
/* Every fourth piece of those that are asked for with "split.align", of which there are four: each
 * begins at a multiple of so many slices. */
int paste_pieces(const char* path, const volume* v, int rank, int64_t asked, int64_t slices);

#endif
