/* Makes an OME-Zarr image in chunks, with smaller versions of it, changes a box, and looks at the
 * largest of the smaller versions. */
#include <stdio.h>
#include <swr/swr.h>

static int32_t ramp(swr_piece* piece, void* user) {
  const swr_region* region = swr_piece_region(piece);
  uint16_t* pixel = swr_piece_buffer(piece);
  const uint16_t bright = *(const uint16_t*)user;
  if (pixel == NULL) return SWR_ERROR_MEMORY;
  for (int64_t z = region->index[2]; z < region->index[2] + region->size[2]; z++)
    for (int64_t y = region->index[1]; y < region->index[1] + region->size[1]; y++)
      for (int64_t x = region->index[0]; x < region->index[0] + region->size[0]; x++)
        *pixel++ = bright ? bright : (uint16_t)(x + y + z);
  return SWR_OK;
}

int main(int argc, char** argv) {
  const char* const path = argc > 1 ? argv[1] : "cells.zarr";
  const swr_region image = {3, 0, {0}, {512, 384, 64}}, box = {3, 0, {100, 200, 16}, {64, 64, 8}};
  const double spacing[3] = {0.0005, 0.0005, 0.002}; /* in mm, whatever the file's unit is */
  uint16_t bright = 0;
  swr_region small = {0};
  swr_writer* w = swr_writer_create();
  swr_reader* r = swr_reader_create();
  int failed = swr_set_path(w, path) || swr_set_image_region(w, &image) ||
               swr_set_pixel_type(w, SWR_UINT16, 1, SWR_KIND_SCALAR) ||
               swr_set_spacing(w, spacing, 3);
  for (int32_t axis = 0; axis < 3 && !failed; axis++)
    failed = swr_set_axis_unit(w, axis, SWR_UNIT_MICROMETRE);
  failed = failed || swr_set_option(w, "chunk.shape", "128,128,16") ||
           swr_set_option(w, "pyramid.levels", "auto") || swr_write(w, ramp, &bright);
  bright = 65535;
  failed = failed || swr_set_paste_region(w, &box) ||
           swr_write(w, ramp, &bright); /* the box, and what stands for it in the levels */
  if (failed) fprintf(stderr, "%s\n", swr_writer_message(w));
  if (!failed) {
    failed = swr_reader_set_option(r, "pyramid.level", "1") || swr_reader_open(r, path) ||
             swr_reader_get_image_region(r, &small);
    if (failed) fprintf(stderr, "%s\n", swr_reader_message(r));
  }
  if (!failed)
    printf("%s: level 1 has %lld x %lld x %lld pixels\n", path, (long long)small.size[0],
           (long long)small.size[1], (long long)small.size[2]);
  swr_reader_destroy(r);
  swr_writer_destroy(w);
  return failed;
}
