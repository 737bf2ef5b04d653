/* Changes of an existing image, two of which are made at the same time. */
#ifndef SWR_TESTS_CHANGES_H
#define SWR_TESTS_CHANGES_H

#include "capi/support/support.h"

typedef enum change_kind {
  PASTE = 0, /* a box; in place, or spliced */
  PASTE_AS_SOLE_WRITER,
  PASTE_AND_ERASE, /* as `swr redact` does */
  GROW,            /* along the slowest axis */
  REWRITE,         /* grows along the fastest axis: the file is written again */
  REPLACE,         /* by another image of the same size, or where there is none */
  change_kinds,
  CREATE = change_kinds /* where there is none; fails otherwise */
} change_kind;

extern const char* const change_names[change_kinds + 1];

/* One of the two. Each has slices of its own, so that both changes can be distinguished. */
typedef struct change {
  change_kind kind;
  int number;       /* 0 or 1 */
  const char* path; /* of the header */
  int waits;        /* the option "lock" is "wait" */
  int compressed;   /* CREATE, REPLACE: deflate, whatever the name says */
} change;

/* The image before: as tall as both changes need. */
volume image_before(void);
/* As `compressed`: not compressed, but in chunks; or these with a smaller version. */
enum { IN_CHUNKS = 2, WITH_LEVEL = 3 };
void make_image(const char* path, int compressed);
/* The smaller version is that of the image, if the file has one. */
void expect_level(const char* path, const volume* v);
/* Makes the change in the model; an image that was made larger stays so. */
void apply_change(const change* c, volume* v);
/* Makes the change in one call; only a status, since children of a test must not assert. `words`
 * gets the message if it is not NULL. */
swr_status make_change(const change* c, char words[256]);
/* The same in two steps: half of the pixels are there after the first. */
swr_writer* begin_change(const change* c);
void finish_change(const change* c, swr_writer* w);
/* The tests' own chunked formats: see chunks/. Each chunk of "image.chunks" is a file;
 * "image.boxes" is one file. */
int has_chunked_formats(void);
int is_chunked(const char* path);

/* Whether the image can have such changes: old pixels of a folder cannot be erased. */
int can_be_made(const char* path, int kind);
/* Whether both may run at the same time. */
int may_be_together(const change* a, const change* b, int compressed);

#endif
