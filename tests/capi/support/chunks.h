/* Images in chunks, in one file: how they are made, changed and grown, and what has to hold for
 * each format that has them. */
#ifndef SWR_TESTS_CHUNKS_H
#define SWR_TESTS_CHUNKS_H

#include "support/support.h"

typedef struct chunk_form {
  const char *codec, *shape, *filter; /* NULL: unset */
} chunk_form;

swr_writer* chunk_writer(const char* path, const volume* v, const chunk_form* f);
void make_chunks(const char* path, const volume* v, const chunk_form* f);
/* Pastes a region of the volume. */
swr_status paste_with(swr_writer* w, const char* path, volume* v, const swr_region* box);
/* The same; the file is not written again. */
void paste_in_place(const char* path, volume* v, const swr_region* box);
/* Changes the volume, and the file with it. */
void change_in_place(const char* path, volume* v, const swr_region* box, uint64_t seed);
void grow_in_place(const char* path, const volume* grown, const swr_region* added);

/* Each makes a file of its own, and leaves an empty folder. */

/* Whatever the number of threads, of pieces, and the memory. */
void expect_bytes_of_pixels_alone(const char* path, const char* shape, const char* filter);
/* A limit that is far below the size of a slice. */
void expect_memory_within_limit(const char* path);
/* Pieces that the library chooses end where chunks do, and with "split.align" divisions too. */
void expect_pieces_end_with_chunks(const char* path);
/* Pixels that compress well, and boxes of noise, which do not: chunks get longer and move. */
void expect_room_reused(const char* path);
/* A chunk that is damaged stops only writes that need its old pixels. `words`: how the message
 * calls it. */
void expect_damage_in_the_way(const char* path, const char* words);
/* None of the old pixels is in the file any more. */
void expect_chunks_erased(const char* path);

/* Fails unless the file has this in it. */
void assert_file_says(const char* file, const char* words);

#endif
