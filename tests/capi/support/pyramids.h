/* Smaller versions of an image, made by a plain model, and those of a file. */
#ifndef SWR_TESTS_PYRAMIDS_H
#define SWR_TESTS_PYRAMIDS_H

#include "support/support.h"

/* The next level: half as many pixels along the first axes, rounded up. */
volume smaller(const volume* v, int halved, int is_nearest);

/* A reader of this level, 0 being the image. */
swr_reader* level_reader(int level);
volume read_level(const char* path, int level, const volume* like);
int level_count(const char* path);
/* The file holds the image, and levels that are made of it. */
void assert_levels(const char* path, const volume* v, int halved, int levels, int is_nearest);

#endif
