/* Compressed files of other programs: swr's files, inflated and deflated again by zlib. */
#ifndef SWR_TESTS_FOREIGN_H
#define SWR_TESTS_FOREIGN_H

#include <zlib.h>

#include "support/support.h"

typedef enum foreign_shape {
  ONE_STREAM,
  FLUSHED,      /* after each 4096 bytes, as writers do that can be read from the middle */
  TWO_MEMBERS,  /* of gzip */
  MANY_MEMBERS, /* of gzip, of 4096 bytes each, as bgzip makes them */
  TRAILING_BYTES,
  DICTIONARY /* of zlib */
} foreign_shape;

typedef struct foreign_encoding {
  int level, strategy, memory; /* as zlib has them */
  foreign_shape shape;
} foreign_encoding;

/* The file that holds the stream of an image that was written, and where in it the stream
 * begins. */
void stream_path(const test_case* t, char out[64]);
int64_t stream_begin(const unsigned char* file, int64_t bytes);
/* What the stream inflates to, to be freed. `most`: no stream gives more. */
unsigned char* inflated_stream(const test_case* t, int64_t most, int64_t* raw_bytes);
/* Whether the kind has gzip streams; else they are zlib's. */
int makes_gzip(const test_case* t);

/* Writes the volume as another program would. */
void make_foreign(const test_case* t, const volume* v, const foreign_encoding* how);
/* Replaces the stream of an image: its file, and the length that a header may contain. */
void replace_stream(const test_case* t, const unsigned char* stream, int64_t bytes);

/* int16: soft shapes with some noise, deflates to about a third. */
volume scan(const swr_region* region);

#endif
