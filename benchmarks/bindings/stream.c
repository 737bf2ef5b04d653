/* stream FILE GIBIBYTES [MEBIBYTES [put]]: streams int16 pixels into FILE in pieces of so many
 * MiB (1 unless given), each one bulk copy into the library's buffer, or put. Prints the time. */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <swr/swr.h>
#include <time.h>

static int16_t* pixels;

static int32_t source(swr_piece* piece, void* user) {
  void* buffer = swr_piece_buffer(piece);
  (void)user;
  if (!buffer) return SWR_ERROR_MEMORY;
  memcpy(buffer, pixels, (size_t)swr_piece_bytes(piece));
  return SWR_OK;
}

static int put(swr_writer* w, int64_t slices, int64_t slab) {
  swr_region region = {3, 0, {0}, {1024, 512, slab}};
  int status = swr_begin(w);
  for (; !status && region.index[2] < slices; region.index[2] += slab)
    status = swr_put(w, &region, pixels, slab << 20);
  return status ? status : swr_finish(w);
}

static double stream(const char* path, int64_t slices, int64_t slab, int puts) {
  const swr_region image = {3, 0, {0}, {1024, 512, slices}};
  struct timespec from, to;
  swr_writer* w = swr_writer_create();
  clock_gettime(CLOCK_MONOTONIC, &from);
  if (swr_set_path(w, path) || swr_set_image_region(w, &image) ||
      swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR) || swr_set_divisions(w, slices / slab) ||
      (puts ? put(w, slices, slab) : (int)swr_write(w, source, NULL))) {
    fprintf(stderr, "%s\n", swr_writer_message(w));
    exit(1);
  }
  clock_gettime(CLOCK_MONOTONIC, &to);
  swr_writer_destroy(w);
  remove(path);
  return (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
}

int main(int argc, char** argv) {
  const int64_t slices = 1024 * atoll(argc > 2 ? argv[2] : "2"); /* of 1 MiB */
  const int64_t slab = atoll(argc > 3 ? argv[3] : "1");
  pixels = malloc((size_t)slab << 20);
  memset(pixels, 7, (size_t)slab << 20);
  stream(argv[1], 256, slab, argc > 4);
  printf("RESULT seconds=%.3f bytes=%lld\n", stream(argv[1], slices, slab, argc > 4),
         (long long)slices << 20);
  return 0;
}
