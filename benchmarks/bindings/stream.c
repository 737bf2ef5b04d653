/* stream FILE GIBIBYTES: streams int16 pixels into FILE, each piece one bulk copy, and prints the
 * time. */
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

static double stream(const char* path, int64_t slices) {
  const swr_region image = {3, 0, {0}, {1024, 512, slices}};
  struct timespec from, to;
  swr_writer* w = swr_writer_create();
  clock_gettime(CLOCK_MONOTONIC, &from);
  if (swr_set_path(w, path) || swr_set_image_region(w, &image) ||
      swr_set_pixel_type(w, SWR_INT16, 1, SWR_KIND_SCALAR) || swr_set_divisions(w, slices) ||
      swr_write(w, source, NULL)) {
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
  pixels = malloc(1 << 20);
  memset(pixels, 7, 1 << 20);
  stream(argv[1], 256);
  printf("RESULT seconds=%.3f bytes=%lld\n", stream(argv[1], slices), (long long)slices << 20);
  return 0;
}
