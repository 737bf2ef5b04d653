/* Zarr images whose files are shards. */
#ifndef SWR_TESTS_SHARDS_H
#define SWR_TESTS_SHARDS_H

#include "support/support.h"

enum { entry_bytes = 16, checksum_bytes = 4 }; /* of the index of a shard */

/* A writer of a new image "image.zarr". `shard` may be NULL: no shards. */
swr_writer* shard_writer(const volume* v, const char* codec, const char* chunk, const char* shard);
void make_shards(const volume* v, const char* codec, const char* chunk, const char* shard);
/* Pastes the pixels of `from` in the box; returns the bytes that were written. */
int64_t paste_into_shards(const volume* from, const swr_region* box);
/* Expects that the paste fails, with these words, and that no file changes. */
void expect_no_paste(const volume* from, const swr_region* box, swr_status status,
                     const char* words);
/* The same, and `v` has the new pixels too. */
int64_t paste_both(volume* v, const volume* from, const swr_region* box);
/* The path of the shard at these numbers, the slowest axis first; valid until the fourth call. */
const char* shard_at(int z, int y, int x);
/* A number of an index. */
uint64_t number_at(const unsigned char* at);
/* Pixels that no codec makes smaller. */
void volume_noise(volume* v, uint64_t seed);

#endif
