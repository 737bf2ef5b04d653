/* Appends the frames of a camera to a file that is complete at every checkpoint. Started again, it
 * goes on after the last frame that the file has; "fresh" as third word begins again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <swr/swr.h>

enum { width = 640, height = 480 };

/* The camera of this example. */
static void expose(uint16_t* frame, int64_t number) {
  for (int64_t y = 0; y < height; y++)
    for (int64_t x = 0; x < width; x++) *frame++ = (uint16_t)(x + y + 100 * number);
}

/* The frames that the file holds; 0 if it is not there. Another program can watch the file in the
 * same way while it grows: swr_reader_refresh() shows each checkpoint. */
static int64_t frames_in(const char* path) {
  swr_region image = {0};
  swr_reader* r = swr_reader_create();
  if (swr_reader_open(r, path) || swr_reader_get_image_region(r, &image)) image.size[2] = 0;
  swr_reader_destroy(r);
  return image.size[2];
}

int main(int argc, char** argv) {
  const char* const path = argc > 1 ? argv[1] : "series.mha";
  const int64_t frames = argc > 2 ? atoll(argv[2]) : 100;
  const int fresh = argc > 3 && strcmp(argv[3], "fresh") == 0;
  static uint16_t frame[width * height];
  const swr_region one = {3, 0, {0}, {width, height, 1}}; /* the size of the last axis is open */
  int64_t number = fresh ? 0 : frames_in(path);
  swr_writer* w = swr_writer_create();
  int failed = swr_set_path(w, path) || swr_set_image_region(w, &one) ||
               swr_set_pixel_type(w, SWR_UINT16, 1, SWR_KIND_SCALAR) ||
               swr_set_existing(w, fresh ? SWR_EXISTING_REPLACE : SWR_EXISTING_EXTEND) ||
               swr_set_option(w, "append.every_frames", "10") || /* what a crash may cost, */
               swr_set_option(w, "append.every_seconds", "0.5"); /* and after how long it is safe */
  for (int64_t end = number + frames; !failed && number < end; number++) {
    expose(frame, number);
    failed = swr_append(w, frame, sizeof frame);
  }
  failed = failed || swr_finish(w); /* stop and keep; swr_abandon() keeps the last checkpoint */
  if (failed) fprintf(stderr, "%s\n", swr_writer_message(w)); /* says how many frames are kept */
  swr_writer_destroy(w);
  if (!failed) printf("%s has %lld frames\n", path, (long long)frames_in(path));
  return failed;
}
